use super::*;

const BASELINE: &str =
    "apiVersion: cattlegrid.dev/v1alpha1\nkind: AgentBaseline\nmetadata: {name: default}\n";

fn source(text: &str) -> Source {
    Source {
        name: "file.yaml".to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn a_directory_is_read_in_the_order_of_names_without_tests_and_hidden_entries() {
    let directory = tempfile::tempdir().unwrap();
    for file in [
        "b/policy.yaml",
        "b/tests.yaml",
        "a/policy.yml",
        "..data/policy.yaml",
        "README.md",
    ] {
        let path = directory.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file).unwrap();
    }
    let read = read_policies(directory.path()).unwrap();
    let texts: Vec<&str> = read.iter().map(|source| source.text.as_str()).collect();
    assert_eq!(texts, ["a/policy.yml", "b/policy.yaml"]);
}

#[test]
fn a_directory_without_policies_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let error = read_policies(directory.path()).unwrap_err();
    assert!(error.to_string().contains("no policies here"), "{error}");
}

#[test]
fn a_baseline_is_found_beside_other_objects() {
    assert!(baseline(&source(&format!("kind: Namespace\n---\n{BASELINE}"))).is_ok());
}

#[test]
fn a_file_without_exactly_one_baseline_is_refused() {
    for (text, expected) in [
        ("kind: Namespace", "file.yaml: no AgentBaseline here"),
        (
            &*format!("{BASELINE}---\n{BASELINE}"),
            "file.yaml: more than one AgentBaseline",
        ),
        ("a: [", "file.yaml:1:"),
    ] {
        let error = baseline(&source(text)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn broken_files_are_reported_with_their_line() {
    let error = compile(&[source("kind: Namespace\n---\na: b\na: c\n")]).unwrap_err();
    assert!(error.to_string().starts_with("file.yaml:4:"), "{error}");
}

#[test]
fn what_looks_like_a_policy_and_would_be_passed_over_is_refused() {
    for (text, expected) in [
        (
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmisionPolicy\n",
            "file.yaml:2:7: `ValidatingAdmisionPolicy` is no kind of admissionregistration.k8s.io",
        ),
        (
            "apiVersion: admission.k8s.io/v1\nkind: ValidatingAdmissionPolicy\n",
            "file.yaml:1:13: `admission.k8s.io/v1` has no ValidatingAdmissionPolicy",
        ),
        ("spec: {}\n", "file.yaml:1:1: no Kubernetes object"),
    ] {
        let error = compile(&[source(text)]).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_set_without_policies_is_refused() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";
    let error = compile(&[source(text)]).unwrap_err().to_string();
    assert_eq!(error, "no policy in file.yaml; nothing would be judged");
}

#[test]
fn an_action_that_yaml_reads_as_false_is_refused_with_the_reason() {
    let text = format!("{BASELINE}spec: {{policies: {{host-paths: {{action: off}}}}}}\n");
    let error = baseline(&source(&text)).unwrap_err().to_string();
    assert!(
        error.contains("spec.policies[host-paths].action: `false`"),
        "{error}"
    );
    assert!(error.contains("in quotes"), "{error}");
}

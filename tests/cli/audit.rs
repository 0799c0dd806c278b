//! `cattlegrid audit`.

use crate::{cattlegrid, directory, path, stderr, stdout};

const NAMESPACE: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: agents, labels: {cattlegrid.dev/agents: enforce}}
---
";

fn job(volumes: &str) -> String {
    format!(
        "{NAMESPACE}apiVersion: batch/v1
kind: Job
metadata: {{generateName: a-, namespace: agents}}
spec:
  template:
    spec:
      containers: [{{name: agent, image: 'r.example/a@sha256:{digest}'}}]
      volumes: {volumes}
",
        digest = "0".repeat(64)
    )
}

/// What nobody knows of a Namespace with the label.
const RIGHTS: &str = "\
note: not evaluated: it depends on the rights of whoever submits the object; say who with --as USER, and give their Roles and bindings
 |
 = note: agent-namespace: Namespace agents

";

#[test]
fn a_clean_input_exits_with_0() {
    let files = directory(&[("job.yaml", &job("[]"))]);
    let output = cattlegrid(&["audit", &path(&files, "job.yaml")]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(
        stdout(&output),
        format!("{RIGHTS}2 objects judged, 1 rule not evaluated\n")
    );
}

#[test]
fn a_denied_object_exits_with_1_and_points_at_the_line() {
    let files = directory(&[("k8s/job.yaml", &job("[{name: n, hostPath: {path: /run}}]"))]);
    let output = cattlegrid(&["audit", files.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("error[host-paths]"), "{text}");
    assert!(text.contains("k8s/job.yaml:12:"), "{text}");
    assert!(
        text.contains("spec.template.spec.volumes[0].hostPath"),
        "{text}"
    );
}

#[test]
fn an_unreadable_document_exits_with_2_and_hides_no_other() {
    let text = format!("a: [\n---\n{}", job("[{name: n, hostPath: {path: /run}}]"));
    let files = directory(&[("job.yaml", &text)]);
    let output = cattlegrid(&["audit", &path(&files, "job.yaml")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stdout(&output).contains("[host-paths]"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_missing_file_and_an_empty_directory_are_errors_that_name_them() {
    let files = directory(&[]);
    let missing = path(&files, "missing.yaml");
    for (argument, expected) in [
        (missing.as_str(), "missing.yaml: cannot be read"),
        (files.path().to_str().unwrap(), "no manifests here"),
    ] {
        let output = cattlegrid(&["audit", argument]);
        assert_eq!(output.status.code(), Some(2), "{argument}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}

#[test]
fn a_policy_with_a_typing_error_is_named_with_file_and_line() {
    let policy = "apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: typo}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  validations:
    - expression: objcet.metadata.name != ''
";
    let files = directory(&[("policies/typo.yaml", policy), ("job.yaml", &job("[]"))]);
    let policies = path(&files, "policies");
    let output = cattlegrid(&["audit", "--policies", &policies, &path(&files, "job.yaml")]);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(text.contains("typo.yaml:9:"), "{text}");
    assert!(text.contains("undeclared reference to 'objcet'"), "{text}");
}

#[test]
fn objects_in_unknown_namespaces_are_not_evaluated_and_say_how_to_change_that() {
    let text = job("[]").replace("namespace: agents", "namespace: elsewhere");
    let files = directory(&[("job.yaml", &text)]);
    let output = cattlegrid(&["audit", &path(&files, "job.yaml")]);
    assert!(
        stdout(&output).contains("not evaluated: namespace `elsewhere`"),
        "{}",
        stdout(&output)
    );
    let output = cattlegrid(&[
        "audit",
        "--assume-agents",
        "enforce",
        &path(&files, "job.yaml"),
    ]);
    assert_eq!(
        stdout(&output),
        format!("{RIGHTS}2 objects judged, 1 rule not evaluated\n")
    );
}

#[test]
fn the_items_of_a_list_are_judged_each() {
    let text = format!(
        "{NAMESPACE}apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {{name: state, namespace: agents}}
    spec: {{}}
"
    );
    let files = directory(&[("list.yaml", &text)]);
    let output = cattlegrid(&["audit", &path(&files, "list.yaml")]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(
        stdout(&output).contains("[persistent-volumes]"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn mutations_are_shown_as_a_diff() {
    let files = directory(&[("job.yaml", &job("[]"))]);
    let output = cattlegrid(&["audit", "--show-mutations", &path(&files, "job.yaml")]);
    let text = stdout(&output);
    for line in [
        "+  ttlSecondsAfterFinished: 3600",
        "+      serviceAccountName: agent-shadow",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn an_object_with_a_label_that_the_baseline_names_is_held_to_the_rules() {
    let baseline = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/manifests/baseline/default.yaml"
    ))
    .unwrap()
    .replace(
        "agentLabels: []",
        "agentLabels: [{key: example.dev/agent, values: [yes-please]}]",
    );
    let labelled = |value: &str| {
        job("[{name: n, hostPath: {path: /run}}]")
            .replace("labels: {cattlegrid.dev/agents: enforce}", "labels: {}")
            .replace(
                "generateName: a-",
                &format!("generateName: a-, labels: {{example.dev/agent: {value}}}"),
            )
    };
    for (value, code) in [("yes-please", 1), ("another", 0)] {
        let files = directory(&[("baseline.yaml", &baseline), ("job.yaml", &labelled(value))]);
        let (job, baseline) = (path(&files, "job.yaml"), path(&files, "baseline.yaml"));
        let output = cattlegrid(&["audit", &job, "--baseline", &baseline]);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{value}: {}",
            stdout(&output)
        );
        assert_eq!(stdout(&output).contains("error[host-paths]"), code == 1);
    }
}

#[test]
fn a_chart_that_is_not_to_be_rendered_is_recognised_and_not_judged() {
    let files = directory(&[
        ("chart/Chart.yaml", "name: c\n"),
        (
            "chart/templates/job.yaml",
            "{{- if .Values.on }}\nkind: Job\n{{ end }}\n",
        ),
        ("job.yaml", &job("[]")),
    ]);
    let output = cattlegrid(&["audit", "--no-render", files.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("helm template"),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        stdout(&output),
        format!("{RIGHTS}2 objects judged, 1 rule not evaluated, 1 input unreadable\n")
    );
    let templates = path(&files, "chart/templates");
    let output = cattlegrid(&["audit", &templates]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stdout(&output).contains("has not been rendered"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn policies_that_are_none_are_refused() {
    let files = directory(&[("job.yaml", &job("[]"))]);
    let output = cattlegrid(&[
        "audit",
        &path(&files, "job.yaml"),
        "--policies",
        files.path().to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no policy in"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn metadata_that_is_no_text_is_an_error_at_its_place() {
    for (written, place) in [
        (
            job("[]").replace("namespace: agents}", "namespace: no}"),
            "job.yaml:7:",
        ),
        (job("[]").replace("enforce}", "yes}"), "job.yaml:3:"),
    ] {
        let files = directory(&[("job.yaml", &written)]);
        let output = cattlegrid(&["audit", &path(&files, "job.yaml")]);
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
        let text = stdout(&output);
        assert!(
            text.contains("put it in quotes") && text.contains(place),
            "{text}"
        );
    }
}

#[test]
fn an_input_without_objects_is_an_error() {
    let files = directory(&[("empty.yaml", "# rendered to nothing\n---\n")]);
    let output = cattlegrid(&["audit", &path(&files, "empty.yaml")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no object in the input"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn an_action_for_a_policy_that_does_not_exist_is_told() {
    let baseline = "apiVersion: cattlegrid.dev/v1alpha1\nkind: AgentBaseline\n\
                    metadata: {name: default}\nspec: {policies: {hostpaths: {action: warn}}}\n";
    let files = directory(&[("baseline.yaml", baseline), ("namespace.yaml", NAMESPACE)]);
    let output = cattlegrid(&[
        "audit",
        &path(&files, "namespace.yaml"),
        "--baseline",
        &path(&files, "baseline.yaml"),
    ]);
    assert!(
        stderr(&output).contains("there is no policy `hostpaths`"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_line_that_may_hold_a_credential_is_named_and_not_shown() {
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let text = job("[]").replace(
        "containers: [{",
        &format!("containers: [{{env: [{{name: FORGE, value: {secret}}}], "),
    );
    let files = directory(&[("job.yaml", &text)]);
    let output = cattlegrid(&["audit", &path(&files, "job.yaml")]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("error[static-credentials]"), "{text}");
    assert!(text.contains("job.yaml:11:"), "{text}");
    assert!(!text.contains(secret), "{text}");
}

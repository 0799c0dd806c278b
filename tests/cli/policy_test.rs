//! `cattlegrid policy test`.

use std::process::Output;

use crate::{cattlegrid, directory, path, stderr, stdout};

const POLICY: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: teams}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
    - expression: \"has(object.metadata.labels) && 'team' in object.metadata.labels\"
      message: whose is it
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: teams}
spec: {policyName: teams, validationActions: [Deny]}
";

const TESTS: &str = "\
objects:
  map: {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}
cases:
  - name: a team passes
    object: {from: map, merge: {metadata: {labels: {team: a}}}}
    allow: true
  - name: nobody's is refused
    object: {from: map}
    deny: [{path: metadata.labels, message: whose is it}]
";

fn test(files: &[(&str, &str)], arguments: &[&str]) -> (Output, tempfile::TempDir) {
    let directory = directory(files);
    let root = directory.path().to_str().unwrap();
    let output = cattlegrid(&[&["policy", "test", root], arguments].concat());
    (output, directory)
}

#[test]
fn the_shipped_policies_pass() {
    let output = cattlegrid(&["policy", "test", "--policy", "host-paths"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(
        stdout(&output).ends_with("cases of 1 policy, all as expected\n"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn other_peoples_policies_are_tested_alike() {
    let (output, _) = test(
        &[("teams/all.yaml", POLICY), ("teams/tests.yaml", TESTS)],
        &[],
    );
    assert_eq!(
        stdout(&output),
        "2 cases of 1 policy, all as expected\n",
        "{}",
        stderr(&output)
    );
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn parameters_of_any_kind_are_among_what_exists() {
    let policy = POLICY
        .replace(
            "spec:\n  match",
            "spec:\n  paramKind: {apiVersion: v1, kind: ConfigMap}\n  match",
        )
        .replace("'team' in", "params.data.label in")
        .replace(
            "validationActions: [Deny]",
            "validationActions: [Deny], paramRef: {name: p, parameterNotFoundAction: Deny}",
        );
    let params = "{apiVersion: v1, kind: ConfigMap, metadata: {name: p}, data: {label: team}}";
    let tests = TESTS.replace(
        "object: {from",
        &format!("existing: [{params}]\n    object: {{from"),
    );
    let (output, _) = test(&[("all.yaml", &policy), ("tests.yaml", &tests)], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let (output, _) = test(&[("all.yaml", &policy), ("tests.yaml", TESTS)], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
}

#[test]
fn what_differs_is_shown_as_a_diff_with_file_and_line() {
    let tests = TESTS.replace("whose is it", "whose is this");
    let (output, files) = test(
        &[("teams/all.yaml", POLICY), ("teams/tests.yaml", &tests)],
        &[],
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stdout(&output),
        format!(
            "teams: nobody's is refused
  --> {}:7
    - metadata.labels: whose is this
    + metadata.labels: whose is it

2 cases of 1 policy, 1 differ (- expected, + found)
",
            path(&files, "teams/tests.yaml")
        )
    );
}

#[test]
fn what_is_untried_or_unused_is_a_gap() {
    let only_passing = TESTS.split("  - name: nobody's").next().unwrap();
    let files = [
        ("teams/all.yaml", POLICY),
        ("teams/tests.yaml", only_passing),
        ("teams/notes.txt", ""),
        ("untested/all.yaml", POLICY),
        ("lonely/tests.yaml", TESTS),
        ("empty/README.md", ""),
    ];
    let (output, _) = test(&files, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    for gap in [
        "teams: validations[0] (whose is it) fails in no case",
        "no case is refused",
        "notes.txt is unused",
        "there is no tests.yaml",
        "tests.yaml has no policy beside it",
        "there is no policy here",
    ] {
        assert!(text.contains(gap), "{gap}\n{text}");
    }
    assert!(text.ends_with("6 gaps\n"), "{text}");
}

#[test]
fn what_cannot_be_read_exits_with_2_and_hides_nothing_else() {
    let broken = POLICY.replace("object.metadata.labels)", "objekt.metadata.labels)");
    let files = [
        ("broken/all.yaml", broken.as_str()),
        ("broken/tests.yaml", TESTS),
        ("misspelt/all.yaml", POLICY),
        ("misspelt/tests.yaml", &TESTS.replace("allow:", "alow:")),
        ("teams/all.yaml", POLICY),
        ("teams/tests.yaml", TESTS),
    ];
    let (output, _) = test(&files, &[]);
    assert_eq!(output.status.code(), Some(2));
    let errors = stderr(&output);
    for expected in [
        "broken/all.yaml:9:",
        "objekt",
        "misspelt/tests.yaml",
        "alow",
    ] {
        assert!(errors.contains(expected), "{expected}\n{errors}");
    }
    assert_eq!(
        stdout(&output),
        "2 cases of 1 policy, 2 folders unreadable\n"
    );
}

#[test]
fn a_case_that_cannot_be_run_exits_with_2() {
    let tests = TESTS.replace("kind: ConfigMap", "kind: ConfigMaps");
    let (output, _) = test(&[("all.yaml", POLICY), ("tests.yaml", &tests)], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stdout(&output).contains("cannot be run: kind `ConfigMaps` is not known"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn wrong_arguments_say_what_is_meant() {
    let files = directory(&[("empty/README.md", "")]);
    let (empty, missing) = (path(&files, "empty"), path(&files, "missing"));
    for (arguments, expected) in [
        (vec![empty.as_str()], "empty: no policies here"),
        (vec![&missing], "missing: cannot be read"),
        (vec!["policies/host-paths/tests.yaml"], "name the folder"),
        (
            vec!["--policy", "host-path"],
            "there is no policy `host-path` in these directories; did you mean `host-paths`?",
        ),
        (vec!["--baseline", "Cargo.toml"], "Cargo.toml"),
    ] {
        let output = cattlegrid(&[&["policy", "test"], arguments.as_slice()].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            stderr(&output).contains(expected),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
}

//! `cattlegrid audit` with PolicyExceptions.

use crate::{cattlegrid, directory, path, stderr, stdout};

/// A Job in an agent namespace that mounts something of the node.
const PET: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: agents, labels: {cattlegrid.dev/agents: enforce}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: scan, namespace: agents, labels: {app: scanner}}
spec:
  template:
    metadata: {labels: {app: scanner}}
    spec:
      containers: [{name: agent, image: 'r.example/a@sha256:0000000000000000000000000000000000000000000000000000000000000000'}]
      volumes: [{name: run, hostPath: {path: /run}}]
";

fn exception(more: &str) -> String {
    format!(
        "apiVersion: cattlegrid.dev/v1alpha1
kind: PolicyException
metadata: {{name: old-scanner}}
spec:
  policies: [host-paths]
  namespaces: [agents]
  owner: team-a@example.com
  reason: the scanner is replaced in March
{more}"
    )
}

fn lasting() -> String {
    exception("  expires: 2999-03-31T00:00:00Z\n")
}

#[test]
fn what_an_exception_lets_off_is_told_and_not_denied() {
    let files = directory(&[("pet.yaml", PET), ("exceptions.yaml", &lasting())]);
    let (pet, exceptions) = (path(&files, "pet.yaml"), path(&files, "exceptions.yaml"));
    let denied = cattlegrid(&["audit", &pet]);
    assert_eq!(denied.status.code(), Some(1), "{}", stdout(&denied));
    for arguments in [
        vec!["audit", &pet, "--exceptions", &exceptions],
        vec!["audit", files.path().to_str().unwrap()],
        vec![
            "audit",
            files.path().to_str().unwrap(),
            "--exceptions",
            &exceptions,
        ],
    ] {
        let output = cattlegrid(&arguments);
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(0), "{text}");
        assert_eq!(stderr(&output), "", "{arguments:?}");
        for line in [
            "note[host-paths]: ",
            "pet.yaml:13:",
            "excepted by old-scanner until 2999-03-31T00:00:00Z: the scanner is replaced in March \
             (team-a@example.com)",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert!(text.contains(", 1 excepted, "), "{text}");
    }
}

#[test]
fn an_expired_exception_has_no_effect_and_is_told() {
    let expired = exception("  expires: 2020-03-31T00:00:00Z\n");
    let files = directory(&[("pet.yaml", PET), ("exceptions.yaml", &expired)]);
    let output = cattlegrid(&["audit", files.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("error[host-paths]"),
        "{}",
        stdout(&output)
    );
    assert_eq!(
        stderr(&output),
        "warning: PolicyException `old-scanner` expired at 2020-03-31T00:00:00Z and has no effect; \
         have team-a@example.com renew or delete it\n"
    );
}

#[test]
fn an_exception_for_other_labels_or_another_namespace_has_no_effect() {
    let elsewhere = lasting().replace("[agents]", "[agents-2]");
    let others = format!(
        "{}  objectSelector: {{matchLabels: {{app: other}}}}\n",
        lasting()
    );
    let own = format!(
        "{}  objectSelector: {{matchLabels: {{app: scanner}}}}\n",
        lasting()
    );
    for (exception, code) in [(elsewhere, 1), (others, 1), (own, 0)] {
        let files = directory(&[("pet.yaml", PET), ("exceptions.yaml", &exception)]);
        let output = cattlegrid(&["audit", files.path().to_str().unwrap()]);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{exception}\n{}",
            stdout(&output)
        );
    }
}

#[test]
fn a_malformed_exception_is_an_error_with_its_place_and_has_no_effect() {
    let malformed = exception("  expires: next year\n");
    let files = directory(&[("pet.yaml", PET), ("exceptions.yaml", &malformed)]);
    let (pet, exceptions) = (path(&files, "pet.yaml"), path(&files, "exceptions.yaml"));
    for arguments in [
        ["audit", &pet, "--exceptions", &exceptions],
        ["audit", &pet, "-f", &exceptions],
    ] {
        let output = cattlegrid(&arguments);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("exceptions.yaml:9:12: spec.expires: `next year` is no time"),
            "{}",
            stderr(&output)
        );
        assert!(
            stdout(&output).contains("error[host-paths]"),
            "{}",
            stdout(&output)
        );
    }
}

#[test]
fn an_exception_for_a_policy_that_does_not_exist_is_told() {
    let unknown = lasting().replace("[host-paths]", "[hostpaths, inject-bounds]");
    let files = directory(&[("pet.yaml", PET), ("exceptions.yaml", &unknown)]);
    let output = cattlegrid(&["audit", files.path().to_str().unwrap()]);
    let text = stderr(&output);
    assert!(
        text.contains("PolicyException `old-scanner`: there is no policy `hostpaths`"),
        "{text}"
    );
    assert!(
        text.contains("policy `inject-bounds` fills in and refuses nothing"),
        "{text}"
    );
}

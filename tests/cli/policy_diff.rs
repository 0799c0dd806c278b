//! `cattlegrid policy diff`.

use std::process::Output;

use crate::{cattlegrid, directory, path, stderr, stdout};

const MANIFESTS: &str = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: small}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: large}
data: {a: b}
";

/// A policy with one validation per entry: name, expression, message.
fn policy(action: &str, validations: &[(&str, &str)]) -> String {
    let validations: String = validations
        .iter()
        .map(|(expression, message)| {
            format!("    - {{expression: \"{expression}\", message: {message}}}\n")
        })
        .collect();
    format!(
        "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: maps}}
spec:
  matchConstraints:
    resourceRules:
      - {{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}}
  validations:
{validations}---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: maps}}
spec: {{policyName: maps, validationActions: [{action}]}}
"
    )
}

fn diff(old: &str, new: &str) -> (Output, String) {
    let files = directory(&[
        ("old/maps.yaml", old),
        ("new/maps.yaml", new),
        ("manifests.yaml", MANIFESTS),
    ]);
    let output = cattlegrid(&[
        "policy",
        "diff",
        &path(&files, "old"),
        &path(&files, "new"),
        "-f",
        &path(&files, "manifests.yaml"),
        "--assume-agents",
        "enforce",
    ]);
    let text = stdout(&output).replace(&path(&files, ""), "");
    (output, text)
}

#[test]
fn sets_that_say_the_same_exit_with_0() {
    let set = policy("Deny", &[("!has(object.data)", "no data")]);
    let (output, text) = diff(&set, &set);
    assert_eq!(text, "2 objects judged by both, nothing changes\n");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn what_changes_is_told_object_by_object() {
    let none = policy("Deny", &[("true", "never")]);
    let one = policy("Deny", &[("!has(object.data)", "no data")]);
    let other = policy("Deny", &[("!has(object.data)", "data belongs elsewhere")]);
    let warning = policy("Warn", &[("!has(object.data)", "no data")]);
    for (old, new, expected) in [
        (&none, &one, "  newly denied:\n    + [maps] data: no data\n"),
        (
            &one,
            &none,
            "  no longer denied:\n    - [maps] data: no data\n",
        ),
        (
            &one,
            &other,
            "  other message:\n    - [maps] data: no data\n    + [maps] data: data belongs elsewhere\n",
        ),
        (
            &one,
            &warning,
            "  warned of, was denied:\n    [maps] data: no data\n",
        ),
    ] {
        let (output, text) = diff(old, new);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert_eq!(
            text,
            format!(
                "manifests.yaml: ConfigMap default/large\n{expected}\n\
                 2 objects judged by both, 1 verdict of 1 object differs\n"
            )
        );
    }
}

#[test]
fn what_cannot_be_used_exits_with_2_and_is_named() {
    let set = policy("Deny", &[("true", "never")]);
    let files = directory(&[
        ("old/maps.yaml", set.as_str()),
        (
            "broken/maps.yaml",
            &policy("Deny", &[("objekt.a", "never")]),
        ),
        ("manifests.yaml", MANIFESTS),
        ("empty.yaml", ""),
        ("unreadable.yaml", "a: [\n"),
    ]);
    let path = |name| path(&files, name);
    let (old, broken, missing) = (path("old"), path("broken"), path("missing"));
    let (manifests, empty) = (path("manifests.yaml"), path("empty.yaml"));
    let unreadable = path("unreadable.yaml");
    for (arguments, expected) in [
        ([&old, &missing, &manifests], "missing: cannot be listed"),
        ([&old, &broken, &manifests], "broken/maps.yaml:9:"),
        ([&old, &old, &empty], "there is no object in the input"),
        ([&old, &old, &missing], "missing: cannot be read"),
        ([&old, &old, &unreadable], "unreadable.yaml:1:4"),
    ] {
        let [old, new, manifests] = arguments;
        let output = cattlegrid(&["policy", "diff", old, new, "-f", manifests]);
        assert_eq!(output.status.code(), Some(2), "{expected}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}

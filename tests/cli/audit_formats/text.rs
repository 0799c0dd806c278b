//! What `-o text` never does, and what it does with many findings.

use serde_json::json;

use super::{audit, fixture};
use crate::{cattlegrid, directory, path, stderr, stdout};

#[test]
fn nothing_in_a_manifest_steers_the_terminal() {
    let text = std::fs::read_to_string(fixture("manifests")).unwrap();
    let text = text
        .replace("path: /run", "path: \"/run\\e[2J\\x9b2J\"")
        .replace("name: run,", "name: \"run\\e[2J\",")
        .replace("denied-", "\"denied\\e[31m-\"");
    let files = directory(&[("a\u{1b}[2Jb.yaml", &text), ("b.yaml", "a: \u{1b}[2J\n")]);
    for format in ["text", "json", "github"] {
        for more in ["--strict", "--show-mutations", "missing\u{1b}[2J.yaml"] {
            let directory = files.path().display().to_string();
            let mut arguments = vec!["audit", "-o", format, directory.as_str()];
            arguments.push(more);
            let output = cattlegrid(&arguments);
            for text in [stdout(&output), stderr(&output)] {
                let steers = |c: char| c.is_control() && c != '\n' && c != '\t';
                let position = text.find(steers);
                let around = position.map(|at| text.get(at.saturating_sub(60)..at + 20));
                assert_eq!(around, None, "{format}");
            }
        }
    }
}

#[test]
fn what_is_said_twice_of_an_object_is_one_report_with_both_lines() {
    let text = stdout(&audit("text", "manifests", &[]));
    let message = "error[image-provenance]: the image has no digest";
    assert_eq!(text.matches(message).count(), 1, "{text}");
    for line in ["r.example/a:1", "r.example/proxy:1"] {
        assert!(text.contains(line), "{text}");
    }
}

const POLICY: &str = "\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: labelled
  annotations: {cattlegrid.dev/remediation: Add label team.}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
    - {expression: 'has(object.metadata.labels)', message: no team}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: labelled}
spec: {policyName: labelled, validationActions: [Deny]}
";

#[test]
fn advice_that_no_message_gives_is_printed_once_and_many_findings_are_counted() {
    let objects: Vec<String> = (0..30)
        .map(|n| {
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}, namespace: agents}}\n"
            )
        })
        .collect();
    let files = directory(&[
        ("policies/labelled.yaml", POLICY),
        ("objects.yaml", &objects.join("---\n")),
    ]);
    let output = cattlegrid(&[
        "audit",
        "--policies",
        &path(&files, "policies"),
        &path(&files, "objects.yaml"),
        "--assume-agents",
        "enforce",
    ]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}{}", stderr(&output));
    assert_eq!(text.matches("help: Add label team.").count(), 1, "{text}");
    assert_eq!(text.matches("error[labelled]: no team").count(), 30);
    assert!(text.contains("    30 deny     labelled\n"), "{text}");
}

#[test]
fn of_a_line_that_holds_everything_the_part_that_is_meant_is_shown_with_its_column() {
    let object = |n: usize| {
        let name = format!("c{n}-{}", "x".repeat(100));
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "a"}})
    };
    let items: Vec<_> = (0..200).map(object).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let files = directory(&[("policies/labelled.yaml", POLICY), ("list.json", &list)]);
    let (policies, file) = (path(&files, "policies"), path(&files, "list.json"));
    let text = stdout(&cattlegrid(&["audit", "--policies", &policies, &file]));
    let position = list.match_indices("\"metadata\"").nth(150).unwrap().0;
    let place = format!("{file}:1:{}", position + 1);
    let (before, _) = text.split_once(&place).expect(&text);
    let shown = before.lines().rev().nth(3).unwrap();
    assert!(shown.contains("c150-") && shown.len() < 300, "{shown}");
    assert!(text.len() < 200 * 1_000, "{}", text.len());
}

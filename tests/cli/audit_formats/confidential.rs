//! What a confidential policy finds may be a secret: no output shows a line that holds it.

use super::fixture;
use crate::{cattlegrid, directory, path, stderr, stdout};

const FORMATS: [&str; 7] = [
    "text",
    "json",
    "sarif",
    "junit",
    "github",
    "html",
    "openreports",
];
const SECRET: &str = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

/// Two Pods of which one has a secret, and a third whose metadata cannot be read.
const PODS: [&str; 3] = [
    r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "agents"},
        "spec": {"containers": [{"name": "a", "image": "r.example/a:1",
        "env": [{"name": "FORGE_TOKEN", "value": "ghp_0123456789abcdefghijABCDEFGHIJ012345"}]}]}}"#,
    r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "b", "namespace": "agents"},
        "spec": {"containers": [{"name": "b", "image": "r.example/b:1"}]}}"#,
    r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": 1}}"#,
];

/// What every format says, and what stands on standard error.
fn said(file: &str) -> impl Iterator<Item = (&'static str, String)> {
    FORMATS.into_iter().map(move |format| {
        let more = ["--assume-agents", "enforce", "--show-mutations"];
        let output = cattlegrid(&[&["audit", "-o", format, file][..], &more].concat());
        (format, stdout(&output) + &stderr(&output))
    })
}

#[test]
fn a_line_with_a_secret_is_not_shown() {
    for (format, text) in said(&fixture("manifests")) {
        assert!(text.contains("static-credentials"), "{format}: {text}");
        assert!(!text.contains(SECRET), "{format}: {text}");
    }
}

#[test]
fn a_line_with_a_secret_is_not_shown_for_another_object_either() {
    let on_one_line = |pods: &[&str]| {
        let items = pods.join(", ").replace('\n', "");
        format!(r#"{{"apiVersion": "v1", "kind": "List", "items": [{items}]}}"#)
    };
    let reversed: Vec<&str> = PODS.into_iter().rev().collect();
    for pods in [&PODS[..], &reversed] {
        let files = directory(&[("list.json", &on_one_line(pods))]);
        for (format, text) in said(&path(&files, "list.json")) {
            for finding in ["static-credentials", "image-provenance"] {
                assert!(text.contains(finding), "{format}: {text}");
            }
            assert!(!text.contains(SECRET), "{format}: {text}");
        }
    }
}

#[test]
fn of_a_secret_on_several_lines_none_is_shown() {
    let pod = "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: agents}, spec: {\n\
               containers: [{name: a, env: [{name: A, value: 'Bearer\n\
               ghp_0123456789abcdefghijABCDEFGHIJ012345'}], image: r.example/a:1}]}}\n";
    let files = directory(&[("pod.yaml", pod)]);
    for (format, text) in said(&path(&files, "pod.yaml")) {
        for finding in ["static-credentials", "image-provenance"] {
            assert!(text.contains(finding), "{format}: {text}");
        }
        assert!(!text.contains(SECRET), "{format}: {text}");
    }
}

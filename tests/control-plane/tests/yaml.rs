//! The answers in `tests/yaml/documents.jsonl` are those of `sigs.k8s.io/yaml`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test may fail as the test does"
)]

use serde_json::Value;

#[test]
fn documents_are_answered_as_written_down() {
    let written: Vec<Value> = include_str!("../../yaml/documents.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let documents: Vec<&str> = written
        .iter()
        .map(|line| line["document"].as_str().unwrap())
        .collect();
    let answers = control_plane::yaml::answers(&documents).unwrap();
    assert_eq!(answers.len(), written.len());
    for (written, answer) in written.iter().zip(&answers) {
        assert_eq!(written.get("json"), answer.get("json"), "{written}");
        assert_eq!(written.get("error"), answer.get("error"), "{written}");
    }
}

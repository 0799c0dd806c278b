//! Where outputs go.

use super::{fixture, parsed};
use crate::{cattlegrid, directory, path, stderr, stdout};

#[test]
fn several_outputs_come_from_one_run() {
    let files = directory(&[]);
    let (json, sarif) = (path(&files, "a.json"), path(&files, "b.sarif"));
    let output = cattlegrid(&[
        "audit",
        "--format",
        &format!("json={json}"),
        "-o",
        "text",
        "-o",
        &format!("sarif={sarif}"),
        &fixture("manifests"),
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let alone = cattlegrid(&["audit", &fixture("manifests")]);
    assert_eq!(stdout(&output), stdout(&alone));
    for (file, key) in [(json, "findings"), (sarif, "runs")] {
        let text = std::fs::read_to_string(file).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(value[key].is_array());
    }
    let left: Vec<_> = std::fs::read_dir(files.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn what_cannot_be_done_is_told_before_anything_is_judged() {
    let files = directory(&[]);
    let missing = path(&files, "missing/a.json");
    let place = files.path().display().to_string();
    for (outputs, expected) in [
        (vec!["text", "json"], "both go to standard output"),
        (vec!["json", "json=-"], "both go to standard output"),
        (vec!["json=x", "sarif=x"], "more than one output goes here"),
        (
            vec!["jsn"],
            "there is no format `jsn`; did you mean `json`?",
        ),
        (vec!["json="], "no file behind"),
        (vec![&format!("json={missing}")], "there is no directory"),
        (vec![&format!("json={place}")], "is a directory"),
    ] {
        let file = fixture("manifests");
        let mut arguments = vec!["audit", &file];
        for output in outputs {
            arguments.extend(["-o", output]);
        }
        let output = cattlegrid(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(stdout(&output), "");
        let text = stderr(&output);
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    assert!(!std::path::Path::new("x").exists());
}

#[test]
fn a_file_that_was_there_is_replaced_as_a_whole_and_never_coloured() {
    let files = directory(&[("report.txt", "what was there before\n")]);
    let report = path(&files, "report.txt");
    let output = cattlegrid(&[
        "audit",
        "--color",
        "always",
        "-o",
        &format!("text={report}"),
        &fixture("manifests"),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "");
    let text = std::fs::read_to_string(report).unwrap();
    assert!(!text.contains("before") && !text.contains('\u{1b}'));
}

#[test]
fn an_input_that_cannot_be_read_leaves_a_whole_document() {
    let output = cattlegrid(&["audit", "-o", "json", "missing.yaml", &fixture("clean")]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(parsed(&output)["unreadable"].as_array().unwrap().len(), 1);
}

//! `-o sarif` is what the OASIS standard describes.

use serde_json::Value;

use super::{audit, parsed};
use crate::{cattlegrid, directory, path};

/// Of the OASIS SARIF technical committee, version 2.1.0.
const SCHEMA: &str = include_str!("fixtures/sarif-schema-2.1.0.json");

fn assert_valid(document: &Value) {
    // One of its patterns has a bracket too many, which only lenient readers take.
    let schema = SCHEMA.replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn every_document_is_valid() {
    for name in ["clean", "manifests", "broken"] {
        assert_valid(&parsed(&audit("sarif", name, &[])));
    }
    assert_valid(&parsed(&cattlegrid(&[
        "audit",
        "-o",
        "sarif",
        "missing: ä.yaml",
    ])));
}

#[test]
fn the_gravest_come_first_and_what_is_let_off_is_suppressed() {
    let document = parsed(&audit("sarif", "manifests", &[]));
    let results = document["runs"][0]["results"].as_array().unwrap();
    let levels: Vec<(&str, bool)> = results
        .iter()
        .map(|result| {
            let is_suppressed = result.get("suppressions").is_some();
            (result["level"].as_str().unwrap(), is_suppressed)
        })
        .collect();
    let mut sorted = levels.clone();
    sorted.sort_by_key(|(level, suppressed)| {
        let rank = ["error", "warning", "note"].iter().position(|l| l == level);
        (*suppressed, rank)
    });
    assert_eq!(levels, sorted);
    assert_eq!(levels.last(), Some(&("error", true)));
    let rules = document["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    for result in results {
        assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]));
    }
}

#[test]
fn files_are_relative_to_the_repository() {
    let manifest = std::fs::read_to_string(super::fixture("manifests")).unwrap();
    let files = directory(&[(".git/HEAD", ""), ("k8s/a b.yaml", &manifest)]);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(["audit", "-o", "sarif", "./a b.yaml"])
        .current_dir(path(&files, "k8s"))
        .output()
        .unwrap();
    let location = &parsed(&output)["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "k8s/a%20b.yaml");
    assert_eq!(location["artifactLocation"]["uriBaseId"], "%SRCROOT%");
}

#[test]
fn what_cannot_be_read_is_a_notification_of_an_unsuccessful_run() {
    let document = parsed(&audit("sarif", "broken", &[]));
    let invocation = &document["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["exitCode"], 2);
    let notification = &invocation["toolExecutionNotifications"][0];
    assert_eq!(notification["level"], "error");
    let region = &notification["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"], 5, "{notification}");
}

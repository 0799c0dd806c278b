//! `cattlegrid evidence inventory`.

use serde_json::Value;

use crate::{cattlegrid, directory, path, stderr, stdout};

/// Everything that an inventory tells apart.
const AGENTS: &str = "tests/cli/inventory/agents.yaml";
const SCHEMA: &str = include_str!("../../docs/evidence/inventory-v1.schema.json");

fn inventory(arguments: &[&str]) -> std::process::Output {
    cattlegrid(&[&["evidence", "inventory"], arguments].concat())
}

fn json(arguments: &[&str]) -> Value {
    let output = inventory(&[&["-o", "json"], arguments].concat());
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)))
}

/// Compares with a snapshot beside the input.
fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("inventory/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter("cattlegrid/[0-9.]+", "cattlegrid/VERSION");
    settings.add_filter("cattlegrid [0-9.]+<", "cattlegrid VERSION<");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn each_form_tells_all_there_is() {
    for (format, name) in [
        ("markdown", "agents.md"),
        ("json", "agents.json"),
        ("html", "agents.html"),
    ] {
        let output = inventory(&[AGENTS, "--format", format]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let text = stdout(&output);
        assert!(!text.contains("not-to-be-seen"), "{format}");
        assert_snapshot(name, text.split("</style>").last().unwrap());
        assert_eq!(stdout(&inventory(&[AGENTS, "--format", format])), text);
    }
}

#[test]
fn the_json_form_is_as_its_schema_says() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for input in [
        &[AGENTS, "--all"][..],
        &["manifests/examples"],
        &["Cargo.toml", AGENTS],
    ] {
        let inventory = json(input);
        let errors: Vec<String> = validator
            .iter_errors(&inventory)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{input:?}");
    }
}

#[test]
fn what_is_left_out_is_told() {
    let output = inventory(&[AGENTS]);
    let told = stderr(&output);
    assert!(
        told.contains("1 workload not listed: no agents by namespace or label"),
        "{told}"
    );
    assert!(
        told.contains("1 workload not listed: their namespaces are not in the input"),
        "{told}"
    );
    let workloads = |arguments: &[&str]| json(arguments)["summary"]["workloads"].clone();
    assert_eq!(workloads(&[AGENTS]), 4);
    assert_eq!(workloads(&[AGENTS, "--assume-agents", "enforce"]), 5);
    assert_eq!(workloads(&[AGENTS, "--all"]), 6);
    let all = json(&[AGENTS, "--all"]);
    let all = all["workloads"].as_array().unwrap().iter();
    let agents: Vec<&str> = all.filter_map(|one| one["agent"].as_str()).collect();
    assert_eq!(agents, ["yes", "yes", "yes", "unknown", "no", "yes"]);
}

#[test]
fn what_is_written_is_listed_on_request() {
    let of_first = |arguments: &[&str]| {
        let inventory = json(arguments);
        let workloads = inventory["workloads"].as_array().unwrap().iter();
        let mut found = workloads.filter(|one| one["objects"]["named"][0]["name"] == "first");
        found.next().unwrap().clone()
    };
    let completed = of_first(&[AGENTS]);
    assert_eq!(completed["deadlineSeconds"], 900);
    assert_eq!(completed["surfaces"], serde_json::json!([]));
    let written = of_first(&[AGENTS, "--no-mutate"]);
    assert_eq!(written["deadlineSeconds"], Value::Null);
    assert_eq!(written["surfaces"][0]["bounded"], false);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_listed() {
    let directory = directory(&[
        ("a.yaml", "kind: [\n"),
        ("b.yaml", &std::fs::read_to_string(AGENTS).unwrap()),
    ]);
    let missing = path(&directory, "missing.yaml");
    let output = inventory(&[directory.path().to_str().unwrap(), &missing, "-o", "json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("missing.yaml: cannot be read"),
        "{}",
        stderr(&output)
    );
    let inventory: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(inventory["summary"]["workloads"], 4);
    let not_listed = inventory["notListed"].as_array().unwrap();
    assert!(
        not_listed[0]["what"]
            .as_str()
            .unwrap()
            .ends_with("a.yaml:1:7"),
        "{not_listed:?}"
    );
    assert_eq!(not_listed.len(), 2);
}

#[test]
fn what_is_about_logs_needs_one() {
    for arguments in [["--from", "2026-11-23"], ["--key", "a"]] {
        let output = inventory(&[&[AGENTS][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(said.contains("name them with --log URL"), "{said}");
    }
}

#[test]
fn an_input_without_objects_is_an_error() {
    let directory = directory(&[("empty.yaml", "# nothing\n")]);
    let output = inventory(&[&path(&directory, "empty.yaml")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("there is no object in the input"),
        "{}",
        stderr(&output)
    );
}

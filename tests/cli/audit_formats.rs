//! Output formats of `cattlegrid audit`: each for inputs that are clean, have findings, or cannot be
//! read, and read back by who reads them.

use std::process::Output;

use serde_json::Value;

use crate::{cattlegrid, directory, path, stderr, stdout};

mod accepted;
mod confidential;
mod destinations;
mod json;
mod junit;
mod sarif;
mod text;

const FIXTURES: &str = "tests/cli/audit_formats/fixtures";
/// What each exit code is for, and an input for it.
const INPUTS: [(&str, i32); 3] = [("clean", 0), ("manifests", 1), ("broken", 2)];

fn fixture(name: &str) -> String {
    format!("{FIXTURES}/{name}.yaml")
}

/// Audits a fixture in one format.
fn audit(format: &str, name: &str, more: &[&str]) -> Output {
    let file = fixture(name);
    let mut arguments = vec!["audit", "-o", format, file.as_str()];
    arguments.extend(more);
    cattlegrid(&arguments)
}

fn parsed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}\n{}", stdout(output), stderr(output));
    })
}

/// Compares with the snapshot, times, versions and digests aside.
fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("audit_formats/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    for (pattern, replacement) in [
        (r#"("time": |"startTimeUtc": )"[^"]*""#, r#"$1"[time]""#),
        (
            r#"("version": |"semanticVersion": )"0\.[^"]*""#,
            r#"$1"[version]""#,
        ),
        (r#"("digest": ?)"[0-9a-f]*""#, r#"$1"[digest]""#),
        (r#"("version": ?)"0\.[^"]*""#, r#"$1"[version]""#),
    ] {
        settings.add_filter(pattern, replacement);
    }
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn every_format_says_what_it_always_said_with_every_exit_code() {
    for format in ["text", "json", "sarif", "junit", "github"] {
        for (name, code) in INPUTS {
            let output = audit(format, name, &[]);
            assert_eq!(output.status.code(), Some(code), "{format} {name}");
            let text = format!("{}--- stderr\n{}", stdout(&output), stderr(&output));
            assert_snapshot(&format!("{format}_{name}_{code}"), &text);
        }
    }
}

#[test]
fn the_gravity_that_fails_is_chosen() {
    let warned = "tests/cli/audit_formats/fixtures/manifests.yaml";
    for (arguments, code) in [
        (vec!["--fail-on", "deny"], 1),
        (vec!["--fail-on", "warn"], 1),
        (vec!["--fail-on", "audit"], 1),
    ] {
        let mut all = vec!["audit", warned];
        all.extend(arguments);
        assert_eq!(cattlegrid(&all).status.code(), Some(code));
    }
    for (mode, failing) in [
        ("warn", ["warn", "audit"].as_slice()),
        ("audit", &["audit"]),
    ] {
        let text = std::fs::read_to_string(warned).unwrap();
        let job = text
            .split("---\n")
            .find(|part| part.contains("warned-"))
            .unwrap();
        let namespace = format!(
            "apiVersion: v1\nkind: Namespace\nmetadata: {{name: warned, labels: \
             {{cattlegrid.dev/agents: {mode}}}}}\n---\n"
        );
        let files = directory(&[("job.yaml", &format!("{namespace}{job}"))]);
        for fail_on in ["deny", "warn", "audit"] {
            let output = cattlegrid(&["audit", &path(&files, "job.yaml"), "--fail-on", fail_on]);
            let expected = i32::from(failing.contains(&fail_on));
            assert_eq!(output.status.code(), Some(expected), "{mode} {fail_on}");
        }
    }
}

#[test]
fn what_is_not_evaluated_fails_only_a_strict_audit() {
    let object = "apiVersion: example.dev/v1\nkind: Unheard\nmetadata: {name: of}\n";
    let files = directory(&[("object.yaml", object)]);
    let file = path(&files, "object.yaml");
    assert_eq!(cattlegrid(&["audit", &file]).status.code(), Some(0));
    let strict = cattlegrid(&["audit", &file, "--strict"]);
    assert_eq!(strict.status.code(), Some(1));
}

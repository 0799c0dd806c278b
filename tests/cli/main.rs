//! What a person at a terminal sees: outputs, errors, exit codes.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test may fail as the test does"
)]

use std::path::Path;
use std::process::{Command, Output};

mod audit;
mod audit_context;
mod audit_formats;
mod audit_html;
mod audit_inputs;
mod audit_interrupt;
mod audit_openreports;
mod audit_replay;
mod completions;
mod credentials;
mod examples;
mod exceptions;
mod integrations;
mod inventory;
mod kubectl_plugin;
mod policy;
mod policy_diff;
mod policy_explain;
mod policy_list;
mod policy_test;
mod readme;
mod templates;

/// Runs the program in the repository's root.
fn cattlegrid(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A directory with files, for one test.
fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = directory.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    directory
}

fn path(directory: &tempfile::TempDir, name: &str) -> String {
    Path::new(directory.path()).join(name).display().to_string()
}

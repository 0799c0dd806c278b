//! Documents for assessors, judged by a program that is not ours.

use std::path::Path;
use std::process::Command;

use control_plane::trestle;

use crate::reports::{store, text};

const DOCUMENTS: [&str; 3] = [
    "assessment-results",
    "assessment-plan",
    "component-definition",
];

/// Imports documents into a workspace of their own, and validates all of it.
#[track_caller]
fn judge(documents: &[(String, String)]) {
    let python = trestle::locate_or_install(&mut std::io::stderr()).unwrap();
    let workspace = tempfile::tempdir().unwrap();
    let trestle = |arguments: &[&str]| {
        let output = Command::new(&python)
            .args(["-m", "trestle"])
            .args(arguments)
            .current_dir(workspace.path())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(output.status.success(), "trestle {arguments:?}: {said}");
        said
    };
    trestle(&["init", "--local"]);
    let files = tempfile::tempdir().unwrap();
    for (name, document) in documents {
        let file = files.path().join(format!("{name}.json"));
        std::fs::write(&file, document).unwrap();
        trestle(&["import", "--file", file.to_str().unwrap(), "--output", name]);
    }
    let said = trestle(&["validate", "--all"]);
    assert_eq!(said.matches("VALID: ").count(), documents.len(), "{said}");
}

fn documents(store: &Path, arguments: &[&str]) -> Vec<(String, String)> {
    let document = |name: &&str| {
        let asked = ["--format", "oscal", "--document", name];
        (name.to_string(), text(store, &[&asked, arguments].concat()))
    };
    DOCUMENTS.iter().map(document).collect()
}

#[tokio::test]
async fn every_document_is_accepted() {
    let store = store().await;
    judge(&documents(store.path(), &[]));
}

#[tokio::test]
async fn documents_of_a_period_without_records_are_accepted() {
    let store = store().await;
    judge(&documents(
        store.path(),
        &["--from", "2020-01-01", "--to", "2020-01-31"],
    ));
}

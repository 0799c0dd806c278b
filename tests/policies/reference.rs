//! The reference pages say what the policies and their cases say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cattlegrid::policy::page::Page;
use cattlegrid::policy::{controls, reference, shelf};

fn pages() -> Vec<Page> {
    shelf::pages(&shelf::folders(None).unwrap())
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
}

#[test]
fn the_pages_are_those_that_would_be_generated() {
    let documents = reference::documents(&pages()).unwrap();
    for document in &documents {
        let text = std::fs::read_to_string(docs().join(&document.path)).unwrap_or_default();
        assert!(
            text == document.text,
            "docs/{} is out of date: run `cargo xtask docs`",
            document.path
        );
    }
    let expected: BTreeSet<PathBuf> = documents.iter().map(|d| docs().join(&d.path)).collect();
    for entry in std::fs::read_dir(docs().join("policies")).unwrap() {
        let path = entry.unwrap().path();
        assert!(
            expected.contains(&path),
            "{} belongs to no policy: run `cargo xtask docs`",
            path.display()
        );
    }
}

#[test]
fn every_page_shows_what_is_refused_and_what_passes() {
    for page in pages() {
        assert!(page.failing.is_some(), "{} shows nothing refused", page.id);
        assert!(
            page.passing.is_some(),
            "{} shows nothing that passes",
            page.id
        );
    }
}

#[test]
fn every_parameter_is_described() {
    for page in pages() {
        for parameter in page.parameters {
            assert!(
                !parameter.description.is_empty(),
                "{} reads {}, which the AgentBaseline's definition does not describe",
                page.id,
                parameter.path
            );
        }
    }
}

#[test]
fn controls_that_policies_support_are_known() {
    for page in pages() {
        for reference in page.controls {
            let (policy, id) = (&page.id, &reference.id);
            let control = controls::find(id).unwrap_or_else(|| {
                panic!(
                    "{policy}: add {id} to src/policy/controls/table.rs, with how far support goes"
                )
            });
            assert!(
                !control.extent.is_empty(),
                "{policy}: say how far policies support {id}"
            );
            assert_eq!(
                reference.supplemental,
                control.baseline.is_none(),
                "{policy}: `(supplemental)` stands behind {id} if it is in no baseline"
            );
        }
    }
}

//! `docs/bypasses.md` tells the truth about which tests and policies there are.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::folders;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The cells of the table rows that have four.
fn rows() -> Vec<[String; 4]> {
    let text = std::fs::read_to_string(repository("docs/bypasses.md")).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("| "));
    let cells = lines.map(|line| {
        let line = line.trim_matches('|');
        let cells = line.split(" | ").map(|cell| cell.trim().to_owned());
        cells.collect::<Vec<_>>()
    });
    let rows = cells.filter_map(|cells| <[String; 4]>::try_from(cells).ok());
    rows.filter(|[.., tests]| tests != "tests").collect()
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<String> {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(str::to_owned).collect()
}

/// The tests against a cluster, as `module::name`.
fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for entry in std::fs::read_dir(repository("tests/cluster/bypasses")).unwrap() {
        let path = entry.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let after_attribute = text
            .split("#[tokio::test(flavor = \"multi_thread\")]\n")
            .skip(1);
        for test in after_attribute {
            let name = test
                .trim_start_matches("async fn ")
                .split('(')
                .next()
                .unwrap();
            tests.insert(format!("{module}::{name}"));
        }
    }
    tests
}

#[test]
fn every_way_round_that_is_closed_names_its_tests_and_every_test_is_named() {
    let named: BTreeSet<String> = rows()
        .iter()
        .flat_map(|[.., tests]| quoted(tests))
        .collect();
    assert_eq!(named, tests());
    for [way, .., tests] in rows() {
        assert!(!quoted(&tests).is_empty(), "{way}: no test");
    }
}

#[test]
fn every_way_round_that_is_closed_names_policies_that_exist() {
    let policies = folders::names();
    for [way, _, named, _] in rows() {
        let named = quoted(&named);
        assert!(!named.is_empty(), "{way}: no policy");
        for id in named {
            assert!(policies.contains(&id), "{way}: there is no policies/{id}");
        }
    }
}

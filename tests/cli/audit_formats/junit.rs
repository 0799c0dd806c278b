//! `-o junit` is read by those who read JUnit.

use super::{audit, stdout};

fn read(name: &str, more: &[&str]) -> junit_parser::TestSuites {
    let text = stdout(&audit("junit", name, more));
    junit_parser::from_reader(text.as_bytes()).unwrap()
}

#[test]
fn a_suite_is_a_file_and_a_test_is_an_object() {
    let report = read("manifests", &[]);
    let suite = report.suites.first().unwrap();
    assert_eq!(suite.name, super::fixture("manifests"));
    let clean = suite.cases.iter().find(|case| case.name.contains("clean-"));
    assert!(clean.unwrap().status.is_success());
    let denied = suite
        .cases
        .iter()
        .find(|case| case.name.contains("denied-"));
    assert!(denied.unwrap().status.is_failure());
    let unheard = suite
        .cases
        .iter()
        .find(|case| case.name.contains("Unheard"));
    assert!(unheard.unwrap().status.is_skipped());
    assert_eq!((report.failures, report.errors), (1, 0));
}

#[test]
fn what_fails_follows_the_threshold() {
    for (arguments, failures) in [
        (["--fail-on", "warn"].as_slice(), 2),
        (&["--fail-on", "audit"], 3),
    ] {
        assert_eq!(read("manifests", arguments).failures, failures);
    }
    assert!(read("manifests", &["--strict"]).failures > 1);
}

#[test]
fn a_document_that_cannot_be_read_is_an_error() {
    let report = read("broken", &[]);
    assert_eq!(report.errors, 1);
}

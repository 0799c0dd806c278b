//! A small run against the oracle; `cargo xtask differential` makes a large one.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use differential::run::run;

#[test]
fn generated_expressions_come_out_as_in_the_api_server() {
    let report = run(1, 2_000).unwrap();
    assert_eq!(report.pairs, 2_000);
    assert!(report.differences.is_empty(), "{:#?}", report.differences);
}

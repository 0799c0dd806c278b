//! The simple conformance tests of the CEL specification.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;

use control_plane::conformance::simple_tests;
use differential::conformance::{Case, exclusions};
use differential::ours;
use differential::question::{Kind, Question};
use differential::run::Comparison;

fn cases() -> Vec<Case> {
    let tests = simple_tests().unwrap();
    tests
        .into_iter()
        .map(|test| serde_json::from_value(test).unwrap())
        .collect()
}

#[test]
fn every_applicable_case_passes() {
    let exclusions = exclusions();
    let mut used: BTreeMap<&str, usize> = exclusions.iter().map(|e| (e.name, 0)).collect();
    let (mut passed, mut excluded, mut wrong) = (0, 0, Vec::new());
    for case in cases() {
        let name = case.name();
        let exclusion = exclusions.iter().find(|exclusion| exclusion.covers(&name));
        match (case.check(), exclusion) {
            (Ok(()), _) => passed += 1,
            (Err(_), Some(exclusion)) => {
                excluded += 1;
                *used.entry(exclusion.name).or_default() += 1;
            }
            (Err(error), None) => wrong.push(format!("{name}: `{}` {error}", case.test.expr)),
        }
    }
    for exclusion in &exclusions {
        let count = used.get(exclusion.name).unwrap_or(&0);
        println!(
            "excluded: {} ({count}): {}",
            exclusion.name, exclusion.reason
        );
    }
    println!("{passed} cases pass, {excluded} do not apply");
    let unused: Vec<_> = used.iter().filter(|(_, count)| **count == 0).collect();
    assert!(
        wrong.is_empty(),
        "{} fail:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(unused.is_empty(), "exclusions without a case: {unused:?}");
}

/// Whether the specification applies or not: every case that needs nothing but its expression.
#[test]
fn every_case_that_stands_alone_comes_out_as_in_the_api_server() {
    let comparison = Comparison::start().unwrap();
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| case.stands_alone()) {
        let question = Question {
            kind: Kind::Bare,
            expression: case.test.expr.clone(),
            ..Question::default()
        };
        let ours = ours::answer(&question);
        if let Some(part) = comparison.difference(&question).unwrap() {
            let name = case.name();
            let theirs = comparison.ask(&question).unwrap();
            wrong.push(format!(
                "{name}: the {part} of `{}` differs\n  ours   {ours:?}\n  theirs {theirs:?}",
                case.test.expr
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

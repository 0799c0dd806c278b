//! Cases leave no rule untried.

use admission_policy::finding::Verdict;
use cattlegrid::policy::cases::{Case, Expectation};
use cattlegrid::policy::run;

use crate::folders::{self, Folder};

#[test]
fn a_validating_policy_has_cases_that_pass_and_cases_that_fail() {
    for folder in folders::all()
        .iter()
        .filter(|folder| folder.is_validating())
    {
        let has = |wanted: fn(&Expectation) -> bool| {
            folder.cases.iter().any(|case| wanted(&case.expectation))
        };
        assert!(
            has(|e| *e == Expectation::Allow),
            "{} has no case that passes",
            folder.id
        );
        assert!(
            has(|e| !e.findings().is_empty()),
            "{} refuses nothing",
            folder.id
        );
    }
}

#[test]
fn a_mutating_policy_has_cases_that_change_something_and_cases_that_do_not() {
    for folder in folders::all()
        .iter()
        .filter(|folder| !folder.is_validating())
    {
        let changes = |case: &&Case| match &case.expectation {
            Expectation::Patched(patch) => patch.as_object().is_some_and(|p| !p.is_empty()),
            _ => panic!("{}: `{}` is no case of a mutation", folder.id, case.name),
        };
        let changing = folder.cases.iter().filter(changes).count();
        assert!(changing > 0, "{} changes nothing in its cases", folder.id);
        assert!(
            changing < folder.cases.len(),
            "{} changes something in every case",
            folder.id
        );
    }
}

#[test]
fn every_validation_fails_in_some_case_and_passes_in_another() {
    let baseline = folders::baseline();
    let mut missing = Vec::new();
    for folder in folders::all()
        .iter()
        .filter(|folder| folder.is_validating())
    {
        let tried = Tried::of(folder, &baseline);
        for (index, validation) in folder.validations().iter().enumerate() {
            let name = format!(
                "{}: validations[{index}] ({})",
                folder.id, validation["message"]
            );
            if !tried.failed[index] {
                missing.push(format!("{name} fails in no case"));
            }
            if !tried.passed[index] {
                missing.push(format!("{name} passes in no case"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Which validations failed and passed in at least one case.
struct Tried {
    failed: Vec<bool>,
    passed: Vec<bool>,
}

impl Tried {
    fn of(folder: &Folder, baseline: &serde_json::Value) -> Self {
        let count = folder.validations().len();
        let mut tried = Self {
            failed: vec![false; count],
            passed: vec![false; count],
        };
        for case in &folder.cases {
            let outcome = run::run(case, &folder.set, baseline)
                .unwrap_or_else(|error| panic!("{}: `{}`: {error}", folder.id, case.name));
            for (_, verdicts) in &outcome.verdicts {
                for (index, verdict) in verdicts.iter().enumerate() {
                    tried.passed[index] |= *verdict == Verdict::Pass;
                    tried.failed[index] |= *verdict == Verdict::Fail;
                }
            }
        }
        tried
    }
}

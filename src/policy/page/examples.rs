//! The cases of a policy that its page shows.

use serde::Serialize;
use serde_json::Value;

use super::Kind;
use crate::policy::cases::{Case, Expectation, ExpectedFinding};

/// A case as an example.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Example {
    /// The case's name.
    pub name: String,
    /// Who asks for what, where it is not the creation of an object.
    pub request: String,
    /// What is submitted; of a deletion, what is deleted.
    pub object: Value,
    /// What is stored, where it changes.
    pub old_object: Option<Value>,
    /// What is changed in the shipped baseline; an empty object for nothing.
    pub baseline: Value,
    /// What is found.
    pub findings: Vec<ExpectedFinding>,
    /// What a mutation fills in, as a merge patch.
    pub patch: Option<Value>,
}

/// The case that shows what a policy refuses, or what a mutation fills in: the first one with
/// `example: true`, otherwise the first that is an ordinary creation, otherwise the first.
pub(super) fn failing(kind: Kind, cases: &[Case]) -> Option<Example> {
    choose(cases, |expected| match expected {
        Expectation::Patched(patch) => kind == Kind::Mutation && changes(patch),
        expected => kind == Kind::Validation && !expected.findings().is_empty(),
    })
}

/// The case that shows what passes, chosen likewise.
pub(super) fn passing(kind: Kind, cases: &[Case]) -> Option<Example> {
    choose(cases, |expected| match expected {
        Expectation::Patched(patch) => kind == Kind::Mutation && !changes(patch),
        expected => kind == Kind::Validation && expected.findings().is_empty(),
    })
}

fn choose(cases: &[Case], is_wanted: impl Fn(&Expectation) -> bool) -> Option<Example> {
    let candidates: Vec<&Case> = cases
        .iter()
        .filter(|case| is_wanted(&case.expectation))
        .collect();
    let marked = candidates.iter().find(|case| case.example);
    let ordinary = candidates.iter().find(|case| is_ordinary(case));
    marked
        .or(ordinary)
        .or(candidates.first())
        .map(|case| example(case))
}

fn is_ordinary(case: &Case) -> bool {
    case.operation == "CREATE"
        && case.subresource.is_empty()
        && case.rights.is_empty()
        && !changes(&case.baseline)
}

fn changes(patch: &Value) -> bool {
    patch.as_object().is_some_and(|patch| !patch.is_empty())
}

fn example(case: &Case) -> Example {
    Example {
        name: case.name.clone(),
        request: request(case),
        object: case
            .object
            .clone()
            .or_else(|| case.old_object.clone())
            .unwrap_or_default(),
        old_object: case.object.as_ref().and(case.old_object.clone()),
        baseline: case.baseline.clone(),
        findings: case.expectation.findings().to_vec(),
        patch: match &case.expectation {
            Expectation::Patched(patch) if changes(patch) => Some(patch.clone()),
            _ => None,
        },
    }
}

/// The request in a few words; empty for an ordinary creation by nobody in particular.
fn request(case: &Case) -> String {
    let mut words = Vec::new();
    let on = match case.subresource.as_str() {
        "" => String::new(),
        subresource => format!(" of subresource {subresource}"),
    };
    if case.operation != "CREATE" || !on.is_empty() {
        words.push(format!("{}{on}", case.operation));
    }
    if case.user != crate::policy::cases::USER {
        words.push(format!("by {}", case.user));
    }
    let rights: Vec<String> = case
        .rights
        .iter()
        .map(|right| match right.object_name() {
            Some(name) => format!("{} {}/{name}", right.verb, right.resource),
            None => format!("{} {}", right.verb, right.resource),
        })
        .collect();
    if !rights.is_empty() {
        words.push(format!("with the right to {}", rights.join(", ")));
    }
    words.join(" ")
}

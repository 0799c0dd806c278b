//! What the cases of a folder leave untried.

use std::collections::BTreeSet;
use std::sync::Arc;

use admission_policy::finding::Verdict;
use admission_policy::set::PolicySet;
use admission_policy::set::compiled::{ValidatingPolicy, Validation};
use serde_json::Value;

use crate::policy::cases::{Case, Expectation};
use crate::policy::run::Outcome;

/// How much of a message names its validation.
const MESSAGE_CHARACTERS_MAX: usize = 60;

/// The validations that passed and failed in at least one case: policy and position.
#[derive(Debug, Default)]
pub(super) struct Tried {
    passed: BTreeSet<(Arc<str>, usize)>,
    failed: BTreeSet<(Arc<str>, usize)>,
}

impl Tried {
    /// Takes note of a case.
    pub(super) fn note(&mut self, outcome: &Outcome) {
        for (policy, verdicts) in &outcome.verdicts {
            for (index, verdict) in verdicts.iter().enumerate() {
                let seen = match verdict {
                    Verdict::Pass => &mut self.passed,
                    Verdict::Fail => &mut self.failed,
                    Verdict::Error(_) | Verdict::NotEvaluated(_) => continue,
                };
                seen.insert((policy.clone(), index));
            }
        }
    }

    /// What was not tried, a line each.
    pub(super) fn gaps(&self, set: &PolicySet, cases: &[Case]) -> Vec<String> {
        let mut gaps = Vec::new();
        for policy in set.validating() {
            for (index, validation) in policy.validations.iter().enumerate() {
                gaps.extend(self.untried(policy, index, validation));
            }
        }
        let has =
            |wanted: fn(&Expectation) -> bool| cases.iter().any(|case| wanted(&case.expectation));
        let validates = set
            .validating()
            .iter()
            .any(|policy| !policy.validations.is_empty());
        if validates && !has(|expected| *expected == Expectation::Allow) {
            gaps.push("no case passes; add one with `allow: true`".to_owned());
        }
        if validates
            && !has(|expected| !matches!(expected, Expectation::Allow | Expectation::Patched(_)))
        {
            gaps.push("no case is refused; add one with `deny`".to_owned());
        }
        if !set.mutating().is_empty() {
            gaps.extend(untried_mutations(set, cases));
        }
        gaps
    }

    fn untried(
        &self,
        policy: &ValidatingPolicy,
        index: usize,
        validation: &Validation,
    ) -> Vec<String> {
        let key = (policy.definition.name.clone(), index);
        let name = name(validation);
        let place = format!("{}: validations[{index}] ({name})", policy.definition.name);
        let mut gaps = Vec::new();
        if !self.failed.contains(&key) {
            gaps.push(format!("{place} fails in no case; add one that it refuses"));
        }
        if !self.passed.contains(&key) {
            gaps.push(format!("{place} passes in no case; add one that it allows"));
        }
        gaps
    }
}

/// A mutation that changes nothing anywhere is as untried as one that changes everything.
fn untried_mutations(set: &PolicySet, cases: &[Case]) -> Vec<String> {
    let (mut changing, mut unchanging, mut gaps) = (0, 0, Vec::new());
    for case in cases {
        match &case.expectation {
            Expectation::Patched(patch) if patch.as_object().is_some_and(|p| !p.is_empty()) => {
                changing += 1;
            }
            Expectation::Patched(Value::Object(_)) => unchanging += 1,
            Expectation::Patched(_) => gaps.push(format!(
                "`{}`: `patched` must be an object, a merge patch",
                case.name
            )),
            // Of a folder with both kinds, it is a case of its validations.
            Expectation::Allow if set.validating().is_empty() => gaps.push(format!(
                "`{}`: a mutation allows everything; say what it changes with `patched`",
                case.name
            )),
            // A mutation refuses what it fails to complete.
            _ => {}
        }
    }
    if changing == 0 {
        gaps.push("no case of a mutation changes anything; add one with `patched`".to_owned());
    }
    if unchanging == 0 {
        gaps.push(
            "a mutation changes something in every case; add one with `patched: {}`".to_owned(),
        );
    }
    gaps
}

/// What to call a validation: the beginning of its message, or else of its expression.
fn name(validation: &Validation) -> String {
    let text = match validation.message.as_str() {
        "" => validation.program.source(),
        message => message,
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MESSAGE_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or(&line)),
        None => line,
    }
}

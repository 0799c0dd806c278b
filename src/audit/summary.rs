//! What an audit found in total, which decides its exit code.

use std::collections::BTreeSet;

use super::outcome::{Outcome, Severity, State};

/// Numbers over all outcomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Objects that were judged.
    pub judged: usize,
    /// Objects of which something would be denied.
    pub denied_objects: usize,
    /// Findings that deny.
    pub denied: usize,
    /// Findings of which users are warned.
    pub warned: usize,
    /// Findings that are only recorded.
    pub recorded: usize,
    /// Findings that exceptions let off.
    pub excepted: usize,
    /// Objects that could not be judged.
    pub not_evaluated_objects: usize,
    /// Policies that could not be evaluated, each once per reason.
    pub not_evaluated_rules: usize,
    /// Inputs and documents that could not be read.
    pub unreadable: usize,
    open: BTreeSet<(String, String)>,
}

impl Summary {
    /// A summary that begins with inputs that could not be read at all.
    pub fn new(unreadable: usize) -> Self {
        Self {
            unreadable,
            ..Self::default()
        }
    }

    /// Counts an outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        let findings = match &outcome.state {
            State::Unreadable { .. } => {
                self.unreadable += 1;
                return;
            }
            State::NotEvaluated { .. } => {
                self.not_evaluated_objects += 1;
                return;
            }
            State::Judged { findings, .. } => findings,
        };
        self.judged += 1;
        let mut is_denied = false;
        for found in findings {
            if let Some(reason) = found.open_question() {
                let question = (reason.to_owned(), found.finding.policy.to_string());
                self.open.insert(question);
                self.not_evaluated_rules = self.open.len();
                continue;
            }
            is_denied |= found.severity == Severity::Deny;
            *self.of(found.severity) += 1;
        }
        self.denied_objects += usize::from(is_denied);
    }

    fn of(&mut self, severity: Severity) -> &mut usize {
        match severity {
            Severity::Deny => &mut self.denied,
            Severity::Warn => &mut self.warned,
            Severity::Audit => &mut self.recorded,
            Severity::Excepted => &mut self.excepted,
        }
    }

    /// Whether there was nothing at all.
    pub fn is_empty(&self) -> bool {
        self.judged + self.not_evaluated_objects + self.unreadable == 0
    }
}

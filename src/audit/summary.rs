//! What an audit found in total, which decides its exit code.

use std::collections::BTreeSet;

use super::accepted::Entry;
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
    /// Findings that a file of accepted findings lists.
    pub accepted: usize,
    /// Entries of that file of which fewer were found than it says.
    pub gone: Vec<Entry>,
    /// Objects that could not be judged.
    pub not_evaluated_objects: usize,
    /// Policies that could not be evaluated, each once per reason.
    pub not_evaluated_rules: usize,
    /// Inputs and documents that could not be read.
    pub unreadable: usize,
    open: BTreeSet<(String, String)>,
}

/// What makes the program fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Findings that are at least this grave.
    pub fail_on: Severity,
    /// Whether what could not be evaluated counts.
    pub strict: bool,
}

/// Nothing found.
const EXIT_CLEAN: u8 = 0;
/// Findings that count.
const EXIT_FINDINGS: u8 = 1;
/// Something could not be read, whatever else was found.
const EXIT_FAILED: u8 = 2;

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
            if found.is_accepted {
                self.accepted += 1;
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

    /// How the program ends: 0 when nothing counts, 1 with findings that do, 2 when something could
    /// not be read.
    pub fn exit_code(&self, threshold: Threshold) -> u8 {
        let counted = [
            (Severity::Deny, self.denied),
            (Severity::Warn, self.warned),
            (Severity::Audit, self.recorded),
        ];
        let is_found =
            |(severity, number): (Severity, usize)| severity <= threshold.fail_on && number > 0;
        let open = self.not_evaluated_objects + self.not_evaluated_rules;
        if self.unreadable > 0 || self.is_empty() {
            EXIT_FAILED
        } else if counted.into_iter().any(is_found) || (threshold.strict && open > 0) {
            EXIT_FINDINGS
        } else {
            EXIT_CLEAN
        }
    }

    /// Whether there was nothing at all.
    pub fn is_empty(&self) -> bool {
        self.judged + self.not_evaluated_objects + self.unreadable == 0
    }
}

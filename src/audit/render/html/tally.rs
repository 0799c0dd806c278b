//! How much was found, by policy, phase and namespace.

use std::collections::{BTreeMap, BTreeSet};

use super::view::{Choice, Row, Table};
use crate::audit::outcome::{Found, Severity, Subject};

/// What a finding counts as, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// It would be denied.
    Deny,
    /// The user would be warned.
    Warn,
    /// It would be recorded.
    Audit,
    /// It is known and accepted.
    Accepted,
    /// An exception lets it off.
    Excepted,
    /// It could not be evaluated.
    NotEvaluated,
}

const COUNTS: [Count; 6] = [
    Count::Deny,
    Count::Warn,
    Count::Audit,
    Count::Accepted,
    Count::Excepted,
    Count::NotEvaluated,
];

/// Numbers in the order of [`COUNTS`].
type Numbers = [usize; COUNTS.len()];

/// Numbers by name.
type Numbered = BTreeMap<String, Numbers>;

/// Numbers of findings.
#[derive(Debug, Default)]
pub struct Tally {
    total: Numbers,
    by_policy: Numbered,
    by_phase: Numbered,
    by_namespace: Numbered,
}

impl Count {
    /// What a finding counts as that could be evaluated.
    pub fn of(found: &Found) -> Self {
        match found.severity {
            _ if found.is_accepted => Count::Accepted,
            Severity::Deny => Count::Deny,
            Severity::Warn => Count::Warn,
            Severity::Audit => Count::Audit,
            Severity::Excepted => Count::Excepted,
        }
    }

    /// As printed.
    pub fn name(self) -> &'static str {
        match self {
            Count::Deny => Severity::Deny.name(),
            Count::Warn => Severity::Warn.name(),
            Count::Audit => Severity::Audit.name(),
            Count::Accepted => "accepted",
            Count::Excepted => Severity::Excepted.name(),
            Count::NotEvaluated => "not evaluated",
        }
    }
}

impl Tally {
    /// Counts a finding.
    pub fn add(&mut self, policy: &str, subject: &Subject, count: Count) {
        let tables = [
            (&mut self.by_policy, policy),
            (&mut self.by_phase, subject.phase.as_str()),
            (&mut self.by_namespace, subject.namespace.as_str()),
        ];
        for (table, name) in tables {
            raise(table.entry(name.to_owned()).or_default(), count);
        }
        raise(&mut self.total, count);
    }

    /// Findings that the page shows one by one.
    pub fn found(&self) -> usize {
        let shown = self.numbered().filter(|(count, _)| is_shown(*count));
        shown.map(|(_, number)| number).sum()
    }

    /// The policies that found something or could not be evaluated.
    pub fn policies(&self) -> impl Iterator<Item = &str> {
        self.by_policy.keys().map(String::as_str)
    }

    /// What the columns of the tables count: whatever occurs.
    pub fn columns(&self) -> Vec<&'static str> {
        self.occurring().map(Count::name).collect()
    }

    /// What findings can be filtered by.
    pub fn severities(&self) -> Vec<&'static str> {
        let shown = self.occurring().filter(|count| is_shown(*count));
        shown.map(Count::name).collect()
    }

    /// The tables of the summary.
    pub fn tables(&self, explained: &BTreeSet<&str>) -> Vec<Table> {
        let tables = [
            ("policy", &self.by_policy),
            ("phase", &self.by_phase),
            ("namespace", &self.by_namespace),
        ];
        tables
            .into_iter()
            .map(|(by, numbered)| Table {
                by,
                rows: self.rows(by, numbered, explained),
            })
            .collect()
    }

    /// The gravest first.
    fn rows(&self, by: &str, numbered: &Numbered, explained: &BTreeSet<&str>) -> Vec<Row> {
        let mut sorted: Vec<(&String, &Numbers)> = numbered.iter().collect();
        // Stable: what counts alike stays in the order of names.
        sorted.sort_by(|(_, one), (_, other)| other.cmp(one));
        sorted
            .into_iter()
            .map(|(name, numbers)| Row {
                name: match name.as_str() {
                    "" => "none".to_owned(),
                    name => name.to_owned(),
                },
                is_explained: by == "policy" && explained.contains(name.as_str()),
                numbers: COUNTS
                    .iter()
                    .zip(numbers)
                    .filter(|(count, _)| self.occurring().any(|occurring| occurring == **count))
                    .map(|(_, number)| *number)
                    .collect(),
            })
            .collect()
    }

    /// What else findings can be filtered by, where there is a choice.
    pub fn choices(&self) -> Vec<Choice> {
        let choices = [
            ("Policy", "policy", &self.by_policy),
            ("Namespace", "namespace", &self.by_namespace),
            ("Phase", "phase", &self.by_phase),
        ];
        choices
            .into_iter()
            .map(|(label, name, numbered)| Choice {
                label,
                name,
                values: with_findings(numbered),
            })
            .filter(|choice| choice.values.len() > 1)
            .collect()
    }

    fn occurring(&self) -> impl Iterator<Item = Count> {
        self.numbered()
            .filter(|(_, number)| *number > 0)
            .map(|(count, _)| count)
    }

    fn numbered(&self) -> impl Iterator<Item = (Count, usize)> {
        COUNTS.into_iter().zip(self.total)
    }
}

/// Whether there is an entry for each such finding.
fn is_shown(count: Count) -> bool {
    count != Count::NotEvaluated
}

fn with_findings(numbered: &Numbered) -> Vec<String> {
    let has_shown = |numbers: &Numbers| {
        let mut counted = COUNTS.into_iter().zip(numbers);
        counted.any(|(count, number)| is_shown(count) && *number > 0)
    };
    let names = numbered.iter().filter(|(_, numbers)| has_shown(numbers));
    names.map(|(name, _)| name.clone()).collect()
}

fn raise(numbers: &mut Numbers, count: Count) {
    let counted = COUNTS.iter().zip(numbers);
    for (_, number) in counted.filter(|(which, _)| **which == count) {
        *number += 1;
    }
}

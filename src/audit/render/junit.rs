//! Findings as tests that failed: JUnit XML, a suite for each file and a test for each object.
//!
//! The format counts at its beginning what is in it, so it is written at the end.

use std::collections::HashMap;
use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{About, PROGRAM, Renderer};
use crate::audit::outcome::{Found, Outcome, Place, Severity, State};
use crate::audit::summary::Summary;
use crate::message;
use crate::policy::prose::count;

/// Gathers a test for each object.
pub struct Junit<'a> {
    about: &'a About<'a>,
    suites: Vec<TestSuite>,
    positions: HashMap<String, usize>,
}

impl<'a> Junit<'a> {
    /// A renderer.
    pub fn new(about: &'a About<'a>) -> Self {
        Self {
            about,
            suites: Vec::new(),
            positions: HashMap::new(),
        }
    }

    fn suite(&mut self, name: &str) -> Option<&mut TestSuite> {
        let suites = &mut self.suites;
        let position = *self.positions.entry(name.to_owned()).or_insert_with(|| {
            suites.push(TestSuite::new(name));
            suites.len() - 1
        });
        suites.get_mut(position)
    }

    /// What a test says: it fails for what fails the program, and is skipped where nobody knows.
    fn test(&self, outcome: &Outcome) -> TestCase {
        let Outcome {
            origin,
            subject,
            state,
            ..
        } = outcome;
        let case = |status| {
            let mut case = TestCase::new(subject.to_string(), status);
            case.set_classname(origin.name());
            case
        };
        let not_evaluated = |reason: &str| {
            let mut status = match self.about.threshold.strict {
                true => TestCaseStatus::non_success(NonSuccessKind::Failure),
                false => TestCaseStatus::skipped(),
            };
            status.set_type("not-evaluated");
            status.set_message(format!("not evaluated: {reason}"));
            case(status)
        };
        match state {
            State::Unreadable { message, place } => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
                status.set_type("unreadable");
                status.set_message(format!("{}{message}", at(place.as_ref())));
                case(status)
            }
            State::NotEvaluated { reason } => not_evaluated(reason),
            State::Judged { findings, .. } => {
                let counts = |found: &&Found| self.counts(found);
                let (failing, others): (Vec<&Found>, Vec<&Found>) =
                    findings.iter().partition(counts);
                let mut judged = match (failing.first(), open_question(&others)) {
                    (Some(first), _) => case(failure(first, &failing)),
                    (None, Some(reason)) if self.about.threshold.strict => not_evaluated(reason),
                    (None, _) => case(TestCaseStatus::success()),
                };
                if !others.is_empty() {
                    judged.set_system_out(lines(&others));
                }
                judged
            }
        }
    }

    fn counts(&self, found: &Found) -> bool {
        !found.is_accepted
            && found.open_question().is_none()
            && found.severity <= self.about.threshold.fail_on
    }
}

impl Renderer for Junit<'_> {
    fn add(&mut self, outcome: &Outcome, _output: &mut dyn Write) -> io::Result<()> {
        let test = self.test(outcome);
        if let Some(suite) = self.suite(outcome.origin.name()) {
            suite.add_test_case(test);
        }
        Ok(())
    }

    fn finish(&mut self, _summary: &Summary, output: &mut dyn Write) -> io::Result<()> {
        let mut report = Report::new(format!("{PROGRAM} audit"));
        report.add_test_suites(std::mem::take(&mut self.suites));
        report.serialize(output).map_err(io::Error::other)
    }
}

fn open_question<'f>(findings: &[&'f Found]) -> Option<&'f str> {
    findings.iter().find_map(|found| found.open_question())
}

fn failure(first: &Found, all: &[&Found]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(first.severity.name());
    let line = message::line(&first.finding);
    status.set_message(match all.len() - 1 {
        0 => line,
        more => format!("{line} (and {more} more)"),
    });
    status.set_description(format!("{}\n{}", count(all.len(), "finding"), lines(all)));
    status
}

/// A line for each finding: where, what follows, what, and what to do.
fn lines(findings: &[&Found]) -> String {
    let lines = findings.iter().map(|found| {
        let follows = match found.severity {
            _ if found.open_question().is_some() => String::new(),
            _ if found.is_accepted => "accepted: ".to_owned(),
            Severity::Excepted => {
                let name = found.finding.exception.as_ref().map(|e| e.name.as_str());
                format!("excepted by {}: ", name.unwrap_or_default())
            }
            severity => format!("{}: ", severity.name()),
        };
        let line = message::line(&found.finding);
        format!("{}{follows}{line}", at(found.place.as_ref()))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn at(place: Option<&Place>) -> String {
    place.map_or(String::new(), |place| {
        format!("{}:{}: ", place.line, place.column)
    })
}

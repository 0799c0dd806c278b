//! What a policy set says about every object of the input.

use std::convert::Infallible;

use crate::audit::examine::Examiner;
use crate::audit::inputs::Inputs;
use crate::audit::judge_all;
use crate::audit::outcome::{Outcome, Severity, State};
use crate::message;

/// What is said about the objects, in the order of the input.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) objects: Vec<Object>,
    /// What cannot be read, a line each.
    pub(super) unreadable: Vec<String>,
}

/// What is said about one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Its kind and name.
    pub(super) name: String,
    /// The file that it is in.
    pub(super) file: String,
    /// What was found, or why nothing could be.
    pub(super) findings: Vec<Found>,
    /// What would be filled in, as a diff.
    pub(super) mutations: String,
}

/// A finding, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Found {
    /// The policy; empty where the object could not be judged.
    pub(super) policy: String,
    /// Where, as printed.
    pub(super) path: String,
    /// What follows; `None` where the object could not be judged.
    pub(super) severity: Option<Severity>,
    /// `[policy] path: message`
    pub(super) line: String,
}

/// Judges all objects.
pub(super) fn collect(inputs: &Inputs, examiner: &Examiner<'_>) -> Collected {
    let mut collected = Collected::default();
    let Ok(_) = judge_all::<Infallible>(inputs, examiner, &mut |outcome| {
        collected.add(&outcome);
        Ok(())
    });
    collected
}

impl Collected {
    fn add(&mut self, outcome: &Outcome) {
        let file = outcome.origin.name();
        let (findings, mutations) = match &outcome.state {
            State::Unreadable { message, place } => {
                let place = place.as_ref().map_or(file.to_owned(), |place| {
                    format!("{file}:{}:{}", place.line, place.column)
                });
                self.unreadable.push(format!("{place}: {message}"));
                return;
            }
            State::NotEvaluated { reason } => {
                let found = Found {
                    policy: String::new(),
                    path: String::new(),
                    severity: None,
                    line: format!("not evaluated: {reason}"),
                };
                (vec![found], String::new())
            }
            State::Judged {
                findings,
                mutations,
            } => {
                let findings = findings.iter().map(|found| Found {
                    policy: found.finding.policy.to_string(),
                    path: found.path(),
                    severity: Some(found.severity),
                    line: message::line(&found.finding),
                });
                (findings.collect(), mutations.clone())
            }
        };
        self.objects.push(Object {
            name: outcome.subject.to_string(),
            file: file.to_owned(),
            findings,
            mutations,
        });
    }
}

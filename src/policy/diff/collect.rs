//! What a policy set says about every object of the input.

use anyhow::Result;

use crate::audit::review::{self, Event, Settings, Severity};
use crate::audit::text::describe;
use crate::judge::Rules;
use crate::k8s::manifest::line_and_column;
use crate::load::Source;
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
pub(super) fn collect(
    sources: &[Source],
    rules: &Rules,
    settings: &Settings<'_>,
) -> Result<Collected> {
    let mut collected = Collected::default();
    review::review(sources, rules, settings, &mut |event| {
        collected.add(event);
        Ok(())
    })?;
    Ok(collected)
}

impl Collected {
    fn add(&mut self, event: Event<'_>) {
        match event {
            Event::Unreadable { source, error } => {
                let (line, column) = line_and_column(&source.text, error.span.start);
                let place = format!("{}:{line}:{column}", source.name);
                self.unreadable.push(format!("{place}: {error}"));
            }
            Event::NotEvaluated {
                source,
                subject,
                reason,
            } => self.objects.push(Object {
                name: describe(&subject),
                file: source.name.clone(),
                findings: vec![Found {
                    policy: String::new(),
                    path: String::new(),
                    severity: None,
                    line: format!("not evaluated: {reason}"),
                }],
                mutations: String::new(),
            }),
            Event::Judged {
                source,
                subject,
                findings,
                mutations,
            } => self.objects.push(Object {
                name: describe(&subject),
                file: source.name.clone(),
                findings: findings
                    .iter()
                    .map(|(severity, finding, _)| Found {
                        policy: finding.policy.to_string(),
                        path: finding.path.iter().map(ToString::to_string).collect(),
                        severity: Some(*severity),
                        line: message::line(finding),
                    })
                    .collect(),
                mutations,
            }),
        }
    }
}

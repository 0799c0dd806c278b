//! One page that needs nothing else: a summary, and every finding with its source. It is read without
//! JavaScript, too; that only filters.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use askama::Template as _;

use super::text::{in_total, let_off};
use super::{About, Renderer};
use crate::audit::outcome::{Found, Origin, Outcome, State, Subject};
use crate::audit::summary::Summary;
use crate::page::to_the_second;

mod tally;
mod view;

use self::tally::{Count, Tally};
use self::view::{Excerpt, Finding, Input, Object, OpenQuestion, Page, Policy};

/// How many objects are named behind one thing that could not be evaluated.
const NAMED_MAX: usize = 20;

/// Gathers the parts of the page. It grows with the findings, not with the input.
pub struct Html<'a> {
    about: &'a About<'a>,
    objects: Vec<String>,
    unreadable: Vec<Input>,
    tally: Tally,
    /// What could not be evaluated: reason, policy (empty for whole objects), objects.
    open: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl<'a> Html<'a> {
    /// A renderer of one page.
    pub fn new(about: &'a About<'a>) -> Self {
        Self {
            about,
            objects: Vec::new(),
            unreadable: Vec::new(),
            tally: Tally::default(),
            open: BTreeMap::new(),
        }
    }

    fn judged(
        &mut self,
        outcome: &Outcome,
        findings: &[Found],
        mutations: &str,
    ) -> askama::Result<()> {
        let subject = &outcome.subject;
        let mut views = Vec::new();
        for found in findings {
            let policy = &found.finding.policy;
            if let Some(reason) = found.open_question() {
                self.tally.add(policy, subject, Count::NotEvaluated);
                self.ask(reason, policy, subject.to_string());
                continue;
            }
            self.tally.add(policy, subject, Count::of(found));
            views.push(self.finding(found));
        }
        if views.is_empty() && mutations.is_empty() {
            return Ok(());
        }
        let object = Object {
            kind: kind(subject),
            name: name(subject),
            namespace: &subject.namespace,
            phase: &subject.phase,
            origin: outcome.origin.name(),
            facts: facts(&outcome.origin),
            notes: match &outcome.origin {
                Origin::Cluster(origin) => &origin.not_restartable,
                Origin::File(_) | Origin::AuditLog(_) => &[],
            },
            findings: views,
            mutations,
        };
        self.objects.push(object.render()?);
        Ok(())
    }

    fn finding<'f>(&self, found: &'f Found) -> Finding<'f> {
        let finding = &found.finding;
        let place = found.place.as_ref();
        let exception = finding.exception.as_deref();
        Finding {
            severity: Count::of(found).name(),
            policy: &finding.policy,
            is_explained: self.about.policy(&finding.policy).is_some(),
            message: &finding.message,
            path: found.path(),
            place: place
                .map(|place| format!("{}:{}", place.line, place.column))
                .unwrap_or_default(),
            excerpt: place.and_then(Excerpt::of),
            fix: finding.remediation.as_deref().unwrap_or_default(),
            notes: exception.map(let_off).into_iter().collect(),
        }
    }

    fn ask(&mut self, reason: &str, policy: &str, object: String) {
        let policies = self.open.entry(reason.to_owned()).or_default();
        let objects = policies.entry(policy.to_owned()).or_default();
        objects.insert(object);
    }

    fn page(&self, summary: &Summary) -> askama::Result<String> {
        let policies: Vec<Policy> = self
            .tally
            .policies()
            .filter_map(|name| self.about.policy(name))
            .map(Policy::from)
            .collect();
        let explained = policies.iter().map(|policy| policy.id.as_str()).collect();
        Page {
            verdict: view::verdict(summary, self.about.threshold),
            in_total: in_total(summary),
            now: to_the_second(self.about.now),
            tiles: view::tiles(summary),
            tables: self.tally.tables(&explained),
            columns: self.tally.columns(),
            severities: self.tally.severities(),
            choices: self.tally.choices(),
            found: self.tally.found(),
            unreadable: &self.unreadable,
            objects: &self.objects,
            open: self.open.iter().map(open_question).collect(),
            policies,
        }
        .render()
    }
}

impl Renderer for Html<'_> {
    fn add(&mut self, outcome: &Outcome, _output: &mut dyn Write) -> io::Result<()> {
        match &outcome.state {
            State::Unreadable { message, place } => {
                self.unreadable
                    .push(Input::of(&outcome.origin, message, place.as_ref()));
            }
            State::NotEvaluated { reason } => {
                let object = format!("{} ({})", outcome.subject, outcome.origin.name());
                self.ask(reason, "", object);
            }
            State::Judged {
                findings,
                mutations,
                ..
            } => self
                .judged(outcome, findings, mutations)
                .map_err(io::Error::other)?,
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary, output: &mut dyn Write) -> io::Result<()> {
        let page = self.page(summary).map_err(io::Error::other)?;
        output.write_all(page.as_bytes())
    }
}

fn kind(subject: &Subject) -> &str {
    match subject.kind.as_str() {
        "" => "document",
        kind => kind,
    }
}

/// What else is known of where an object is from.
fn facts(origin: &Origin) -> Vec<String> {
    let known = |label: &str, text: &str| (!text.is_empty()).then(|| format!("{label} {text}"));
    let facts = match origin {
        Origin::File(_) => [None, None, None],
        Origin::AuditLog(origin) => [
            known("by", &origin.user),
            known("to", &origin.verb),
            known("at", &origin.time),
        ],
        Origin::Cluster(origin) => [
            known("made by", &origin.owner),
            known("since", &origin.created),
            None,
        ],
    };
    facts.into_iter().flatten().collect()
}

/// Namespace and name, as everywhere.
fn name(subject: &Subject) -> String {
    let text = subject.to_string();
    let behind_kind = text.strip_prefix(&subject.kind).map(str::trim_start);
    behind_kind.unwrap_or(&text).to_owned()
}

fn open_question<'q>(
    (reason, policies): (&'q String, &'q BTreeMap<String, BTreeSet<String>>),
) -> OpenQuestion<'q> {
    let lines = policies.iter();
    OpenQuestion {
        reason,
        lines: lines
            .map(|(policy, objects)| (policy.as_str(), some(objects)))
            .collect(),
    }
}

/// The first few of many.
fn some(objects: &BTreeSet<String>) -> String {
    let named: Vec<&str> = objects.iter().take(NAMED_MAX).map(String::as_str).collect();
    match objects.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

//! Findings for a person at a terminal: message, source line, caret, fix, and a summary.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use annotate_snippets::{Group, Level, Renderer as Snippets};

mod report;
mod total;

pub(super) use self::report::let_off;
pub(super) use self::total::in_total;

use self::report::{Report, placed};
use self::total::Overview;
use super::{About, Renderer};
use crate::audit::cluster::section::Section;
use crate::audit::outcome::{Found, Origin, Outcome, State};
use crate::audit::replay::report::Report as Requests;
use crate::audit::summary::Summary;
use crate::message::without_controls;

/// Prints outcomes as they come.
pub struct Text {
    snippets: Snippets,
    open: OpenQuestions,
    /// Policies whose advice has been printed: once is enough.
    advised: BTreeSet<String>,
    overview: Overview,
    /// Of clusters, what comes first.
    section: Section,
    /// Of audit logs, which are told of by user.
    requests: Requests,
}

/// Policies that could not be evaluated, by the reason, each with the objects.
type OpenQuestions = BTreeMap<String, BTreeMap<String, Objects>>;

/// Some of many objects.
#[derive(Debug, Default)]
struct Objects {
    named: Vec<String>,
    more: usize,
}

/// How many objects are named behind a policy that could not be evaluated.
const NAMED_MAX: usize = 3;

impl Text {
    /// A renderer with or without colours.
    pub fn new(_about: &About<'_>, is_coloured: bool) -> Self {
        Self {
            snippets: match is_coloured {
                true => Snippets::styled(),
                false => Snippets::plain(),
            },
            open: OpenQuestions::new(),
            advised: BTreeSet::new(),
            overview: Overview::default(),
            section: Section::default(),
            requests: Requests::default(),
        }
    }
}

impl Renderer for Text {
    fn add(&mut self, outcome: &Outcome, output: &mut dyn Write) -> io::Result<()> {
        match &outcome.origin {
            Origin::AuditLog(origin) => {
                self.requests.add(origin, outcome);
                return Ok(());
            }
            Origin::Cluster(origin) => {
                if let Some(mut waiting) = self.section.add(origin, &outcome.subject, output)? {
                    self.print(outcome, &mut waiting)?;
                    self.section.wait(waiting);
                    return Ok(());
                }
            }
            Origin::File(_) => {}
        }
        self.section.end(output)?;
        self.print(outcome, output)
    }

    fn finish(&mut self, summary: &Summary, output: &mut dyn Write) -> io::Result<()> {
        self.section.end(output)?;
        for (reason, policies) in &self.open {
            let lines = policies.iter().map(|(policy, objects)| {
                Level::NOTE.message(without_controls(format!("{policy}: {objects}")))
            });
            let title = without_controls(format!("not evaluated: {reason}"));
            let group = Group::with_title(Level::NOTE.primary_title(title)).elements(lines);
            self.write(group, output)?;
        }
        self.requests.write(output)?;
        self.overview.write(output)?;
        writeln!(output, "{}", in_total(summary))
    }
}

impl Text {
    /// Prints what there is to say about an object.
    fn print(&mut self, outcome: &Outcome, output: &mut dyn Write) -> io::Result<()> {
        match &outcome.state {
            // Told on standard error, whatever the format.
            State::Unreadable { place: None, .. } => Ok(()),
            State::Unreadable {
                message,
                place: Some(place),
            } => {
                let title = Level::ERROR.primary_title(without_controls(message.clone()));
                let group = Group::with_title(title);
                let group = placed(group, outcome, place, "this document is not judged");
                self.write(group, output)
            }
            State::NotEvaluated { reason } => {
                let title = without_controls(format!("not evaluated: {reason}"));
                let origin = format!("{}: {}", outcome.origin.name(), outcome.subject);
                let group = Group::with_title(Level::NOTE.primary_title(title));
                let group = group.element(Level::NOTE.message(without_controls(origin)));
                self.write(group, output)
            }
            State::Judged {
                findings,
                mutations,
            } => {
                self.findings(findings, outcome, output)?;
                self.mutations(mutations, outcome, output)
            }
        }
    }

    fn findings(
        &mut self,
        findings: &[Found],
        outcome: &Outcome,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        for found in findings {
            if let Some(reason) = found.open_question() {
                // Once per reason, at the end: there is nothing to mend in the object.
                let policies = self.open.entry(reason.to_owned()).or_default();
                let policy = found.finding.policy.to_string();
                let objects = policies.entry(policy).or_default();
                objects.add(outcome.subject.to_string());
            }
        }
        let findings = findings.iter();
        let answered = findings.filter(|found| found.open_question().is_none());
        for found in answered.clone() {
            self.overview.add(found);
        }
        for report in Report::all(answered) {
            let help = report.help();
            let help = help.filter(|_| self.advised.insert(report.policy().to_owned()));
            self.write(report.group(outcome, help), output)?;
        }
        Ok(())
    }

    fn mutations(
        &self,
        mutations: &str,
        outcome: &Outcome,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        if mutations.is_empty() {
            return Ok(());
        }
        let title = format!("{}: {}", outcome.origin.name(), outcome.subject);
        writeln!(output, "{}", without_controls(title))?;
        for line in mutations.lines() {
            writeln!(output, "{}", without_controls(line.to_owned()))?;
        }
        writeln!(output)
    }

    fn write(&self, group: Group<'_>, output: &mut dyn Write) -> io::Result<()> {
        writeln!(output, "{}\n", self.snippets.render(&[group]))
    }
}

impl Objects {
    fn add(&mut self, object: String) {
        if self.named.contains(&object) {
            return;
        }
        match self.named.len() < NAMED_MAX {
            true => self.named.push(object),
            false => self.more += 1,
        }
    }
}

/// The first few of many.
impl std::fmt::Display for Objects {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.named.join(", "))?;
        match self.more {
            0 => Ok(()),
            more => write!(formatter, " and {more} more"),
        }
    }
}

//! Findings for a person at a terminal: message, source line, caret, fix, and a summary.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use admission_policy::exception::Exception;
use annotate_snippets::{AnnotationKind, Element, Level, Renderer as Snippets, Snippet};

use super::{About, Renderer};
use crate::audit::cluster::section::Section;
use crate::audit::outcome::{Excerpt, Found, Origin, Outcome, Place, Severity, State, Subject};
use crate::audit::replay::report::Report;
use crate::audit::summary::Summary;
use crate::policy::prose::count;

/// Prints outcomes as they come.
pub struct Text {
    snippets: Snippets,
    open: OpenQuestions,
    /// Of clusters, what comes first.
    section: Section,
    /// Of audit logs, which are told of by user.
    replay: Report,
}

/// Policies that could not be evaluated, by the reason, each with the objects.
type OpenQuestions = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

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
            section: Section::default(),
            replay: Report::default(),
        }
    }
}

impl Renderer for Text {
    fn add(&mut self, outcome: &Outcome, output: &mut dyn Write) -> io::Result<()> {
        match &outcome.origin {
            Origin::AuditLog(origin) => {
                self.replay.add(origin, outcome);
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
                Level::NOTE.message(format!("{policy}: {}", some(objects)))
            });
            let title = Level::NOTE.primary_title(format!("not evaluated: {reason}"));
            let report = [title.elements(lines)];
            writeln!(output, "{}\n", self.snippets.render(&report))?;
        }
        self.replay.write(output)?;
        writeln!(output, "{}", in_total(summary))
    }
}

impl Text {
    /// What there is to say about an object.
    fn print(&mut self, outcome: &Outcome, output: &mut dyn Write) -> io::Result<()> {
        let Outcome {
            origin,
            subject,
            state,
        } = outcome;
        match state {
            // Told on standard error, whatever the format.
            State::Unreadable { place: None, .. } => Ok(()),
            State::Unreadable {
                message,
                place: Some(place),
            } => {
                let title = Level::ERROR.primary_title(message.clone());
                let label = "this document is not judged";
                let report = [title.element(placed(origin, place, label.to_owned()))];
                writeln!(output, "{}\n", self.snippets.render(&report))
            }
            State::NotEvaluated { reason } => {
                let title = format!("not evaluated: {reason}");
                let origin = format!("{}: {subject}", origin.name());
                let report = [Level::NOTE
                    .primary_title(title)
                    .element(Level::NOTE.message(origin))];
                writeln!(output, "{}\n", self.snippets.render(&report))
            }
            State::Judged {
                findings,
                mutations,
            } => {
                for found in findings {
                    if let Some(reason) = found.open_question() {
                        // Once per reason, at the end: there is nothing to mend in the object.
                        let policies = self.open.entry(reason.to_owned()).or_default();
                        let policy = found.finding.policy.to_string();
                        policies
                            .entry(policy)
                            .or_default()
                            .insert(subject.to_string());
                        continue;
                    }
                    self.finding(found, origin, subject, output)?;
                }
                if !mutations.is_empty() {
                    writeln!(output, "{}: {subject}", origin.name())?;
                    writeln!(output, "{mutations}")?;
                }
                Ok(())
            }
        }
    }

    fn finding(
        &self,
        found: &Found,
        origin: &Origin,
        subject: &Subject,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        let level = match found.severity {
            _ if found.is_accepted => Level::NOTE,
            Severity::Deny => Level::ERROR,
            Severity::Warn => Level::WARNING,
            Severity::Audit => Level::INFO,
            Severity::Excepted => Level::NOTE,
        };
        let finding = &found.finding;
        let title = level
            .primary_title(finding.message.clone())
            .id(finding.policy.to_string());
        let path = found.path();
        let what = match path.as_str() {
            "" => subject.to_string(),
            path => format!("{path} of {subject}"),
        };
        let group = match &found.place {
            Some(place) => title.element(placed(origin, place, what)),
            None => title.element(Level::NOTE.message(format!("{}: {what}", origin.name()))),
        };
        let group = match &finding.exception {
            Some(exception) => group.element(Level::NOTE.message(let_off(exception))),
            None => group,
        };
        writeln!(output, "{}\n", self.snippets.render(&[group]))
    }
}

/// The last line: what was found in total.
pub(super) fn in_total(summary: &Summary) -> String {
    let mut parts = vec![format!("{} judged", count(summary.judged, "object"))];
    if summary.denied > 0 {
        let objects = count(summary.denied_objects, "object");
        parts.push(format!("{} in {objects}", count(summary.denied, "denial")));
    }
    for (number, noun) in [
        (summary.warned, "warning"),
        (summary.recorded, "audit finding"),
    ] {
        if number > 0 {
            parts.push(count(number, noun));
        }
    }
    if summary.excepted > 0 {
        parts.push(format!("{} excepted", summary.excepted));
    }
    if summary.accepted > 0 {
        parts.push(format!("{} accepted", summary.accepted));
    }
    if summary.not_evaluated_rules > 0 {
        let rules = count(summary.not_evaluated_rules, "rule");
        parts.push(format!("{rules} not evaluated"));
    }
    if summary.not_evaluated_objects > 0 {
        let objects = count(summary.not_evaluated_objects, "object");
        parts.push(format!("{objects} not evaluated"));
    }
    if summary.unreadable > 0 {
        parts.push(format!("{} unreadable", count(summary.unreadable, "input")));
    }
    if parts.len() == 1 {
        parts.push("nothing found".to_owned());
    }
    parts.join(", ")
}

/// By what, until when, why, and who answers for it.
pub(super) fn let_off(exception: &Exception) -> String {
    let text = format!(
        "excepted by {} until {}: {} ({})",
        exception.name, exception.expires, exception.reason, exception.owner
    );
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A place with its line, or without where the line must not be shown.
fn placed<'a>(origin: &'a Origin, place: &'a Place, label: String) -> Element<'a> {
    let Some(Excerpt { text, marked }) = &place.excerpt else {
        let place = format!("{}:{}:{}", origin.name(), place.line, place.column);
        return Level::NOTE.message(format!("{place}: {label}")).into();
    };
    let annotation = AnnotationKind::Primary.span(marked.clone()).label(label);
    Snippet::source(text.as_str())
        .path(origin.name())
        .line_start(place.line)
        .annotation(annotation)
        .into()
}

/// The first few of many.
fn some(objects: &BTreeSet<String>) -> String {
    let named: Vec<&str> = objects.iter().take(NAMED_MAX).map(String::as_str).collect();
    match objects.len() - named.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

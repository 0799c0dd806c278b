//! Findings for a person at a terminal: message, source line, caret, fix, and a summary.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Write};
use std::ops::Range;

use admission_policy::exception::Exception;
use admission_policy::finding::{Finding, Verdict};
use admission_policy::set::PolicySet;
use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer as Snippets, Snippet};

use super::review::{Event, Severity, Subject};
use crate::k8s::manifest::line_and_column;
use crate::load::Source;

/// Prints events as they come and counts them.
pub struct Renderer {
    snippets: Snippets,
    show_mutations: bool,
    /// Policies that refuse what must not be shown.
    confidential: HashSet<String>,
    unreadable: usize,
    objects: usize,
    not_evaluated: usize,
    denied: usize,
    warned: usize,
    recorded: usize,
    excepted: usize,
    denied_objects: usize,
    open: OpenQuestions,
}

/// Policies that could not be evaluated, by the reason, each with the objects.
type OpenQuestions = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// How many objects are named behind a policy that could not be evaluated.
const NAMED_MAX: usize = 3;

impl Renderer {
    /// A renderer that also counts inputs that could not be read at all.
    pub fn new(coloured: bool, show_mutations: bool, unreadable: usize, set: &PolicySet) -> Self {
        let confidential = set
            .policies()
            .filter(|policy| policy.definition.is_confidential);
        let snippets = if coloured {
            Snippets::styled()
        } else {
            Snippets::plain()
        };
        Self {
            snippets,
            show_mutations,
            confidential: confidential
                .map(|policy| policy.definition.name.to_string())
                .collect(),
            unreadable,
            objects: 0,
            not_evaluated: 0,
            denied: 0,
            warned: 0,
            recorded: 0,
            excepted: 0,
            denied_objects: 0,
            open: OpenQuestions::new(),
        }
    }

    /// Whether something could not be read.
    pub fn failed(&self) -> bool {
        self.unreadable > 0
    }

    /// Whether there was nothing at all.
    pub fn found_nothing(&self) -> bool {
        self.objects + self.not_evaluated + self.unreadable == 0
    }

    /// Whether something would be denied.
    pub fn denied(&self) -> bool {
        self.denied > 0
    }

    /// Prints one event.
    pub fn add(&mut self, event: &Event<'_>, output: &mut dyn Write) -> io::Result<()> {
        match event {
            Event::Unreadable { source, error } => {
                self.unreadable += 1;
                let title = Level::ERROR.primary_title(error.message.clone());
                let snippet = snippet(
                    source,
                    error.span.clone(),
                    "this document is not judged".to_owned(),
                );
                let report = [title.element(snippet)];
                writeln!(output, "{}\n", self.snippets.render(&report))
            }
            Event::NotEvaluated {
                source,
                subject,
                reason,
            } => {
                self.not_evaluated += 1;
                let title = format!("not evaluated: {reason}");
                let origin = format!("{}: {}", source.name, describe(subject));
                let report = [Level::NOTE
                    .primary_title(title)
                    .element(Level::NOTE.message(origin))];
                writeln!(output, "{}\n", self.snippets.render(&report))
            }
            Event::Judged {
                source,
                subject,
                findings,
                mutations,
            } => {
                self.objects += 1;
                let denials = findings
                    .iter()
                    .filter(|(s, ..)| *s == Severity::Deny)
                    .count();
                self.denied_objects += usize::from(denials > 0);
                for (severity, finding, span) in findings {
                    if let Verdict::NotEvaluated(reason) = &finding.verdict {
                        // Once per reason, at the end: there is nothing to mend in the object.
                        let policies = self.open.entry(reason.clone()).or_default();
                        let objects = policies.entry(finding.policy.to_string()).or_default();
                        objects.insert(describe(subject));
                        continue;
                    }
                    self.count(*severity);
                    self.finding(*severity, finding, span.clone(), source, subject, output)?;
                }
                if self.show_mutations && !mutations.is_empty() {
                    writeln!(output, "{}: {}", source.name, describe(subject))?;
                    writeln!(output, "{mutations}")?;
                }
                Ok(())
            }
        }
    }

    /// Prints what could not be evaluated, and the summary.
    pub fn finish(&self, output: &mut dyn Write) -> io::Result<()> {
        for (reason, policies) in &self.open {
            let lines = policies.iter().map(|(policy, objects)| {
                Level::NOTE.message(format!("{policy}: {}", some(objects)))
            });
            let title = Level::NOTE.primary_title(format!("not evaluated: {reason}"));
            let report = [title.elements(lines)];
            writeln!(output, "{}\n", self.snippets.render(&report))?;
        }
        let mut parts = vec![format!("{} judged", count(self.objects, "object"))];
        if self.denied > 0 {
            let objects = count(self.denied_objects, "object");
            parts.push(format!("{} in {objects}", count(self.denied, "denial")));
        }
        for (number, noun) in [(self.warned, "warning"), (self.recorded, "audit finding")] {
            if number > 0 {
                parts.push(count(number, noun));
            }
        }
        if self.excepted > 0 {
            parts.push(format!("{} excepted", self.excepted));
        }
        let open: usize = self.open.values().map(BTreeMap::len).sum();
        if open > 0 {
            parts.push(format!("{} not evaluated", count(open, "rule")));
        }
        if self.not_evaluated > 0 {
            let objects = count(self.not_evaluated, "object");
            parts.push(format!("{objects} not evaluated"));
        }
        if self.unreadable > 0 {
            parts.push(format!("{} unreadable", count(self.unreadable, "input")));
        }
        if parts.len() == 1 {
            parts.push("nothing found".to_owned());
        }
        writeln!(output, "{}", parts.join(", "))
    }

    fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Deny => self.denied += 1,
            Severity::Warn => self.warned += 1,
            Severity::Audit => self.recorded += 1,
            Severity::Excepted => self.excepted += 1,
        }
    }

    fn finding(
        &self,
        severity: Severity,
        finding: &Finding,
        span: Option<Range<usize>>,
        source: &Source,
        subject: &Subject<'_>,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        let level = match severity {
            Severity::Deny => Level::ERROR,
            Severity::Warn => Level::WARNING,
            Severity::Audit => Level::INFO,
            Severity::Excepted => Level::NOTE,
        };
        let message = finding.message.clone();
        let path = finding
            .path
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let origin = describe(subject);
        let title = level.primary_title(message).id(finding.policy.to_string());
        let place = if path.is_empty() {
            origin
        } else {
            format!("{path} of {origin}")
        };
        let group = match span {
            Some(span) if self.confidential.contains(&*finding.policy) => {
                let (line, column) = line_and_column(&source.text, span.start);
                let place = format!("{}:{line}:{column}: {place}", source.name);
                title.element(Level::NOTE.message(place))
            }
            Some(span) => title.element(snippet(source, span, place)),
            None => title.element(Level::NOTE.message(format!("{}: {place}", source.name))),
        };
        let group = match &finding.exception {
            Some(exception) => group.element(Level::NOTE.message(let_off(exception))),
            None => group,
        };
        writeln!(output, "{}\n", self.snippets.render(&[group]))
    }
}

/// By what, until when, why, and who answers for it.
fn let_off(exception: &Exception) -> String {
    let text = format!(
        "excepted by {} until {}: {} ({})",
        exception.name, exception.expires, exception.reason, exception.owner
    );
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn snippet<'a>(
    source: &'a Source,
    span: Range<usize>,
    label: String,
) -> Snippet<'a, Annotation<'a>> {
    Snippet::source(source.text.as_str())
        .path(source.name.as_str())
        .annotation(
            AnnotationKind::Primary
                .span(first_line(&source.text, span))
                .label(label),
        )
}

/// A span cut at the end of its first line: a caret under a hundred lines helps nobody.
fn first_line(text: &str, span: Range<usize>) -> Range<usize> {
    let end = text
        .get(span.clone())
        .and_then(|part| part.find('\n'))
        .map_or(span.end, |length| span.start + length);
    span.start..end.min(text.len())
}

/// An object's kind, namespace and name.
pub(crate) fn describe(subject: &Subject<'_>) -> String {
    let Subject {
        kind,
        namespace,
        name,
    } = subject;
    if kind.is_empty() {
        return "a document".to_owned();
    }
    let name = if name.is_empty() { "(unnamed)" } else { name };
    match *namespace {
        "" => format!("{kind} {name}"),
        namespace => format!("{kind} {namespace}/{name}"),
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

fn count(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}

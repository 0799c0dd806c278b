//! One report: findings that say the same of one object, each with its line.

use annotate_snippets::{AnnotationKind, Group, Level, Snippet};

use crate::audit::outcome::{Excerpt, Found, Outcome, Place, Severity};
use crate::message::without_controls;
use admission_policy::exception::Exception;

/// Lines that are shown; more of the same are named.
const LINES_MAX: usize = 5;
/// Between what is wrong and what to do, in messages that say both.
const FIX: &str = "; ";

/// Findings of one object that say the same.
pub struct Report<'o> {
    first: &'o Found,
    more: Vec<&'o Found>,
}

impl<'o> Report<'o> {
    /// Puts together what says the same, in the order of the first of each.
    pub fn all(findings: impl Iterator<Item = &'o Found>) -> Vec<Self> {
        let mut reports: Vec<Self> = Vec::new();
        for found in findings {
            let same = reports
                .iter_mut()
                .rev()
                .find(|report| says_the_same(report.first, found));
            match same {
                Some(report) => report.more.push(found),
                None => reports.push(Self {
                    first: found,
                    more: Vec::new(),
                }),
            }
        }
        reports
    }

    /// What the policy's author advises, where the message itself does not tell.
    pub fn help(&self) -> Option<&'o str> {
        let is_told = self.first.finding.message.contains(FIX) || self.first.is_accepted;
        let remediation = self.first.finding.remediation.as_deref();
        remediation.filter(|_| !is_told)
    }

    /// The policy.
    pub fn policy(&self) -> &'o str {
        &self.first.finding.policy
    }

    /// As printed.
    pub fn group(&self, outcome: &'o Outcome, help: Option<&str>) -> Group<'o> {
        let finding = &self.first.finding;
        let level = match self.first.severity {
            _ if self.first.is_accepted => Level::NOTE,
            Severity::Deny => Level::ERROR,
            Severity::Warn => Level::WARNING,
            Severity::Audit => Level::INFO,
            Severity::Excepted => Level::NOTE,
        };
        let title = level
            .primary_title(without_controls(finding.message.clone()))
            .id(without_controls(finding.policy.to_string()));
        let mut group = Group::with_title(title);
        for lines in self.lines(outcome) {
            group = lines.add_to(group, outcome);
        }
        if let Some(exception) = &finding.exception {
            group = group.element(Level::NOTE.message(let_off(exception)));
        }
        if self.first.is_accepted {
            group = group.element(Level::NOTE.message("accepted: listed as known"));
        }
        match help {
            Some(help) => group.element(Level::HELP.message(folded(help))),
            None => group,
        }
    }

    /// The findings by line; the object is named once.
    fn lines(&self, outcome: &Outcome) -> Vec<Lines<'o>> {
        let mut lines: Vec<Lines<'o>> = Vec::new();
        let all = std::iter::once(self.first).chain(self.more.iter().copied());
        for (position, found) in all.enumerate() {
            let label = match (found.path().as_str(), position) {
                ("", _) => outcome.subject.to_string(),
                (path, 0) => format!("{path} of {}", outcome.subject),
                (path, _) => path.to_owned(),
            };
            let place = found.place.as_ref().filter(|_| !found.is_accepted);
            let label = without_controls(label);
            let is_shown = lines.len() < LINES_MAX;
            match (place.and_then(shown), lines.last_mut()) {
                (Some(shown), Some(Lines::Shown(last))) if last.is_on(&shown) => {
                    last.marks.extend(shown.marked_with(label));
                }
                (Some(shown), _) if is_shown => {
                    let marks = shown.marked_with(label);
                    lines.push(Lines::Shown(Shown { marks, ..shown }));
                }
                _ => lines.push(Lines::Named(found.place.as_ref(), label)),
            }
        }
        lines
    }
}

fn says_the_same(a: &Found, b: &Found) -> bool {
    let is_let_off_the_same = match (&a.finding.exception, &b.finding.exception) {
        (Some(a), Some(b)) => a.name == b.name,
        (None, None) => true,
        _ => false,
    };
    a.severity == b.severity
        && a.is_accepted == b.is_accepted
        && a.finding.policy == b.finding.policy
        && a.finding.message == b.finding.message
        && is_let_off_the_same
}

/// A line of the file, or the name of a place.
enum Lines<'o> {
    Shown(Shown),
    Named(Option<&'o Place>, String),
}

struct Shown {
    line: usize,
    /// The column, where it cannot be told from the text, which is a part of a long line.
    part_at: Option<usize>,
    text: String,
    marked: std::ops::Range<usize>,
    marks: Vec<(std::ops::Range<usize>, String)>,
}

impl Shown {
    fn is_on(&self, other: &Self) -> bool {
        // Of a long line there may be several parts.
        self.line == other.line && self.text == other.text
    }

    fn marked_with(&self, label: String) -> Vec<(std::ops::Range<usize>, String)> {
        vec![(self.marked.clone(), label)]
    }
}

/// The line of a place, if it may be shown.
fn shown(place: &Place) -> Option<Shown> {
    let Excerpt { text, marked } = place.excerpt.as_ref()?;
    let column = text.get(..marked.start)?.chars().count() + 1;
    Some(Shown {
        line: place.line,
        part_at: (column != place.column).then_some(place.column),
        text: harmless(text),
        marked: marked.clone(),
        marks: Vec::new(),
    })
}

impl<'o> Lines<'o> {
    fn add_to(self, group: Group<'o>, outcome: &'o Outcome) -> Group<'o> {
        let name = without_controls(outcome.origin.name().to_owned());
        match self {
            Lines::Shown(Shown {
                line,
                part_at,
                text,
                marks,
                ..
            }) => {
                let marks = marks
                    .into_iter()
                    .map(|(marked, label)| AnnotationKind::Primary.span(marked).label(label));
                let snippet = Snippet::source(text).line_start(line).annotations(marks);
                match part_at {
                    None => group.element(snippet.path(name)),
                    Some(column) => {
                        let place = format!("{name}:{line}:{column}");
                        group.element(snippet).element(Level::NOTE.message(place))
                    }
                }
            }
            Lines::Named(Some(place), label) => {
                let place = format!("{name}:{}:{}", place.line, place.column);
                group.element(Level::NOTE.message(format!("{place}: {label}")))
            }
            Lines::Named(None, label) => {
                group.element(Level::NOTE.message(format!("{name}: {label}")))
            }
        }
    }
}

/// A place of which only one thing is said.
pub fn placed<'o>(
    group: Group<'o>,
    outcome: &'o Outcome,
    place: &'o Place,
    label: &str,
) -> Group<'o> {
    let label = label.to_owned();
    let lines = match shown(place) {
        Some(shown) => {
            let marks = shown.marked_with(label);
            Lines::Shown(Shown { marks, ..shown })
        }
        None => Lines::Named(Some(place), label),
    };
    lines.add_to(group, outcome)
}

/// By what, until when, why, and who answers for it.
pub fn let_off(exception: &Exception) -> String {
    folded(&format!(
        "excepted by {} until {}: {} ({})",
        exception.name, exception.expires, exception.reason, exception.owner
    ))
}

/// In one line, with nothing that steers a terminal.
fn folded(text: &str) -> String {
    without_controls(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A line in which characters that steer a terminal are replaced by others of the same length, so
/// that what is marked stays where it is.
fn harmless(line: &str) -> String {
    let replaced = line.chars().map(|character| match character.len_utf8() {
        _ if character == '\t' || !character.is_control() => character,
        1 => '?',
        _ => '¿',
    });
    replaced.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_its_length_and_steers_nothing() {
        let line = "a\t\u{1b}[2J\u{9b}\u{7f}é";
        let shown = harmless(line);
        assert_eq!(shown, "a\t?[2J¿?é");
        assert_eq!(shown.len(), line.len());
    }
}

//! Findings as annotations of a GitHub workflow: the commands that its runner reads from a step's
//! output (`toolkit/packages/core/src/command.ts` says how they are escaped).
//!
//! GitHub shows ten annotations of each level and step. The others are plain lines: in the log, and
//! no command that is thrown away.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::location::Root;
use super::text::in_total;
use super::{About, Renderer};
use crate::audit::outcome::{Outcome, Place, Severity, State};
use crate::audit::summary::Summary;
use crate::message::without_controls;
use crate::policy::prose::count;

/// Annotations of a level that GitHub shows for a step.
const ANNOTATIONS_MAX: usize = 10;

/// Prints annotations as they come.
pub struct Github<'a> {
    about: &'a About<'a>,
    root: Root,
    annotated: BTreeMap<Level, usize>,
    plain: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

/// What to annotate.
struct Annotation<'o> {
    level: Level,
    title: String,
    file: Option<&'o str>,
    place: Option<&'o Place>,
    message: String,
}

impl<'a> Github<'a> {
    /// A renderer.
    pub fn new(about: &'a About<'a>) -> Self {
        Self {
            about,
            root: Root::of_current_directory(),
            annotated: BTreeMap::new(),
            plain: 0,
        }
    }

    fn write(&mut self, annotation: &Annotation<'_>, output: &mut dyn Write) -> io::Result<()> {
        let file = annotation.file.map(|file| self.root.locate(file));
        let path = file.as_ref().map(|location| location.path());
        let shown = self.annotated.entry(annotation.level).or_default();
        *shown += 1;
        if *shown > ANNOTATIONS_MAX {
            self.plain += 1;
            return plain(annotation, path, output);
        }
        let mut properties = Vec::new();
        if let Some(path) = path {
            properties.push(("file", path.to_owned()));
        }
        if let Some(place) = annotation.place {
            properties.push(("line", place.line.to_string()));
            properties.push(("endLine", place.line.to_string()));
            properties.push(("col", place.column.to_string()));
            properties.push(("endColumn", place.end_column.to_string()));
        }
        properties.push(("title", annotation.title.clone()));
        let properties = properties.iter().map(|(name, value)| {
            let value = escaped_property(value);
            format!("{name}={value}")
        });
        let properties = properties.collect::<Vec<_>>().join(",");
        let (level, message) = (annotation.level.name(), escaped(&annotation.message));
        writeln!(output, "::{level} {properties}::{message}")
    }
}

impl Renderer for Github<'_> {
    fn add(&mut self, outcome: &Outcome, output: &mut dyn Write) -> io::Result<()> {
        let Outcome {
            origin,
            subject,
            state,
            ..
        } = outcome;
        let file = origin.file();
        let annotation = |level, title: &str, place, message: String| Annotation {
            level,
            title: title.to_owned(),
            file,
            place,
            message,
        };
        match state {
            State::Unreadable { message, place } => {
                let message = format!("{}: {message}", origin.name());
                let unreadable = annotation(Level::Error, "unreadable", place.as_ref(), message);
                self.write(&unreadable, output)
            }
            State::NotEvaluated { reason } => {
                let level = match self.about.threshold.strict {
                    true => Level::Error,
                    false => Level::Notice,
                };
                let message = format!("{subject}: {reason}");
                self.write(&annotation(level, "not evaluated", None, message), output)
            }
            State::Judged { findings, .. } => {
                for found in findings
                    .iter()
                    .filter(|found| found.open_question().is_none())
                {
                    let level = match found.severity {
                        _ if found.is_accepted => continue,
                        Severity::Excepted => continue,
                        Severity::Deny => Level::Error,
                        Severity::Warn => Level::Warning,
                        Severity::Audit => Level::Notice,
                    };
                    let message = match found.path().as_str() {
                        "" => format!("{} ({subject})", found.finding.message),
                        path => format!("{path}: {} ({subject})", found.finding.message),
                    };
                    let policy = &found.finding.policy;
                    let annotation = annotation(level, policy, found.place.as_ref(), message);
                    self.write(&annotation, output)?;
                }
                Ok(())
            }
        }
    }

    fn finish(&mut self, summary: &Summary, output: &mut dyn Write) -> io::Result<()> {
        let total = in_total(summary);
        match self.plain {
            0 => writeln!(output, "{total}"),
            plain => writeln!(
                output,
                "{total}; {} above without an annotation, of which GitHub shows {ANNOTATIONS_MAX} \
                 of each level",
                count(plain, "finding")
            ),
        }
    }
}

/// A line that is no command: it begins with spaces, whatever a file is called.
fn plain(
    annotation: &Annotation<'_>,
    path: Option<&str>,
    output: &mut dyn Write,
) -> io::Result<()> {
    let Annotation {
        level,
        title,
        place,
        message,
        ..
    } = annotation;
    let place = place.map_or(String::new(), |place| {
        format!(":{}:{}", place.line, place.column)
    });
    let path = path.unwrap_or_default();
    let line = format!("{path}{place}: {}: [{title}] {message}", level.name());
    writeln!(output, "  {}", without_controls(line))
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        }
    }
}

/// The text of a command. What steers a terminal is taken out first, the line breaks that the
/// runner restores excepted.
fn escaped(text: &str) -> String {
    let lines = text.lines().map(|line| without_controls(line.to_owned()));
    let text = lines.collect::<Vec<_>>().join("\n");
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a command, which ends at a comma or colon.
fn escaped_property(text: &str) -> String {
    escaped(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_command_or_a_property_is_escaped() {
        for (text, message, property) in [
            ("a: b, c", "a: b, c", "a%3A b%2C c"),
            (
                "50%\n::error::x",
                "50%25%0A::error::x",
                "50%25%0A%3A%3Aerror%3A%3Ax",
            ),
            ("a\u{1b}[2J", "a\\u{1b}[2J", "a\\u{1b}[2J"),
        ] {
            assert_eq!(escaped(text), message);
            assert_eq!(escaped_property(text), property);
        }
    }
}

//! What the audit has to say about one object or document, free of borrowed data: what every output
//! format is made from.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::accepted::identity::Identity;
use admission_policy::decide::Mode;
use admission_policy::finding::{Finding, Verdict};

use crate::k8s::manifest::Lines;
use crate::message::without_controls;

/// The outcome for one object, or for a document that holds none.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where it is from.
    pub origin: Origin,
    /// Which object is meant.
    pub subject: Subject,
    /// What came of it.
    pub state: State,
}

/// Where an object is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file, by the name that the user knows.
    File(Arc<str>),
    /// An event of an audit log.
    AuditLog(Arc<AuditLogOrigin>),
    /// A running cluster.
    Cluster(Arc<ClusterOrigin>),
}

/// Which event of an audit log is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditLogOrigin {
    /// File and line, such as `audit.log:17`.
    pub name: String,
    /// The file, by the name that the user knows.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// Identifies the request in the log.
    pub audit_id: String,
    /// When the request was received, as logged: RFC 3339 in UTC.
    pub time: String,
    /// Who sent it.
    pub user: String,
    /// The verb, as logged.
    pub verb: String,
}

/// Which object of a running cluster is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClusterOrigin {
    /// The name to print.
    pub name: String,
    /// `metadata.uid`.
    pub uid: String,
    /// `metadata.creationTimestamp`, RFC 3339 in UTC.
    pub created: String,
    /// Seconds since then.
    pub age_seconds: Option<i64>,
    /// The controller that made it, as `Kind name`; empty for none.
    pub owner: String,
    /// Of a workload, what keeps its Pods from being made again, a line per finding; empty where
    /// nothing does.
    pub not_restartable: Vec<String>,
}

/// Which object is meant; empty texts are unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// `group/version`, or the version of the core group.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace, empty for cluster-scoped objects.
    pub namespace: String,
    /// Its name, or generateName followed by `*`.
    pub name: String,
    /// Its trust phase, as labelled.
    pub phase: String,
}

/// What came of an object.
#[derive(Clone, Debug)]
pub enum State {
    /// It cannot be read.
    Unreadable {
        /// What is wrong.
        message: String,
        /// Where.
        place: Option<Place>,
    },
    /// It could not be judged.
    NotEvaluated {
        /// Why, and how to supply what is missing.
        reason: String,
    },
    /// It was judged.
    Judged {
        /// What was found, the gravest first.
        findings: Vec<Found>,
        /// What admission would fill in, as a diff; empty when nothing, or when nobody asked.
        mutations: String,
    },
}

/// A finding of the audit.
#[derive(Clone, Debug)]
pub struct Found {
    /// How grave it is.
    pub severity: Severity,
    /// What would follow if nothing let it off: the same as `severity`, unless that is `Excepted`.
    pub action: Severity,
    /// Whether a file of accepted findings lists it: then it fails nothing.
    pub is_accepted: bool,
    /// Whether its policy is confidential: what stands at its place must not be shown.
    pub is_confidential: bool,
    /// What stays the same about it when its file changes.
    pub identity: Identity,
    /// What was found.
    pub finding: Finding,
    /// Where, in a file.
    pub place: Option<Place>,
}

/// How grave a finding is, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The request would be denied.
    Deny,
    /// The user would be warned.
    Warn,
    /// It would only be recorded.
    Audit,
    /// An exception lets it off.
    Excepted,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The column behind the last character on that line.
    pub end_column: usize,
    /// What stands on the line, and which bytes of it are meant; `None` where it must not be shown.
    pub excerpt: Option<Excerpt>,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, without its end.
    pub text: String,
    /// The part that is meant, in bytes.
    pub marked: Range<usize>,
}

impl Outcome {
    /// What is wrong with an input of which nothing could be read, with its name.
    pub fn unusable_input(&self) -> Option<String> {
        match &self.state {
            State::Unreadable {
                message,
                place: None,
            } => {
                let text = format!("{}: {message}", self.origin.name());
                let lines = text.lines().map(|line| without_controls(line.to_owned()));
                Some(lines.collect::<Vec<_>>().join("\n"))
            }
            _ => None,
        }
    }
}

impl Origin {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&str> {
        match self {
            Origin::File(name) => Some(name),
            Origin::AuditLog(_) | Origin::Cluster(_) => None,
        }
    }

    /// The name to print.
    pub fn name(&self) -> &str {
        match self {
            Origin::File(name) => name,
            Origin::AuditLog(origin) => &origin.name,
            Origin::Cluster(origin) => &origin.name,
        }
    }
}

impl Found {
    /// Why it could not be evaluated, if that is what was found.
    pub fn open_question(&self) -> Option<&str> {
        match &self.finding.verdict {
            Verdict::NotEvaluated(reason) => Some(reason),
            _ => None,
        }
    }

    /// Where in the object, as printed; empty for the object as a whole.
    pub fn path(&self) -> String {
        let path = self.finding.path.as_ref();
        path.map(ToString::to_string).unwrap_or_default()
    }
}

impl Severity {
    /// What follows in a mode.
    pub fn of(mode: Mode) -> Self {
        match mode {
            Mode::Enforce => Severity::Deny,
            Mode::Warn => Severity::Warn,
            Mode::Audit => Severity::Audit,
        }
    }

    /// As `validationActions` and baselines name it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Deny => "deny",
            Severity::Warn => "warn",
            Severity::Audit => "audit",
            Severity::Excepted => "excepted",
        }
    }
}

impl Place {
    /// The place of a byte range of a text, cut at the end of its first line: a caret under a hundred
    /// lines helps nobody.
    pub fn of(lines: &Lines<'_>, span: &Range<usize>) -> Self {
        let text = lines.text();
        // Whoever makes a span of one byte does not know how long the character is.
        let begin = text.floor_char_boundary(span.start);
        let (line, column) = lines.line_and_column(begin);
        let before = text.get(..begin).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |position| position + 1);
        let rest = text.get(start..).unwrap_or_default();
        let shown = rest.split(['\n', '\r']).next().unwrap_or_default();
        let from = shown.floor_char_boundary(begin - start);
        let to = shown.ceil_char_boundary(span.end.max(begin) - start);
        let marked = shown.get(from..to).unwrap_or_default();
        Self {
            line,
            column,
            end_column: column + marked.chars().count(),
            excerpt: Some(Excerpt {
                text: shown.to_owned(),
                marked: from..to,
            }),
        }
    }

    /// The place without what stands there.
    #[must_use]
    pub fn without_excerpt(self) -> Self {
        Self {
            excerpt: None,
            ..self
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind.is_empty() {
            return formatter.write_str("a document");
        }
        let name = match self.name.as_str() {
            "" => "(unnamed)",
            name => name,
        };
        match self.namespace.as_str() {
            "" => write!(formatter, "{} {name}", self.kind),
            namespace => write!(formatter, "{} {namespace}/{name}", self.kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_first_line_of_a_span_in_characters() {
        let text = "a: 1\nclé: [x,\n  y]\n";
        let start = text.find('[').unwrap();
        let place = Place::of(&Lines::of(text), &(start..text.len() - 1));
        assert_eq!((place.line, place.column, place.end_column), (2, 6, 9));
        let excerpt = place.excerpt.unwrap();
        assert_eq!(excerpt.text, "clé: [x,");
        assert_eq!(excerpt.text.get(excerpt.marked), Some("[x,"));
    }

    #[test]
    fn a_place_is_whole_characters() {
        let text = "a: {b: }\u{f84c4}]";
        for span in [8..9, 9..10, 10..11] {
            let excerpt = Place::of(&Lines::of(text), &span).excerpt.unwrap();
            let marked = excerpt.text.get(excerpt.marked);
            assert_eq!(marked, Some("\u{f84c4}"), "{span:?}");
        }
    }

    #[test]
    fn a_place_behind_the_end_is_at_the_end() {
        let place = Place::of(&Lines::of("a: ["), &(4..9));
        assert_eq!((place.line, place.column, place.end_column), (1, 5, 5));
    }
}

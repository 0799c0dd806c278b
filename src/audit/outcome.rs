//! What the audit has to say about one object or document, free of borrowed data: what every output
//! format is made from.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

mod place;

pub use self::place::{Excerpt, Place};
use super::accepted::identity::Identity;
use super::workload::Workload;
use admission_policy::decide::Mode;
use admission_policy::finding::{Finding, Verdict};

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
    /// What it runs, where that was asked for and it is a workload.
    pub workload: Option<Box<Workload>>,
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
    /// Lines of the file that must not be shown because of it, nor for anything else on them.
    pub hidden_lines: Option<RangeInclusive<usize>>,
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

    /// What was found.
    pub fn findings(&self) -> &[Found] {
        match &self.state {
            State::Judged { findings, .. } => findings,
            State::Unreadable { .. } | State::NotEvaluated { .. } => &[],
        }
    }

    /// All places in the file that something is said about.
    pub fn places_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let (findings, place) = match &mut self.state {
            State::Judged { findings, .. } => (findings.as_mut_slice(), None),
            State::Unreadable { place, .. } => (&mut [][..], place.as_mut()),
            State::NotEvaluated { .. } => (&mut [][..], None),
        };
        let of_findings = findings.iter_mut().filter_map(|found| found.place.as_mut());
        of_findings.chain(place)
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

//! What a verification found.

use std::fmt;
use std::ops::Range;

use serde::Serialize;
use transparency_log::{Checkpoint, Hash};

use super::links::Link;
use super::witness::Witness;

/// What happened to a log. docs/evidence/log-v1.md, "Verifying".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Bytes are not what the tree says.
    Altered,
    /// What the head covers is missing.
    Removed,
    /// Records are there in another order.
    Reordered,
    /// What no head and no intent covers is there.
    Added,
    /// A signature is not the key's.
    Forged,
    /// A head is behind what was seen.
    RolledBack,
    /// A head contradicts what was seen.
    Forked,
    /// A log is not there.
    Vanished,
    /// A file cannot be read as what it should be.
    Malformed,
    /// The API server's audit log names a record that is not there, or a request without one.
    Unrecorded,
    /// The API server carried a request out without our answer.
    FailedOpen,
    /// The API server carried out what a record says was denied.
    Contradicted,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Kind::Altered => "altered",
            Kind::Removed => "removed",
            Kind::Reordered => "reordered",
            Kind::Added => "added",
            Kind::Forged => "forged",
            Kind::RolledBack => "rolled-back",
            Kind::Forked => "forked",
            Kind::Vanished => "vanished",
            Kind::Malformed => "malformed",
            Kind::Unrecorded => "unrecorded",
            Kind::FailedOpen => "failed-open",
            Kind::Contradicted => "contradicted",
        })
    }
}

/// One thing that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What happened.
    pub kind: Kind,
    /// Which file, relative to the store; for a log that vanished its origin; for an audit log its file
    /// and line.
    pub path: String,
    /// The records that it concerns, as far as that can be told: first, and one past the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<Range<u64>>,
    /// For people.
    pub message: String,
}

/// One log.
#[derive(Debug, Default)]
pub struct LogReport {
    /// Relative to the store; empty if the store is the log.
    pub directory: String,
    /// Its head, once its signature is verified.
    pub head: Option<Checkpoint>,
    /// The head's signed note.
    pub note: String,
    /// The leaf hashes under the head; none if they could not be recomputed.
    pub leaves: Vec<Hash>,
    /// What does not hold.
    pub findings: Vec<Finding>,
    /// What should be known, and does not speak against the log.
    pub notices: Vec<String>,
    /// What its records say of logs.
    pub(super) links: Vec<Link>,
}

impl LogReport {
    /// How many records are under its head.
    pub fn size(&self) -> u64 {
        self.head.as_ref().map_or(0, |head| head.size)
    }

    /// What it is called: its directory, or where the store is the log, its origin.
    pub fn name(&self) -> &str {
        match (&self.head, self.directory.as_str()) {
            (Some(head), "") => &head.origin,
            (None, "") => "log",
            (_, directory) => directory,
        }
    }

    /// The path of one of its files in the store.
    pub fn path(&self, name: &str) -> String {
        match self.directory.as_str() {
            "" => name.to_owned(),
            directory => format!("{directory}/{name}"),
        }
    }

    /// Adds a finding about a file.
    pub(super) fn find(
        &mut self,
        kind: Kind,
        name: &str,
        records: Option<Range<u64>>,
        message: impl Into<String>,
    ) {
        self.findings.push(Finding {
            kind,
            path: self.path(name),
            records,
            message: message.into(),
        });
    }
}

/// All logs of a store.
#[derive(Debug)]
pub struct Report {
    /// Whether keys were given that the logs must be signed by.
    pub is_pinned: bool,
    /// What concerns no log, or several.
    pub findings: Vec<Finding>,
    /// The logs.
    pub logs: Vec<LogReport>,
    /// What the API server's audit log says, where one was given.
    pub witness: Option<Witness>,
}

impl Report {
    /// Whether nothing was found.
    pub fn holds(&self) -> bool {
        self.all_findings().next().is_none()
    }

    /// The one log, where the number of a record is to be understood.
    ///
    /// # Errors
    /// There are several.
    pub fn the_one_log(&self) -> anyhow::Result<&LogReport> {
        let [log] = self.logs.as_slice() else {
            anyhow::bail!(
                "a record's number is that in one log: give the log's directory, such as `{}`",
                self.logs.first().map_or("", |log| &log.directory)
            );
        };
        Ok(log)
    }

    /// Every finding.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        let of_logs = self.logs.iter().flat_map(|log| &log.findings);
        self.findings.iter().chain(of_logs)
    }
}

//! What a report says. Every form of it is made of this and of nothing else, so that no two forms can
//! disagree; as JSON it is a form itself, described by docs/evidence/report-v1.schema.json.

mod answers;
mod changes;
mod lives;
mod rules;
mod workloads;

use std::collections::BTreeMap;

use serde::Serialize;

use super::reference::{Earliest, References};
use crate::evidence::digest::Digest;
use crate::evidence::period::Period;
use crate::evidence::record::Time;
use crate::evidence::verify::Finding;
use crate::evidence::verify::witness::Witness;

pub use self::answers::{Answers, Group, GroupsLeftOut, Moment, OverTime, Seen, Step};
pub use self::changes::{Act, Configuration, ConfigurationItem, Failure, Gap, Gaps};
pub use self::lives::{Ends, Investigations, OpenInvestigation};
pub use self::rules::{Control, Exception, ExceptionState, InLog, Indicator, Policy, PolicySetUse};
pub use self::workloads::{Credential, Surface};

/// Names the form of the JSON output.
pub const VERSION: &str = "cattlegrid.dev/evidence-report/v1";

/// A report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// [`VERSION`].
    pub version: &'static str,
    /// What made it.
    pub program: String,
    /// Whether the verification of the logs found nothing.
    pub holds: bool,
    /// Whether keys were given that the logs must be signed by.
    pub key_pinned: bool,
    /// What was asked for.
    pub period: Period,
    /// Times of the first and last record that was used; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<Used>,
    /// What the verification found that concerns no log, or several.
    pub findings: Vec<Finding>,
    /// What the API server's audit log says; absent where it was not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_log: Option<Witness>,
    /// The logs.
    pub logs: Vec<Log>,
    /// The records that were used.
    pub records: Records,
    /// The policies that were in force, by digest.
    pub policy_sets: Vec<PolicySetUse>,
    /// Answers: decisions, and attempts that were refused, which no decision follows.
    pub answers: Answers,
    /// The same over time.
    pub over_time: OverTime,
    /// The same by phase, the largest first; `""` for what has none.
    pub phases: Vec<Group>,
    /// The same by namespace.
    pub namespaces: Vec<Group>,
    /// The same by user.
    pub users: Vec<Group>,
    /// Groups that are not listed, by list.
    pub groups_left_out: GroupsLeftOut,
    /// By control.
    pub controls: Vec<Control>,
    /// Key Security Indicators that the controls feed.
    pub indicators: Vec<Indicator>,
    /// By policy.
    pub policies: Vec<Policy>,
    /// Exceptions that were in force or used.
    pub exceptions: Vec<Exception>,
    /// Uses of break-glass rights.
    pub break_glass: Earliest<Act, 200>,
    /// Requests that could not be judged.
    pub failures: Vec<Failure>,
    /// Records that were lost.
    pub gaps: Gaps,
    /// Changes of what decides over requests.
    pub configuration: Earliest<Configuration, 500>,
    /// Investigations.
    pub investigations: Investigations,
    /// What authenticated admitted workloads somewhere.
    pub credentials: Vec<Credential>,
    /// What admitted workloads could write to.
    pub surfaces: Vec<Surface>,
}

/// Times of records.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Used {
    /// Of the first.
    pub first: Time,
    /// Of the last.
    pub last: Time,
}

/// A log and what its verification says.
#[derive(Debug, Serialize)]
pub struct Log {
    /// In the store; empty if the store is the log.
    pub directory: String,
    /// Absent without a head whose signature holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Records under its head.
    pub size: u64,
    /// Its root hash, in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Digest of its head, the signed note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Digest>,
    /// Whether nothing was found.
    pub holds: bool,
    /// Whether its tree could be recomputed; records of other logs are not used.
    pub recomputed: bool,
    /// Records of it that were used.
    pub used: u64,
    /// What should be known and does not speak against it.
    pub notices: Vec<String>,
    /// What does not hold.
    pub findings: Vec<Finding>,
}

/// Numbers of records.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Records {
    /// Used ones.
    pub total: u64,
    /// The same by type.
    pub by_type: BTreeMap<&'static str, u64>,
    /// Those that something was left out of, for length.
    pub truncated: References,
    /// Entries that this program cannot read; they are not used. Without a time, since that cannot be
    /// read either.
    pub unreadable: u64,
}

impl Report {
    /// Everything that the verification found.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        let of_logs = self.logs.iter().flat_map(|log| &log.findings);
        self.findings.iter().chain(of_logs)
    }

    /// When it ends: as asked, or else at the last record.
    pub fn end(&self) -> Option<Time> {
        self.period.to.or(self.used.map(|used| used.last))
    }

    /// When it begins: as asked, or else at the first record.
    pub fn begin(&self) -> Option<Time> {
        self.period.from.or(self.used.map(|used| used.first))
    }
}

//! What a report says. Every form of it is made of this and of nothing else, so that no two forms can
//! disagree; as JSON it is a form itself, described by docs/evidence/report-v1.schema.json.

use std::collections::BTreeMap;

use serde::Serialize;

use super::reference::{Earliest, References};
use crate::evidence::digest::Digest;
use crate::evidence::period::Period;
use crate::evidence::record::{Change, Decision, FailureClass, ItemChange, Of, Time};
use crate::evidence::verify::Finding;
use crate::evidence::verify::witness::Witness;
use crate::policy::controls::Supported;
use crate::policy::page::ControlReference;

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

/// A policy set that answers were given by.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicySetUse {
    /// Its digest.
    pub digest: Digest,
    /// Whether it is the one whose titles and controls this report uses.
    pub described: bool,
    /// Answers by it.
    pub answers: u64,
    /// When the first was given.
    pub first: Time,
    /// When the last was given.
    pub last: Time,
}

/// Numbers of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Answers {
    /// All.
    pub total: u64,
    /// Let through.
    pub allowed: u64,
    /// Refused.
    pub refused: u64,
    /// Let through with a warning.
    pub warned: u64,
    /// Let through with a finding that is only recorded.
    pub recorded: u64,
    /// Let through by an exception.
    pub excepted: u64,
    /// Not judged, for something failed.
    pub failed: u64,
}

/// Answers over time.
#[derive(Debug, Serialize)]
pub struct OverTime {
    /// How long a step is.
    pub step: Step,
    /// Steps in which there was an answer.
    pub steps: Vec<Moment>,
}

/// How long a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// An hour.
    Hour,
    /// A day in UTC.
    Day,
}

/// Answers of one step.
#[derive(Debug, Serialize)]
pub struct Moment {
    /// When it begins.
    pub time: Time,
    /// How many.
    #[serde(flatten)]
    pub answers: Answers,
}

/// Answers of one phase, namespace or user.
#[derive(Debug, Serialize)]
pub struct Group {
    /// The cluster, where logs of several are reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Its name; empty for what has none.
    pub name: String,
    /// How many.
    #[serde(flatten)]
    pub answers: Answers,
}

/// How many groups are not listed.
#[derive(Debug, Default, Serialize)]
pub struct GroupsLeftOut {
    /// Phases.
    pub phases: usize,
    /// Namespaces.
    pub namespaces: usize,
    /// Users.
    pub users: usize,
}

/// What policies said, counted in answers: one answer counts once for each member it fits.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Something was judged.
    pub judged: u64,
    /// All that was judged held.
    pub passed: u64,
    /// Something did not hold.
    pub failed: u64,
    /// Something could not be evaluated.
    pub errors: u64,
    /// Something it needs was unknown.
    pub not_evaluated: u64,
    /// It refused.
    pub refused: u64,
    /// It warned.
    pub warned: u64,
    /// It only recorded.
    pub recorded: u64,
    /// An exception let something off.
    pub excepted: u64,
    /// The object was completed.
    pub completed: u64,
    /// Answers in which not everything held.
    pub found: References,
    /// Some in which everything did.
    pub held: References,
}

/// A control, and what was seen of what supports it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Control {
    /// What supports it, how far, and what the customer owes.
    #[serde(flatten)]
    pub supported: Supported,
    /// Its id in OSCAL's catalog; absent where it is no id of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oscal_id: Option<String>,
    /// What its policies said; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// What of the log bears on it; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_log: Option<InLog>,
}

/// What of the log bears on a control.
#[derive(Debug, Serialize)]
pub struct InLog {
    /// What is counted.
    pub what: &'static str,
    /// How many, and which.
    #[serde(flatten)]
    pub records: References,
}

/// A Key Security Indicator and what feeds it.
#[derive(Debug, Serialize)]
pub struct Indicator {
    /// Such as `KSI-IAM-ELP`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Controls of this report behind it.
    pub controls: Vec<String>,
    /// Policies that support one of them.
    pub policies: Vec<String>,
    /// Whether the log supports one of them.
    pub log: bool,
}

/// A policy and what it said.
#[derive(Debug, Serialize)]
pub struct Policy {
    /// Its name.
    pub id: String,
    /// The rule in one sentence; empty where it is unknown.
    pub title: String,
    /// `validation` or `mutation`; empty where it is unknown.
    pub kind: &'static str,
    /// Controls that it supports.
    pub controls: Vec<ControlReference>,
    /// What it said.
    pub seen: Seen,
}

/// A PolicyException.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    /// The cluster, where logs of several are reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Its name.
    pub name: String,
    /// Who answers for it; empty where records do not say.
    pub owner: String,
    /// Why; empty where records do not say.
    pub reason: String,
    /// From which policies.
    pub policies: Vec<String>,
    /// In which namespaces.
    pub namespaces: Vec<String>,
    /// Until when; empty where records do not say.
    pub expires: String,
    /// At the end of the period.
    pub state: ExceptionState,
    /// Answers that it let something off in.
    pub uses: References,
}

/// What became of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExceptionState {
    /// It is in force.
    InForce,
    /// It is there and has no effect any more.
    Expired,
    /// It is gone.
    Removed,
}

/// Who did what to what.
#[derive(Clone, Debug, Serialize)]
pub struct Act {
    /// The authenticated user; empty where unknown.
    pub user: String,
    /// `CREATE`, …
    pub operation: String,
    /// As kubectl writes it: `pods/exec`.
    pub resource: String,
    /// Namespace and name, or what there is of them.
    pub object: String,
    /// The investigation; empty without one.
    pub investigation: String,
    /// What was answered.
    pub decision: Decision,
}

/// Requests that could not be judged, for one kind of reason.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// Why.
    pub class: FailureClass,
    /// Refused for it.
    pub refused: u64,
    /// Let through unjudged, as configured.
    pub allowed: u64,
    /// Which.
    pub records: References,
}

/// Records that were lost.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gaps {
    /// How many, as far as that is known.
    pub lost: u64,
    /// Gaps of which nobody can know how many.
    pub uncounted: u64,
    /// The gaps.
    #[serde(flatten)]
    pub all: Earliest<Gap, 200>,
}

/// One gap.
#[derive(Clone, Debug, Serialize)]
pub struct Gap {
    /// Why.
    pub cause: String,
    /// How many; absent when nobody can know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// When the first was lost.
    pub from: Time,
    /// When the last was lost.
    pub to: Time,
    /// Whose they were.
    pub replica: String,
}

/// A change of what decides over requests.
#[derive(Clone, Debug, Serialize)]
pub struct Configuration {
    /// Of what.
    pub of: Of,
    /// What happened.
    pub change: Change,
    /// Digest of what counted until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    /// Digest of what counts from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Digest>,
    /// Whose log tells it.
    pub replica: String,
    /// What changed.
    pub items: Vec<ConfigurationItem>,
}

/// One thing that changed.
#[derive(Clone, Debug, Serialize)]
pub struct ConfigurationItem {
    /// Its name.
    pub name: String,
    /// How.
    pub change: ItemChange,
    /// Webhooks: members that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
}

/// Investigations: an ID in a namespace is one.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Investigations {
    /// Those of which something was admitted.
    pub admitted: u64,
    /// Of these, those whose Jobs (or else Pods) have all ended.
    pub closed: u64,
    /// Of these, those that had not ended and may still run, by their deadline, at the end of the
    /// period.
    pub running: u64,
    /// Of these, those that should have ended by then.
    pub never_closed: Earliest<OpenInvestigation, 200>,
    /// Those of which nothing was admitted.
    pub refused: u64,
    /// How Jobs ended.
    pub jobs: Ends,
    /// How Pods ended.
    pub pods: Ends,
}

/// An investigation that was admitted and of which no end is recorded.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenInvestigation {
    /// The cluster, where logs of several are reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Its namespace.
    pub namespace: String,
    /// Its ID.
    pub investigation: String,
    /// Its phase; empty without one.
    pub phase: String,
    /// Who asked for it to be admitted.
    pub user: String,
    /// How long it may run; absent where the object does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<i64>,
}

/// How objects ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ends {
    /// As they should.
    pub succeeded: u64,
    /// Otherwise.
    pub failed: u64,
    /// Deleted before.
    pub unfinished: u64,
    /// Out of time.
    pub deadline_exceeded: u64,
    /// Out of memory.
    pub out_of_memory: u64,
}

/// Credentials of admitted workloads that are alike.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// Kind of the workload.
    pub workload: String,
    /// Its phase; empty without one.
    pub phase: String,
    /// What it is.
    pub kind: String,
    /// Where it is good for; empty where objects do not say.
    pub domain: String,
    /// Admissions with such a credential.
    pub admissions: u64,
    /// The shortest lifetime, in seconds; absent where no object says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_seconds_min: Option<i64>,
    /// The longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_seconds_max: Option<i64>,
    /// Those whose object does not say a lifetime: it may be long.
    pub lifetime_unstated: u64,
    /// Those that are void once the Pod is gone.
    pub ends_with_pod: u64,
}

/// Writable surfaces of admitted workloads that are alike.
#[derive(Debug, Serialize)]
pub struct Surface {
    /// Kind of the workload.
    pub workload: String,
    /// `rootFilesystem`, `volume`, `device`.
    pub kind: String,
    /// The volume's type; empty where it is none.
    pub volume: String,
    /// What keeps it.
    pub medium: String,
    /// What it ends with.
    pub lifetime: String,
    /// Admissions with such a surface.
    pub admissions: u64,
    /// Those in which nothing caps its size.
    pub uncapped: u64,
    /// Phases of these workloads.
    pub phases: Vec<String>,
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

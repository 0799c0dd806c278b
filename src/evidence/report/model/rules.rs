//! What the rules are for: policies, controls, exceptions.

use serde::Serialize;

use super::Seen;
use crate::evidence::digest::Digest;
use crate::evidence::record::Time;
use crate::evidence::report::reference::References;
use crate::policy::controls::Supported;
use crate::policy::page::ControlReference;

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

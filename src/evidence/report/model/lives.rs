//! What became of investigations.

use serde::Serialize;

use crate::evidence::report::reference::Earliest;

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

//! What a log says about itself and about others.

use serde::{Deserialize, Serialize};

use super::{Text, Time};

/// Records that were lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// Why.
    pub cause: Cause,
    /// How many; absent when nobody can know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// When the first was lost.
    pub from: Time,
    /// When the last was lost.
    pub to: Time,
}

/// Why records were lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The store did not take them.
    Storage,
    /// They came faster than they could be written.
    QueueFull,
    /// The process ended before they were written.
    Crash,
    /// They do not fit into an entry.
    TooLarge,
}

/// What was seen of other replicas' logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossLink<'a> {
    /// Each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<OtherLog<'a>>,
}

/// The checkpoint of another log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherLog<'a> {
    /// The signed note, whole.
    pub checkpoint: Text<'a>,
    /// The log's origin.
    pub origin: Text<'a>,
    /// Its root hash, in base64 as in the checkpoint.
    pub root: Text<'a>,
    /// How many entries it has.
    pub size: u64,
}

/// The begin of a replica's writing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Start<'a> {
    /// `stdout`, or the scheme of the store.
    pub evidence: Text<'a>,
    /// Where the signing key comes from; absent where nothing is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyOrigin>,
    /// `before-response` or `batched`.
    pub mode: Text<'a>,
    /// `deny` or `allow`.
    pub on_failure: Text<'a>,
    /// The log that it goes on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<Resumed<'a>>,
}

/// Where a signing key comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyOrigin {
    /// Made for this log.
    Ephemeral,
    /// Given by its owner.
    Given,
}

/// A log that is gone on from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed<'a> {
    /// Its origin.
    pub origin: Text<'a>,
    /// Its root hash, in base64.
    pub root: Text<'a>,
    /// How many entries it had.
    pub size: u64,
}

/// The end of a replica's writing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop<'a> {
    /// The origin of the log that follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Text<'a>>,
    /// Why.
    pub reason: StopReason,
}

/// Why a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// The process was asked to stop.
    Signal,
    /// It cannot go on.
    Error,
    /// Another log follows.
    RollOver,
}

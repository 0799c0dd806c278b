//! What was answered, in numbers.

use serde::Serialize;

use crate::evidence::record::Time;
use crate::evidence::report::reference::References;

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

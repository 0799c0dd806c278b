//! What changed, what was lost, and what people did.

use serde::Serialize;

use crate::evidence::digest::Digest;
use crate::evidence::record::{Change, Decision, FailureClass, ItemChange, Of, Time};
use crate::evidence::report::reference::{Earliest, References};

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

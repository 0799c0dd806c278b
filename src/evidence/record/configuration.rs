//! Changes of what decides over requests.

use serde::{Deserialize, Serialize};

use super::Text;
use crate::evidence::digest::Digest;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration<'a> {
    /// Digest of what counts from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Digest>,
    /// Digest of what counted until now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    /// What happened.
    pub change: Change,
    /// What changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item<'a>>,
    /// Of what.
    pub of: Of,
}

/// What is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// Policies and bindings.
    PolicySet,
    /// The AgentBaseline.
    Baseline,
    /// PolicyExceptions.
    Exceptions,
    /// Our webhook configurations in the API server.
    Webhooks,
}

/// What happened to a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It counts since the start.
    Loaded,
    /// Something else counts.
    Replaced,
    /// A change could not be used; what was there goes on.
    Refused,
    /// Webhooks differ from what they should be.
    Drifted,
    /// Webhooks are what they should be again.
    Restored,
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item<'a> {
    /// How.
    pub change: ItemChange,
    /// Exceptions: until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Text<'a>>,
    /// Its name.
    pub name: Text<'a>,
    /// Exceptions: where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<Text<'a>>,
    /// Exceptions: who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Text<'a>>,
    /// Webhooks: members that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<Text<'a>>,
    /// Exceptions: from which policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Text<'a>>,
    /// Exceptions: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text<'a>>,
}

/// How an item changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemChange {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
    /// It should be there.
    Missing,
    /// It has no effect any more.
    Expired,
}

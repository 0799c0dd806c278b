//! `spec.podTemplates` of the AgentBaseline: where templates are in objects of a kind.

use serde::Deserialize;

use super::route::Route;

/// A kind with templates in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateKind {
    /// Its API group.
    pub api_group: String,
    /// The kind.
    pub kind: String,
    /// Its plural name.
    pub resource: String,
    /// The versions for which this holds; empty: all.
    #[serde(default)]
    pub versions: Vec<String>,
    /// What marks text that is filled in later, such as `{{`.
    #[serde(default)]
    pub placeholder: Option<String>,
    /// Its templates; none for a kind that runs nothing.
    #[serde(default)]
    pub templates: Vec<TemplatePlace>,
}

impl TemplateKind {
    /// Whether this is about objects of a group, version and kind.
    pub fn is(&self, group: &str, version: &str, kind: &str) -> bool {
        let is_version = self.versions.is_empty() || self.versions.iter().any(|v| v == version);
        (self.api_group.as_str(), self.kind.as_str()) == (group, kind) && is_version
    }
}

/// Templates in one place.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplatePlace {
    /// Where they are.
    pub path: Route,
    /// What is there.
    pub holds: Holds,
    /// With [`Holds::Parts`]: of what a Pod is made.
    #[serde(default)]
    pub parts: Vec<Part>,
}

/// The form of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Holds {
    /// `metadata` and `spec` of Pods, as in a Deployment's `spec.template`.
    PodTemplate,
    /// The `spec` of Pods.
    PodSpec,
    /// `metadata` and `spec` of Jobs, as in a CronJob's `spec.jobTemplate`.
    JobTemplate,
    /// Something of the kind's own, of which Pods are made.
    Parts,
}

/// From where one field of a Pod comes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// `metadata`, or a field of the Pod's spec.
    pub field: String,
    /// The first that is there is the field's value; of metadata, the labels and annotations of
    /// all, those of the first before those of the next.
    #[serde(default)]
    pub first: Vec<Route>,
    /// All that are there are the items of the field, a list.
    #[serde(default)]
    pub items: Vec<Route>,
}

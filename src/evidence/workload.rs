//! What a workload may write to, and what authenticates it somewhere: read off its Pod templates.
//!
//! Names enter, values never: no environment variable's value, no argument, no data.

use serde::{Deserialize, Serialize};

use super::bounds::{Bounds, MOUNTS_MAX, WORKLOAD_ITEMS_MAX};
use super::record::Text;

mod credentials;
mod mounts;
mod runtime;
mod surfaces;
mod template;
mod volumes;

pub use self::credentials::{Credential, CredentialKind};
pub use self::mounts::{Access, Mount};
pub use self::runtime::{RuntimeSurface, runtime_surfaces};
pub use self::surfaces::{Cap, CapBy, Lifetime, Medium, Surface, SurfaceKind};
pub use self::template::{PodTemplate, Templated, runs_pods};

/// Names the source of truth that an agent writes to.
pub const STATE_OF_RECORD: &str = "cattlegrid.dev/state-of-record";

/// Surfaces and credentials of a workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload<'a> {
    // Members are in the order of their names, as in all of `record`.
    /// One for each Pod template.
    pub templates: Vec<Template<'a>>,
}

/// One Pod template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template<'a> {
    /// What authenticates its Pods somewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<Credential<'a>>,
    /// How long its Pods run at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_seconds: Option<i64>,
    /// Where its Pods keep what outlives them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub externals: Vec<External<'a>>,
    /// Where the Pod spec is.
    pub path: Text<'a>,
    /// What its Pods can write to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub surfaces: Vec<Surface<'a>>,
}

impl Template<'_> {
    /// The same, borrowing nothing: what its form says is all there is of it.
    ///
    /// # Errors
    /// Never for what [`describe`] made; the serializer's signature has it.
    pub fn into_owned(self) -> serde_json::Result<Template<'static>> {
        serde_json::from_value(serde_json::to_value(self)?)
    }
}

/// An external state of record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct External<'a> {
    /// What says so.
    pub kind: ExternalKind,
    /// Without user, query and fragment; `none` where it says so; absent where it is no URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<Text<'a>>,
}

/// What names an external state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExternalKind {
    /// Annotation `cattlegrid.dev/state-of-record`.
    StateOfRecord,
}

/// Surfaces and credentials of a Pod template.
pub fn describe<'a>(template: &PodTemplate<'a>, bounds: &mut Bounds) -> Template<'a> {
    let mut surfaces = surfaces::surfaces(template);
    for surface in &mut surfaces {
        let mounts = std::mem::take(&mut surface.mounts);
        surface.mounts = bounds.list("workload.templates.surfaces.mounts", mounts, MOUNTS_MAX);
        surface.shorten(bounds);
    }
    let mut credentials = credentials::credentials(template);
    for credential in &mut credentials {
        let mounts = std::mem::take(&mut credential.mounts);
        credential.mounts =
            bounds.list("workload.templates.credentials.mounts", mounts, MOUNTS_MAX);
        credential.shorten(bounds);
    }
    let items_max = WORKLOAD_ITEMS_MAX;
    Template {
        credentials: bounds.list("workload.templates.credentials", credentials, items_max),
        deadline_seconds: template.deadline_seconds(),
        externals: externals(template, bounds),
        path: template.path.into(),
        surfaces: bounds.list("workload.templates.surfaces", surfaces, items_max),
    }
}

fn externals<'a>(template: &PodTemplate<'a>, bounds: &mut Bounds) -> Vec<External<'a>> {
    let named = template.outermost_annotation(STATE_OF_RECORD);
    let external = |text: &'a str| External {
        kind: ExternalKind::StateOfRecord,
        uri: public_uri(text).map(|uri| {
            bounds
                .text("workload.templates.externals.uri", uri)
                .into_owned()
                .into()
        }),
    };
    named
        .filter(|text| !text.is_empty())
        .map(external)
        .into_iter()
        .collect()
}

/// A URI up to its query, if nothing in it could be a credential; `none` as it is.
fn public_uri(text: &str) -> Option<&str> {
    if text == "none" {
        return Some(text);
    }
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = !scheme.is_empty()
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (authority_and_path, _) = rest.split_at_checked(end)?;
    let authority = authority_and_path.split('/').next().unwrap_or_default();
    if !is_scheme || authority.is_empty() || authority.contains('@') {
        return None;
    }
    text.get(..scheme.len() + "://".len() + end)
}

#[cfg(test)]
mod tests;

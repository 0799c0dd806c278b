//! The parameter objects of a case: the AgentBaseline, and whatever else exists before.

use admission_cel::json::Json;
use admission_policy::context::Params;
use bumpalo::Bump;

use crate::audit::kinds::Kinds;
use crate::audit::objects::{metadata_text, text};
use crate::audit::request::group_and_version;
use crate::baseline::{self, BaselineParams};
use crate::policy::cases::Case;

/// Looks parameters up among the objects of a case.
#[derive(Debug)]
pub(super) struct CaseParams<'a> {
    baseline: BaselineParams<'a>,
    existing: Vec<&'a Json<'a>>,
    namespace: &'a str,
}

impl<'a> CaseParams<'a> {
    pub(super) fn new(case: &Case, baseline: BaselineParams<'a>, arena: &'a Bump) -> Self {
        let existing = case.existing.iter();
        Self {
            baseline,
            existing: existing
                .map(|object| &*arena.alloc(Json::from_serde(object, arena)))
                .collect(),
            namespace: arena.alloc_str(case.namespace()),
        }
    }

    fn of_kind(&self, api_version: &str, kind: &str) -> impl Iterator<Item = &'a Json<'a>> {
        let wanted = move |object: &&Json<'_>| {
            text(object, "apiVersion") == api_version && text(object, "kind") == kind
        };
        self.existing.iter().copied().filter(wanted)
    }
}

impl<'a> Params<'a> for CaseParams<'a> {
    fn list(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
    ) -> Result<Vec<&'a Json<'a>>, String> {
        if (api_version, kind) == (baseline::API_VERSION, baseline::KIND) {
            return self.baseline.list(api_version, kind, namespace);
        }
        if self.namespaced(api_version, kind).is_none() {
            return Err(format!(
                "parameters of kind {kind} ({api_version}) are not available here; put one under \
                 `existing` of the case"
            ));
        }
        let is_there = |object: &&Json<'_>| match (namespace, metadata_text(object, "namespace")) {
            (None, _) => true,
            (Some(wanted), "") => wanted == self.namespace,
            (Some(wanted), found) => wanted == found,
        };
        Ok(self.of_kind(api_version, kind).filter(is_there).collect())
    }

    /// As built in, or else as the first object of the kind is.
    fn namespaced(&self, api_version: &str, kind: &str) -> Option<bool> {
        if let Some(namespaced) = self.baseline.namespaced(api_version, kind) {
            return Some(namespaced);
        }
        let (group, _) = group_and_version(api_version);
        if let Some(resource) = Kinds::default().resource(group, kind) {
            return Some(resource.namespaced);
        }
        let first = self.of_kind(api_version, kind).next()?;
        Some(!metadata_text(first, "namespace").is_empty())
    }
}

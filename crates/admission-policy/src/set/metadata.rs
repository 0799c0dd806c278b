//! `metadata` of policies and bindings.

use std::collections::BTreeMap;

use super::decode::{Faults, Fields};
use super::names;

/// The parts of `metadata` that matter here.
#[derive(Clone, Debug, Default)]
pub(super) struct Metadata {
    /// Empty when it is missing or not a name.
    pub(super) name: String,
    pub(super) annotations: BTreeMap<String, String>,
}

/// Reads `metadata`, as `ValidateObjectMeta` of `k8s.io/apimachinery/pkg/api/validation` demands it
/// of cluster-scoped objects.
pub(super) fn metadata(object: &mut Fields<'_>, faults: &mut Faults<'_>) -> Metadata {
    let Some(mut fields) = object.child("metadata", faults) else {
        faults.add(object.path("metadata").key("name"), "is required");
        return Metadata::default();
    };
    let mut metadata = Metadata::default();
    if let Some(name) = fields.required("name", faults) {
        match names::dns_subdomain(name) {
            Some(reason) => faults.add(fields.path("name"), format!("`{name}` {reason}")),
            None => metadata.name = name.to_owned(),
        }
    }
    if fields.get("namespace").is_some() {
        let path = fields.path("namespace");
        faults.add(path, "objects of this kind are in no namespace; remove it");
    }
    for (path, key, value) in fields.string_map("labels", faults) {
        if let Some(reason) = names::qualified_name(key) {
            faults.add(path.clone(), format!("label key `{key}` {reason}"));
        }
        if let Some(reason) = names::label_value(value) {
            faults.add(path, format!("`{value}` {reason}"));
        }
    }
    for (path, key, value) in fields.string_map("annotations", faults) {
        if let Some(reason) = names::qualified_name(&key.to_lowercase()) {
            faults.add(path, format!("annotation key `{key}` {reason}"));
        }
        metadata
            .annotations
            .insert(key.to_owned(), value.to_owned());
    }
    fields.allow(&[
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "finalizers",
        "generateName",
        "generation",
        "managedFields",
        "ownerReferences",
        "resourceVersion",
        "selfLink",
        "uid",
    ]);
    fields.close(faults);
    metadata
}

//! Merging an apply configuration into an object.
//!
//! Follows `ApplyStructuredMergeDiff` of
//! `k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch/smd.go` and the merge of
//! `sigs.k8s.io/structured-merge-diff/v6/typed`, error texts included. It differs in one thing:
//! fields of the target that the schema does not know are kept, not refused.

use admission_cel::json::{Json, Object};
use bumpalo::Bump;

use super::PatchError;
use super::depth::{NESTING_MAX, is_within_depth};
use super::schema::{Schema, Shape};

mod atomics;
mod go_format;
mod identity;
mod lists;
mod place;
mod validate;

/// Merges `configuration` into `target` as server-side apply does for the given schema. What the
/// configuration says of `apiVersion` and `kind` is not looked at. The very same node comes back
/// when nothing changes.
///
/// # Errors
/// What cannot be merged and where.
pub fn apply_configuration<'a>(
    schema: &Schema,
    target: &'a Json<'a>,
    configuration: &'a Json<'a>,
    arena: &'a Bump,
) -> Result<&'a Json<'a>, PatchError> {
    let configuration = without_type(configuration, arena);
    let root = Shape::Object(schema.root());
    if !is_within_depth(&configuration, NESTING_MAX) {
        return Err(PatchError::Failed(format!(
            "the apply configuration nests deeper than {NESTING_MAX} levels"
        )));
    }
    let errors = validate::errors(&root, &configuration);
    if !errors.is_empty() {
        return Err(PatchError::Failed(format!(
            "failed to convert patch object to typed object: {errors}"
        )));
    }
    let atomics = atomics::paths(&root, &configuration);
    if !atomics.is_empty() {
        return Err(PatchError::Failed(format!(
            "invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: {}",
            atomics.join(", ")
        )));
    }
    let merged = merge(&root, target, &configuration, arena).map_err(|reason| {
        PatchError::Failed(format!(
            "failed to convert original object to typed object: {reason}"
        ))
    })?;
    Ok(match merged {
        Some(changed) => arena.alloc(changed),
        None => target,
    })
}

fn without_type<'a>(configuration: &Json<'a>, arena: &'a Bump) -> Json<'a> {
    let Json::Object(object) = configuration else {
        return *configuration;
    };
    let entries = object
        .entries()
        .iter()
        .filter(|entry| !matches!(entry.key, "apiVersion" | "kind"))
        .map(|entry| (entry.key, entry.value));
    Json::Object(Object::new(arena, entries))
}

/// The merged value, or `None` when that is `target` itself. An error is a place in the target and
/// what is wrong there.
fn merge<'a>(
    shape: &Shape,
    target: &Json<'a>,
    configuration: &Json<'a>,
    arena: &'a Bump,
) -> Result<Option<Json<'a>>, String> {
    match shape {
        Shape::Object(structure) if !structure.is_atomic => {
            merge_objects(target, configuration, arena, |key| structure.field(key))
        }
        Shape::Map(values) => merge_objects(target, configuration, arena, |_| Some(*values)),
        Shape::Free if matches!(configuration, Json::Object(_)) => {
            merge_objects(target, configuration, arena, |_| Some(&Shape::Free))
        }
        Shape::Set(_) => lists::merge_lists(target, configuration, arena, None),
        Shape::Keyed(structure, keys) => {
            lists::merge_lists(target, configuration, arena, Some((*structure, *keys)))
        }
        _ => Ok(replacement(target, configuration)),
    }
}

fn replacement<'a>(target: &Json<'a>, configuration: &Json<'a>) -> Option<Json<'a>> {
    (target != configuration).then_some(*configuration)
}

fn merge_objects<'a, 's>(
    target: &Json<'a>,
    configuration: &Json<'a>,
    arena: &'a Bump,
    shape_of: impl Fn(&str) -> Option<&'s Shape>,
) -> Result<Option<Json<'a>>, String> {
    let old = target.as_object().filter(|object| !object.is_empty());
    let new = configuration
        .as_object()
        .filter(|object| !object.is_empty());
    let (old, new) = match (old, new) {
        (Some(old), Some(new)) => (old, new),
        // Nothing is said about what is there.
        (Some(_), None) => return Ok(None),
        // Empty and null are told apart when there is nothing else.
        (None, _) => return Ok(replacement(target, configuration)),
    };
    let mut changed = false;
    let mut entries: Vec<(&'a str, Json<'a>)> = Vec::with_capacity(old.len() + new.len());
    for entry in old.entries() {
        let merged = match (new.get(entry.key), shape_of(entry.key)) {
            (Some(value), Some(shape)) => merge(shape, &entry.value, value, arena)
                .map_err(|reason| format!(".{}{reason}", entry.key))?,
            // Undeclared fields do not pass validation; this keeps the target's.
            _ => None,
        };
        changed |= merged.is_some();
        entries.push((entry.key, merged.unwrap_or(entry.value)));
    }
    for entry in new.entries() {
        if old.get(entry.key).is_none() {
            changed = true;
            entries.push((entry.key, entry.value));
        }
    }
    Ok(changed.then(|| Json::Object(Object::new(arena, entries))))
}

#[cfg(test)]
mod tests;

//! Atomic values in an apply configuration: `validatePatch` of
//! `k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch/smd.go`.

use admission_cel::json::Json;

use super::place::Place;
use crate::patch::schema::Shape;

/// The paths of atomic arrays, maps and structs in a configuration. Setting one would drop
/// everything else that is there, which the author of a policy hardly means.
pub(super) fn paths(shape: &Shape, configuration: &Json<'_>) -> Vec<String> {
    let mut found = Vec::new();
    collect(shape, configuration, &Place::ROOT, &mut found);
    found
}

fn collect(shape: &Shape, value: &Json<'_>, place: &Place<'_>, found: &mut Vec<String>) {
    match (shape, value) {
        (Shape::Object(structure), Json::Object(object)) => {
            if structure.is_atomic {
                found.push(place.to_string());
            }
            for entry in object.entries() {
                if let Some(shape) = structure.field(entry.key) {
                    collect(shape, &entry.value, &place.field(entry.key), found);
                }
            }
        }
        (Shape::AtomicMap(_), Json::Object(_)) | (Shape::Free, Json::Array(_)) => {
            found.push(place.to_string());
        }
        (Shape::List(items), Json::Array(values)) => {
            found.push(place.to_string());
            collect_items(items, values, place, found);
        }
        (Shape::Keyed(structure, _), Json::Array(values)) => {
            collect_items(&Shape::Object(structure), values, place, found);
        }
        _ => {}
    }
}

fn collect_items(shape: &Shape, values: &[Json<'_>], place: &Place<'_>, found: &mut Vec<String>) {
    for (index, value) in values.iter().enumerate() {
        collect(shape, value, &place.index(index), found);
    }
}

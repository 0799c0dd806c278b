//! Atomic values in an apply configuration: `validatePatch` of
//! `k8s.io/apiserver/pkg/admission/plugin/policy/mutating/patch/smd.go`.

use admission_cel::json::Json;

use crate::patch::schema::Shape;

/// The paths of atomic arrays, maps and structs in a configuration. Setting one would drop
/// everything else that is there, which the author of a policy hardly means.
pub(super) fn paths(shape: &Shape, configuration: &Json<'_>) -> Vec<String> {
    let mut found = Vec::new();
    collect(shape, configuration, "", &mut found);
    found
}

fn collect(shape: &Shape, value: &Json<'_>, path: &str, found: &mut Vec<String>) {
    match (shape, value) {
        (Shape::Object(structure), Json::Object(object)) => {
            if structure.is_atomic {
                found.push(path.to_owned());
            }
            for entry in object.entries() {
                if let Some(shape) = structure.field(entry.key) {
                    collect(shape, &entry.value, &format!("{path}.{}", entry.key), found);
                }
            }
        }
        (Shape::AtomicMap(_), Json::Object(_)) | (Shape::Free, Json::Array(_)) => {
            found.push(path.to_owned());
        }
        (Shape::List(items), Json::Array(values)) => {
            found.push(path.to_owned());
            collect_items(items, values, path, found);
        }
        (Shape::Keyed(structure, _), Json::Array(values)) => {
            collect_items(&Shape::Object(structure), values, path, found);
        }
        _ => {}
    }
}

fn collect_items(shape: &Shape, values: &[Json<'_>], path: &str, found: &mut Vec<String>) {
    for (index, value) in values.iter().enumerate() {
        collect(shape, value, &format!("{path}[{index}]"), found);
    }
}

//! The investigation ID: one value per invocation, on the Job, on its template and in every
//! container's environment.
//!
//! Policies cannot assign it because CEL has no randomness; what may be done to it afterwards is
//! theirs to judge.

use admission_cel::json::{Json, Object};
use admission_policy::patch::{Operation as PatchOperation, PatchError, apply_operations};
use admission_policy::request::{Operation, Request};
use bumpalo::Bump;

use crate::labels::{INVESTIGATION, label};

/// The environment variable that carries the ID.
pub const ENVIRONMENT_VARIABLE: &str = "CATTLEGRID_INVESTIGATION";
/// Where the environment variable takes its value from.
const FIELD_PATH: &str = "metadata.labels['cattlegrid.dev/investigation']";
/// Shortest ID: anything shorter is not unique enough to be looked up later.
const LENGTH_MIN: usize = 8;
/// Longest ID, the limit of a label's value.
const LENGTH_MAX: usize = 63;

/// An object with its investigation ID.
#[derive(Clone, Copy, Debug)]
pub struct Assigned<'a> {
    /// The object; the same node when it was complete already.
    pub object: &'a Json<'a>,
    /// The ID.
    pub id: &'a str,
}

/// Gives a Job or Pod that is being created its investigation ID: the valid one it has, else
/// `new_id()`. `None` for requests that do not start an investigation.
///
/// # Errors
/// When the object is not shaped like a Job or Pod.
pub fn assign<'a>(
    request: &Request<'a>,
    object: &'a Json<'a>,
    new_id: &dyn Fn() -> String,
    arena: &'a Bump,
) -> Result<Option<Assigned<'a>>, PatchError> {
    let Some(pod) = pod_location(request) else {
        return Ok(None);
    };
    if is_mirror_pod(request, object) {
        return Ok(None);
    }
    let Some(template) = object.at(pod.keys) else {
        return Ok(None);
    };
    let id: &'a str = [object, template]
        .into_iter()
        .filter_map(|holder| label(holder, INVESTIGATION))
        .find(|id| is_valid(id))
        .unwrap_or_else(|| arena.alloc_str(&new_id()));
    let mut operations = Vec::new();
    label_operations(object, "", id, arena, &mut operations);
    if !pod.keys.is_empty() {
        label_operations(template, pod.pointer, id, arena, &mut operations);
    }
    for list in ["initContainers", "containers"] {
        environment_operations(template, pod.pointer, list, arena, &mut operations);
    }
    let object = if operations.is_empty() {
        object
    } else {
        apply_operations(object, &operations, arena)?
    };
    Ok(Some(Assigned { object, id }))
}

/// Whether a text may serve as an investigation ID: a label value of 8 to 63 characters.
pub fn is_valid(id: &str) -> bool {
    let is_edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    (LENGTH_MIN..=LENGTH_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && is_edge(id.bytes().next())
        && is_edge(id.bytes().next_back())
}

struct PodLocation {
    keys: &'static [&'static str],
    pointer: &'static str,
}

fn pod_location(request: &Request<'_>) -> Option<PodLocation> {
    if request.operation != Operation::Create || !request.subresource.is_empty() {
        return None;
    }
    match (request.resource.group, request.resource.resource) {
        ("", "pods") => Some(PodLocation {
            keys: &[],
            pointer: "",
        }),
        ("batch", "jobs") => Some(PodLocation {
            keys: &["spec", "template"],
            pointer: "/spec/template",
        }),
        _ => None,
    }
}

/// Whether a kubelet mirrors a static Pod. The annotation alone says nothing: anybody can write it.
pub fn is_mirror_pod(request: &Request<'_>, object: &Json<'_>) -> bool {
    request.user.name.starts_with("system:node:")
        && object
            .at(&["metadata", "annotations"])
            .is_some_and(|annotations| annotations.get("kubernetes.io/config.mirror").is_some())
}

fn label_operations<'a>(
    holder: &'a Json<'a>,
    pointer: &str,
    id: &'a str,
    arena: &'a Bump,
    operations: &mut Vec<PatchOperation<'a>>,
) {
    if label(holder, INVESTIGATION) == Some(id) {
        return;
    }
    let empty = || Json::Object(Object::new(arena, []));
    let metadata = holder
        .get("metadata")
        .filter(|metadata| !metadata.is_null());
    if metadata.is_none() {
        operations.push(PatchOperation::Add {
            path: format!("{pointer}/metadata"),
            value: empty(),
        });
    }
    let labels = metadata
        .and_then(|m| m.get("labels"))
        .filter(|labels| !labels.is_null());
    if labels.is_none() {
        let path = format!("{pointer}/metadata/labels");
        operations.push(PatchOperation::Add {
            path,
            value: empty(),
        });
    }
    let key = INVESTIGATION.replace('/', "~1");
    let path = format!("{pointer}/metadata/labels/{key}");
    operations.push(PatchOperation::Add {
        path,
        value: Json::String(id),
    });
}

fn environment_operations<'a>(
    template: &'a Json<'a>,
    pointer: &str,
    list: &str,
    arena: &'a Bump,
    operations: &mut Vec<PatchOperation<'a>>,
) {
    let containers = template
        .at(&["spec", list])
        .and_then(|list| list.as_array())
        .unwrap_or(&[]);
    for (index, container) in containers.iter().enumerate() {
        let pointer = format!("{pointer}/spec/{list}/{index}/env");
        let wanted = environment_variable(arena);
        let Some(environment) = container.get("env").and_then(|list| list.as_array()) else {
            let value = Json::Array(arena.alloc_slice_copy(&[wanted]));
            operations.push(PatchOperation::Add {
                path: pointer,
                value,
            });
            continue;
        };
        // Of variables with the same name the last one counts, so only one may stay.
        let mut positions = environment
            .iter()
            .enumerate()
            .filter_map(|(position, variable)| {
                let name = variable.get("name").and_then(Json::as_str);
                (name == Some(ENVIRONMENT_VARIABLE)).then_some(position)
            });
        let Some(kept) = positions.next() else {
            operations.push(PatchOperation::Add {
                path: format!("{pointer}/-"),
                value: wanted,
            });
            continue;
        };
        if !environment.get(kept).is_some_and(takes_the_label) {
            let path = format!("{pointer}/{kept}");
            operations.push(PatchOperation::Replace {
                path,
                value: wanted,
            });
        }
        let forged: Vec<usize> = positions.collect();
        operations.extend(
            forged
                .into_iter()
                .rev()
                .map(|position| PatchOperation::Remove {
                    path: format!("{pointer}/{position}"),
                }),
        );
    }
}

fn environment_variable<'a>(arena: &'a Bump) -> Json<'a> {
    let object = |entries: Vec<(&'a str, Json<'a>)>| Json::Object(Object::new(arena, entries));
    // The version is what the API server fills in: without it the second pass would differ.
    let field = object(vec![
        ("apiVersion", Json::String("v1")),
        ("fieldPath", Json::String(FIELD_PATH)),
    ]);
    object(vec![
        ("name", Json::String(ENVIRONMENT_VARIABLE)),
        ("valueFrom", object(vec![("fieldRef", field)])),
    ])
}

fn takes_the_label(variable: &Json<'_>) -> bool {
    variable
        .get("valueFrom")
        .and_then(|source| source.get("fieldRef"))
        .and_then(|field| field.get("fieldPath"))
        .and_then(Json::as_str)
        == Some(FIELD_PATH)
}

#[cfg(test)]
mod tests;

//! Policies with their bindings, as they stand in the files.

use serde_json::Value;

use crate::generate::GenerateError;
use crate::load::{self, Source};

/// A policy and what binds it.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The policy object.
    pub policy: Value,
    /// Its bindings, in the order of the files.
    pub bindings: Vec<Value>,
}

impl Bound {
    /// The policy's name.
    pub fn name(&self) -> &str {
        name(&self.policy)
    }

    /// Whether it mutates.
    pub fn mutates(&self) -> bool {
        kind(&self.policy) == "MutatingAdmissionPolicy"
    }

    /// Policy and bindings.
    pub fn into_objects(self) -> impl Iterator<Item = Value> {
        std::iter::once(self.policy).chain(self.bindings)
    }
}

/// Reads what compiled before: every binding has its policy.
pub fn read(sources: &[Source]) -> Result<Vec<Bound>, GenerateError> {
    let mut bound: Vec<Bound> = Vec::new();
    let mut bindings = Vec::new();
    for source in sources {
        for document in load::values(source)? {
            for object in items(document) {
                if kind(&object).ends_with("AdmissionPolicyBinding") {
                    bindings.push(object);
                } else if kind(&object).ends_with("AdmissionPolicy") {
                    bound.push(Bound {
                        policy: object,
                        bindings: Vec::new(),
                    });
                }
            }
        }
    }
    for binding in bindings {
        let policy = text(&binding, "/spec/policyName");
        let found = bound.iter_mut().find(|bound| {
            bound.name() == policy
                && kind(&binding).strip_suffix("Binding") == Some(kind(&bound.policy))
        });
        if let Some(found) = found {
            found.bindings.push(binding);
        }
    }
    Ok(bound)
}

/// The items of a list; of anything else, the object itself.
fn items(document: Value) -> Vec<Value> {
    match document {
        Value::Object(mut members) if members.contains_key("items") => {
            match members.remove("items") {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            }
        }
        other => vec![other],
    }
}

/// An object's name.
pub fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

fn kind(object: &Value) -> &str {
    text(object, "/kind")
}

fn text<'o>(object: &'o Value, pointer: &str) -> &'o str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

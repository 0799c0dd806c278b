//! What is said about the AgentBaseline: the descriptions of its CustomResourceDefinition, and the
//! values that ship.

use bumpalo::Bump;
use serde_json::Value;

use super::reads::{Read, Step};
use crate::k8s::manifest;
use crate::load;

/// The CustomResourceDefinition of the AgentBaseline.
const DEFINITION: &str = include_str!("../../../manifests/crds/agentbaselines.yaml");
/// Where the schema is in it.
const SCHEMA: &str = "/spec/versions/0/schema/openAPIV3Schema";

/// The AgentBaseline: what its fields mean and what the shipped one says.
#[derive(Clone, Debug)]
pub struct BaselineReference {
    definition: Value,
    shipped: Value,
}

/// A field of the AgentBaseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Such as `spec.profiles.<name>.limits`.
    pub(super) path: String,
    /// Its description, or else that of what it is in.
    pub(super) description: String,
}

impl BaselineReference {
    /// Of the shipped files. What cannot be read is not told about.
    pub fn shipped() -> Self {
        let arena = Bump::new();
        let definition = manifest::parse(DEFINITION, &arena).find_map(Result::ok);
        let shipped = load::embedded_baseline().and_then(|source| load::baseline(&source));
        Self {
            definition: definition
                .and_then(|document| serde_json::to_value(document.json).ok())
                .unwrap_or_default(),
            shipped: shipped
                .ok()
                .and_then(|baseline| serde_json::from_str(baseline.text()).ok())
                .unwrap_or_default(),
        }
    }

    /// The field that is read; `None` where the schema does not have it.
    pub(super) fn field(&self, read: &Read) -> Option<Field> {
        let mut node = self.definition.pointer(SCHEMA)?;
        let (mut path, mut description) = (String::new(), "");
        for step in read {
            let (next, shown) = match step {
                Step::Key(key) => match node.get("properties").and_then(|fields| fields.get(key)) {
                    Some(next) => (next, dotted(&path, key)),
                    None => (node.get("additionalProperties")?, dotted(&path, key)),
                },
                Step::Any => match (node.get("additionalProperties"), node.get("items")) {
                    (Some(next), _) => (next, dotted(&path, "<name>")),
                    (None, Some(next)) => (next, format!("{path}[]")),
                    // Any of several fields with fixed names: the object that they are in.
                    (None, None) => break,
                },
            };
            (node, path) = (next, shown);
            let text = node.get("description").and_then(Value::as_str);
            description = text.unwrap_or(description);
        }
        Some(Field {
            path,
            description: description.to_owned(),
        })
    }

    /// What the shipped baseline says there; `None` where that depends on a name, and for objects.
    pub(super) fn value(&self, read: &Read) -> Option<&Value> {
        let value = read
            .iter()
            .try_fold(&self.shipped, |value, step| match step {
                Step::Key(key) => value.get(key),
                Step::Any => None,
            })?;
        (!value.is_object()).then_some(value)
    }
}

fn dotted(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    }
}

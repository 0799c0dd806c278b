//! The objects of `manifests/rbac`.

use serde_json::{Value, json};

use super::LEAST_PHASE;
use crate::generate::GenerateError;
use crate::load;

/// The objects of a namespace, before they have its name.
pub struct Templates {
    namespace: Vec<Value>,
    /// By file name.
    phases: Vec<(String, Vec<Value>)>,
}

impl Templates {
    /// What the program carries.
    ///
    /// # Errors
    /// When a file is no YAML, which the tests rule out.
    pub fn embedded() -> Result<Self, GenerateError> {
        let mut namespace = Vec::new();
        for source in load::embedded_namespace() {
            namespace.extend(load::values(&source)?);
        }
        let mut phases = Vec::new();
        for source in load::embedded_phases() {
            let objects = load::values(&source)?;
            phases.push((source.name, objects));
        }
        Ok(Self { namespace, phases })
    }

    /// The Namespace, and what closes it.
    pub fn namespace(&self) -> Vec<Value> {
        self.namespace.clone()
    }

    /// Account, role, binding and network policy of a phase. One that is not among ours gets what
    /// the least trusted has: an account without rights.
    pub fn phase(&self, phase: &str, above_least: &[&str]) -> Vec<Value> {
        let own = self.file(phase);
        let objects = own.or_else(|| self.file(LEAST_PHASE));
        let mut objects = objects.unwrap_or_default().to_vec();
        for object in &mut objects {
            if own.is_none() {
                rename(object, phase);
            }
            let selector = object.pointer_mut("/spec/podSelector");
            if let Some(selector) = selector {
                *selector = pods_of(phase, above_least);
            }
        }
        objects
    }

    fn file(&self, phase: &str) -> Option<&[Value]> {
        let ending = format!("/{phase}.yaml");
        let found = self.phases.iter().find(|(file, _)| file.ends_with(&ending));
        found.map(|(_, objects)| objects.as_slice())
    }
}

/// Agents of a phase; without the label an agent is in the least trusted one.
fn pods_of(phase: &str, above_least: &[&str]) -> Value {
    if phase == LEAST_PHASE && !above_least.is_empty() {
        json!({"matchExpressions": [
            {"key": crate::labels::PHASE, "operator": "NotIn", "values": above_least}
        ]})
    } else if phase == LEAST_PHASE {
        json!({})
    } else {
        json!({"matchLabels": {crate::labels::PHASE: phase}})
    }
}

/// Makes another phase of the least trusted one, wherever its name stands.
fn rename(value: &mut Value, phase: &str) {
    match value {
        Value::String(text) if text == LEAST_PHASE => *text = phase.to_owned(),
        Value::String(text) if *text == format!("agent-{LEAST_PHASE}") => {
            *text = format!("agent-{phase}");
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, phase)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| rename(member, phase)),
        _ => {}
    }
}

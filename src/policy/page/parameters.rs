//! The parameters of a policy: what its expressions read, described by the CustomResourceDefinition.

use admission_policy::set::compiled::Definition;
use serde::Serialize;
use serde_json::Value;

use super::reads::{self, Read, Step};
use super::schema::BaselineReference;
use crate::baseline;

/// The longest list that is told value by value.
const VALUE_CHARACTERS_MAX: usize = 100;

/// Something that a policy reads from its parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parameter {
    /// Such as `spec.profiles.<name>.limits`.
    pub path: String,
    /// What it is; empty where nobody says.
    pub description: String,
    /// What the shipped AgentBaseline says; empty where that depends on a name.
    pub shipped: String,
}

/// What a policy with these expressions reads.
pub(super) fn of(
    definition: &Definition,
    sources: &[&str],
    reference: &BaselineReference,
) -> Vec<Parameter> {
    let variables = definition.variables.iter();
    let variables: Vec<(&str, &str)> = variables
        .map(|variable| (variable.name.as_str(), variable.program.source()))
        .collect();
    let is_baseline = definition.param_kind.as_ref().is_some_and(|kind| {
        (kind.api_version.as_str(), kind.kind.as_str()) == (baseline::API_VERSION, baseline::KIND)
    });
    let reference = is_baseline.then_some(reference);
    reads::of(&variables, sources)
        .iter()
        .map(|read| parameter(read, reference))
        .collect()
}

fn parameter(read: &Read, reference: Option<&BaselineReference>) -> Parameter {
    let field = reference.and_then(|reference| reference.field(read));
    let shipped = reference.and_then(|reference| reference.value(read));
    let (path, description) = match field {
        Some(field) => (field.path, field.description),
        None => (plain(read), String::new()),
    };
    Parameter {
        path,
        description,
        shipped: shipped.map(written).unwrap_or_default(),
    }
}

fn written(value: &Value) -> String {
    let scalar = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
    let Some(items) = value.as_array() else {
        return scalar(value);
    };
    let line = items.iter().map(scalar).collect::<Vec<_>>().join(", ");
    match items.len() {
        0 => "none".to_owned(),
        count if line.chars().count() > VALUE_CHARACTERS_MAX => format!("{count} entries"),
        _ => line,
    }
}

fn plain(read: &Read) -> String {
    let steps = read.iter().map(|step| match step {
        Step::Key(key) => key.as_str(),
        Step::Any => "*",
    });
    steps.collect::<Vec<_>>().join(".")
}

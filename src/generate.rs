//! `cattlegrid generate`: what gets installed, derived from policies and baseline.

use serde_json::Value;

pub mod webhooks;

/// Objects as YAML documents.
///
/// # Errors
/// Never for objects made of JSON values; the serializer's signature has it.
pub fn yaml(objects: &[Value]) -> Result<String, serde_saphyr::SerializeError> {
    let documents = objects
        .iter()
        .map(serde_saphyr::to_string)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(documents.join("---\n"))
}

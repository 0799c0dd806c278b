//! Types in protobuf's JSON form of `cel.expr.Type`.

use admission_cel::types::Type;
use serde_json::Value;

/// Reads a type.
///
/// # Errors
/// The dialect has no such type.
pub(super) fn read(json: &Value) -> Result<Type, String> {
    let Some((kind, inner)) = json.as_object().and_then(|members| members.iter().next()) else {
        return Err(format!("no type: {json}"));
    };
    let item = |pointer: &str| inner.pointer(pointer).map_or(Ok(Type::Dyn), read);
    Ok(match kind.as_str() {
        "dyn" => Type::Dyn,
        "null" => Type::Null,
        "primitive" => primitive(inner)?,
        "listType" => Type::list(item("/elemType")?),
        "mapType" => Type::map(item("/keyType")?, item("/valueType")?),
        "messageType" if inner == "google.protobuf.Duration" => Type::Duration,
        "wellKnown" => match inner.as_str() {
            Some("TIMESTAMP") => Type::Timestamp,
            Some("DURATION") => Type::Duration,
            Some("ANY") => Type::Dyn,
            _ => return Err(format!("the dialect has no type {inner}")),
        },
        "abstractType" if inner["name"] == "optional_type" => {
            Type::optional(item("/parameterTypes/0")?)
        }
        "type" if inner.as_object().is_some_and(|inner| inner.is_empty()) => Type::TYPE,
        "type" => Type::Type(read(inner)?.into()),
        "typeParam" => Type::Parameter(inner.as_str().unwrap_or_default().into()),
        _ => {
            return Err(format!(
                "the dialect has no protobuf message or wrapper type: {json}"
            ));
        }
    })
}

fn primitive(name: &Value) -> Result<Type, String> {
    Ok(match name.as_str() {
        Some("BOOL") => Type::Bool,
        Some("INT64") => Type::Int,
        Some("UINT64") => Type::Uint,
        Some("DOUBLE") => Type::Double,
        Some("STRING") => Type::String,
        Some("BYTES") => Type::Bytes,
        _ => return Err(format!("no primitive type: {name}")),
    })
}

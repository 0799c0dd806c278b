//! Values in protobuf's JSON form of `cel.expr.Value`.

use admission_cel::types::Type;
use admission_cel::value::{MapValue, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bumpalo::Bump;
use serde_json::Value as JsonValue;

/// Reads a value.
///
/// # Errors
/// The dialect has no such value.
pub(super) fn read<'a>(json: &JsonValue, arena: &'a Bump) -> Result<Value<'a>, String> {
    let Some((kind, inner)) = json.as_object().and_then(|members| members.iter().next()) else {
        return Err(format!("no value: {json}"));
    };
    let text = inner.as_str().unwrap_or("");
    let wrong = |_| format!("no value: {json}");
    Ok(match kind.as_str() {
        "nullValue" => Value::Null,
        "boolValue" => Value::Bool(inner.as_bool().unwrap_or(false)),
        "int64Value" => Value::Int(text.parse().map_err(|_| wrong(()))?),
        "uint64Value" => Value::Uint(text.parse().map_err(|_| wrong(()))?),
        "doubleValue" => Value::Double(match inner.as_f64() {
            Some(number) => number,
            None => text.to_lowercase().parse().map_err(|_| wrong(()))?,
        }),
        "stringValue" => Value::String(arena.alloc_str(text)),
        "bytesValue" => {
            let bytes = BASE64.decode(text).map_err(|_| wrong(()))?;
            Value::Bytes(arena.alloc_slice_copy(&bytes))
        }
        "typeValue" => Value::Type(named_type(text, arena)),
        "listValue" => {
            let items = members(inner, "values")
                .map(|item| read(item, arena))
                .collect::<Result<Vec<_>, _>>()?;
            Value::List(arena.alloc_slice_copy(&items))
        }
        "mapValue" => {
            let entries = members(inner, "entries")
                .map(|entry| Ok((read(&entry["key"], arena)?, read(&entry["value"], arena)?)))
                .collect::<Result<Vec<_>, String>>()?;
            Value::Map(MapValue::new(arena, &entries))
        }
        "objectValue" => message(inner)?,
        _ => return Err(format!("the dialect has no enums: {json}")),
    })
}

fn members<'j>(json: &'j JsonValue, name: &str) -> impl Iterator<Item = &'j JsonValue> {
    json.get(name)
        .and_then(JsonValue::as_array)
        .into_iter()
        .flatten()
}

fn named_type<'a>(name: &str, arena: &'a Bump) -> &'a Type {
    let found = match name {
        "null_type" => Type::Null,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "list" => Type::list(Type::Dyn),
        "map" => Type::map(Type::Dyn, Type::Dyn),
        "google.protobuf.Timestamp" => Type::Timestamp,
        "google.protobuf.Duration" => Type::Duration,
        "type" => Type::TYPE,
        "optional_type" => Type::OPTIONAL,
        other => Type::Object(other.into()),
    };
    // The arena drops nothing; a type of a test may be left behind.
    arena.alloc(found)
}

/// The messages that are values of the dialect; of these, cases use durations only.
fn message<'a>(any: &JsonValue) -> Result<Value<'a>, String> {
    let name = any["@type"].as_str().unwrap_or("");
    let seconds = any["value"]
        .as_str()
        .and_then(|text| text.strip_suffix('s'));
    match (name.rsplit('/').next(), seconds) {
        (Some("google.protobuf.Duration"), Some(seconds)) => nanoseconds(seconds)
            .map(Value::Duration)
            .ok_or_else(|| format!("no duration: {any}")),
        _ => Err(format!("the dialect has no message {name}")),
    }
}

/// Decimal seconds with up to nine decimals, as protobuf's JSON form has durations.
fn nanoseconds(seconds: &str) -> Option<i64> {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<9}").parse().ok()?;
    let fraction = if seconds.starts_with('-') {
        -fraction
    } else {
        fraction
    };
    whole.checked_mul(1_000_000_000)?.checked_add(fraction)
}

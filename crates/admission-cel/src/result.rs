//! The result of an expression as text, for people and for programs in other languages.
//!
//! What cel-go converts to JSON (`ConvertToNative` of its `common/types`, to
//! `google.protobuf.Value`) is JSON: integers beyond 2^53 are strings, bytes are base64,
//! timestamps and durations are what `string()` makes of them. The rest is its type's name and what
//! Go's `%v` prints.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(crate) mod go_value;
mod number;
#[cfg(test)]
mod tests;

use crate::library::conversions::text_of;
use crate::value::{Map, Value};

/// Integers up to this magnitude are numbers in JSON, others strings: `isJSONSafe` in
/// `common/types/int.go` of cel-go.
const JSON_INTEGER_MAX: u64 = (1 << 53) - 1;

/// The value as compact JSON with sorted keys if cel-go converts it; otherwise `optional.none()`,
/// `optional.of(…)` or `typename:value`.
pub fn text(value: Value<'_>) -> String {
    match value {
        Value::Optional(None) => "optional.none()".to_owned(),
        Value::Optional(Some(inner)) => format!("optional.of({})", text(*inner)),
        _ => {
            let mut json = String::new();
            match write_json(value, &mut json) {
                Some(()) => json,
                None => format!("{}:{}", value.type_name(), go_value::of_result(value)),
            }
        }
    }
}

/// Appends a value's JSON; `None` when it or something in it has none.
fn write_json(value: Value<'_>, json: &mut String) -> Option<()> {
    match value.plain() {
        Value::Null => json.push_str("null"),
        Value::Bool(flag) => json.push_str(if flag { "true" } else { "false" }),
        Value::Int(integer) => write_integer(&integer, integer.unsigned_abs(), json),
        Value::Uint(integer) => write_integer(&integer, integer, json),
        Value::Double(number) => json.push_str(&number::json(number)?),
        Value::Bytes(bytes) => write_string(&STANDARD.encode(bytes), json)?,
        Value::Optional(inner) => write_json(*inner?, json)?,
        Value::Type(_) => return None,
        other => {
            if let Some(list) = other.as_list() {
                json.push('[');
                for (position, item) in list.iter().enumerate() {
                    separate(position, json);
                    write_json(item, json)?;
                }
                json.push(']');
            } else if let Some(map) = other.as_map() {
                write_map(map, json)?;
            } else {
                write_string(&text_of(other)?.ok()?, json)?;
            }
        }
    }
    Some(())
}

fn separate(position: usize, json: &mut String) {
    if position > 0 {
        json.push(',');
    }
}

fn write_integer(integer: &impl ToString, magnitude: u64, json: &mut String) {
    let digits = integer.to_string();
    if magnitude <= JSON_INTEGER_MAX {
        json.push_str(&digits);
    } else {
        json.push('"');
        json.push_str(&digits);
        json.push('"');
    }
}

fn write_string(text: &str, json: &mut String) -> Option<()> {
    json.push_str(&serde_json::to_string(text).ok()?);
    Some(())
}

/// Only maps whose keys are strings have JSON.
fn write_map(map: Map<'_>, json: &mut String) -> Option<()> {
    let mut entries = map
        .iter()
        .map(|(key, value)| Some((key.as_str()?, value)))
        .collect::<Option<Vec<_>>>()?;
    entries.sort_by_key(|(key, _)| *key);
    json.push('{');
    for (position, (key, value)) in entries.into_iter().enumerate() {
        separate(position, json);
        write_string(key, json)?;
        json.push(':');
        write_json(value, json)?;
    }
    json.push('}');
    Some(())
}

//! A value's text in error messages, as `%v` of Go's `fmt` prints cel-go's values.

use super::{conversions, go, time};
use crate::value::Value;

/// The text of a value. Values of library types print as their type's name, since what Go shows of
/// them is the layout of its structs.
pub(super) fn go_text(value: Value<'_>) -> String {
    match value.plain() {
        Value::Null => "0".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(integer) => integer.to_string(),
        Value::Uint(integer) => integer.to_string(),
        Value::Double(number) => go::general(number),
        Value::String(text) => text.to_owned(),
        Value::Bytes(bytes) => {
            let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
            format!("[{}]", numbers.join(" "))
        }
        Value::Duration(nanoseconds) => time::duration_text(nanoseconds),
        Value::Timestamp(timestamp) => conversions::timestamp_text(timestamp),
        Value::Optional(None) => "optional.none()".to_owned(),
        Value::Optional(Some(inner)) => format!("optional({})", go_text(*inner)),
        Value::Type(named) => crate::value::runtime_name(named).to_owned(),
        other => collection_text(other),
    }
}

fn collection_text(value: Value<'_>) -> String {
    if let Some(list) = value.as_list() {
        let items: Vec<String> = list.iter().map(go_text).collect();
        return format!("[{}]", items.join(", "));
    }
    if let Some(map) = value.as_map() {
        let entries: Vec<String> = map
            .iter()
            .map(|(key, value)| format!("{}: {}", go_text(key), go_text(value)))
            .collect();
        return format!("{{{}}}", entries.join(", "));
    }
    value.type_name().to_owned()
}

//! A value's text in error messages, as `%v` of Go's `fmt` prints cel-go's values.

use super::{go, scalar_text, time};
use crate::json::Json;
use crate::result::go_value::of_native;
use crate::value::{Timestamp, Value};

/// The text of a value. Formats, authorizers and objects print as their type's name, since what Go
/// shows of them is the layout of its structs.
pub(crate) fn go_text(value: Value<'_>) -> String {
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
        Value::Timestamp(timestamp) => moment_text(timestamp),
        Value::Ip(_) | Value::Cidr(_) | Value::Quantity(_) | Value::Url(_) | Value::Semver(_) => {
            scalar_text(value)
        }
        Value::Optional(None) => "optional.none()".to_owned(),
        Value::Optional(Some(inner)) => format!("optional({})", go_text(*inner)),
        Value::Type(named) => crate::value::runtime_name(named).to_owned(),
        other => collection_text(other),
    }
}

/// As Go's `time.Time` prints itself: `1970-01-01 00:00:00 +0000 UTC`, `… +0200 +0200`.
fn moment_text(timestamp: Timestamp) -> String {
    let text = time::rfc3339(timestamp);
    let end = text.rfind(['Z', '+', '-']).unwrap_or(text.len());
    let (moment, offset) = text.split_at_checked(end).unwrap_or((&text, ""));
    let moment = moment.replacen('T', " ", 1);
    match offset {
        "Z" => format!("{moment} +0000 UTC"),
        offset => {
            let offset = offset.replace(':', "");
            format!("{moment} {offset} {offset}")
        }
    }
}

fn collection_text(value: Value<'_>) -> String {
    if let Value::Json(Json::Array(items)) = value {
        let items: Vec<String> = items.iter().map(of_native).collect();
        return format!("[{}]", items.join(", "));
    }
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

//! Values that have no JSON, as `%v` of Go's `fmt` prints what cel-go keeps of them.
//!
//! Go prints three kinds of collections differently: what a result wraps (`[a b]`, `map[k:v]`), what
//! it holds as values of cel-go (`[a, b]`, `{k: v}`), and what lists of input objects hold, which are
//! plain Go values (`[a b]`, `map[k:v]` again, and `<nil>`).

use std::cmp::Ordering;

use crate::json::Json;
use crate::library::go::general;
use crate::library::time::{duration_text, rfc3339};
use crate::value::{Map, Timestamp, Value, runtime_name};

/// The value of a whole result.
pub(super) fn of_result(value: Value<'_>) -> String {
    if let Some(list) = value.as_list() {
        let items: Vec<String> = list.iter().map(of_value).collect();
        return format!("[{}]", items.join(" "));
    }
    if let Some(map) = value.as_map() {
        return format!("map[{}]", entries(map, ":").join(" "));
    }
    of_value(value)
}

/// A value of cel-go within another.
fn of_value(value: Value<'_>) -> String {
    if let Value::Json(Json::Array(items)) = value {
        let items: Vec<String> = items.iter().map(of_native).collect();
        return format!("[{}]", items.join(", "));
    }
    match value.plain() {
        // cel-go's null is a number of an enumeration.
        Value::Null => "0".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(integer) => integer.to_string(),
        Value::Uint(integer) => integer.to_string(),
        Value::Double(number) => general(number),
        Value::String(text) => text.to_owned(),
        Value::Bytes(bytes) => {
            let bytes: Vec<String> = bytes.iter().map(u8::to_string).collect();
            format!("[{}]", bytes.join(" "))
        }
        Value::Duration(nanoseconds) => duration_text(nanoseconds),
        Value::Timestamp(timestamp) => of_time(timestamp),
        Value::Optional(None) => "optional.none()".to_owned(),
        Value::Optional(Some(inner)) => format!("optional({})", of_value(*inner)),
        Value::Type(named) => runtime_name(named).to_owned(),
        Value::Quantity(quantity) => quantity.to_string(),
        Value::Ip(address) => address.to_string(),
        Value::Cidr(network) => network.to_string(),
        Value::Url(url) => url.to_string(),
        Value::Semver(version) => version.to_string(),
        // Go prints addresses in memory here, which say nothing.
        Value::Format(format) => format.name().to_owned(),
        Value::Authorizer(_) => "no such overload".to_owned(),
        other => of_collection(other),
    }
}

fn of_collection(value: Value<'_>) -> String {
    if let Some(list) = value.as_list() {
        let items: Vec<String> = list.iter().map(of_value).collect();
        return format!("[{}]", items.join(", "));
    }
    match value.as_map() {
        Some(map) => format!("{{{}}}", entries(map, ": ").join(", ")),
        None => value.type_name().to_owned(),
    }
}

/// What a list of an input object holds.
pub(crate) fn of_native(node: &Json<'_>) -> String {
    match node {
        Json::Null => "<nil>".to_owned(),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(of_native).collect();
            format!("[{}]", items.join(" "))
        }
        Json::Object(object) => {
            let mut members: Vec<_> = object.entries().iter().collect();
            members.sort_by_key(|entry| entry.key);
            let members: Vec<String> = members
                .iter()
                .map(|entry| format!("{}:{}", entry.key, of_native(&entry.value)))
                .collect();
            format!("map[{}]", members.join(" "))
        }
        scalar => of_value(Value::Json(scalar).plain()),
    }
}

fn entries(map: Map<'_>, colon: &str) -> Vec<String> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by(|(left, _), (right, _)| compare_keys(*left, *right));
    let text = |(key, value)| format!("{}{colon}{}", of_value(key), of_value(value));
    entries.into_iter().map(text).collect()
}

/// Go sorts keys of one type by value; how it sorts types is its own affair.
fn compare_keys(left: Value<'_>, right: Value<'_>) -> Ordering {
    match (left.plain(), right.plain()) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(&right),
        (Value::Int(left), Value::Int(right)) => left.cmp(&right),
        (Value::Uint(left), Value::Uint(right)) => left.cmp(&right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (left, right) => rank(left).cmp(&rank(right)),
    }
}

fn rank(key: Value<'_>) -> u8 {
    match key {
        Value::Bool(_) => 0,
        Value::String(_) => 1,
        Value::Uint(_) => 2,
        _ => 3,
    }
}

/// A point in time as Go's `Time.String` prints it; offsets have no names here.
fn of_time(timestamp: Timestamp) -> String {
    let text = rfc3339(timestamp).replacen('T', " ", 1);
    if let Some(utc) = text.strip_suffix('Z') {
        return format!("{utc} +0000 UTC");
    }
    let Some((time, offset)) = text
        .rfind(['+', '-'])
        .and_then(|at| text.split_at_checked(at))
    else {
        return text;
    };
    let offset = offset.replace(':', "");
    format!("{time} {offset} {offset}")
}

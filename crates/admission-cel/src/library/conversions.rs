//! Conversions between types, after cel-go `common/stdlib/standard.go` and the `ConvertToType`
//! methods of its `common/types`.

mod number;
mod overloads;
#[cfg(test)]
mod tests;
mod type_of;

pub use overloads::OVERLOADS;
pub use type_of::type_of;

use super::arguments::{Outcome, bytes, duration, int, string, timestamp, value};
use super::{go, time};
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::{Timestamp, Value, runtime_name};

pub(super) const UINT_OVERFLOW: EvaluationError<'static> =
    EvaluationError::Message("unsigned integer overflow");
pub(super) const TIMESTAMP_OVERFLOW: EvaluationError<'static> =
    EvaluationError::Message("timestamp overflow");

/// The value as it is; an input object's node stays one.
fn identity<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    arguments
        .first()
        .copied()
        .ok_or(EvaluationError::NoSuchOverload)
}

fn same_duration<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    duration(arguments, 0).map(Value::Duration)
}

fn same_timestamp<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    timestamp(arguments, 0).map(Value::Timestamp)
}

fn failure<'a, T>(scope: Scope<'a, '_>, from: &str, to: &str) -> Result<T, EvaluationError<'a>> {
    scope.fail(format_args!(
        "type conversion error from '{from}' to '{to}'"
    ))
}

fn string_to_bool<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match string(arguments, 0)? {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
        _ => failure(scope, "string", "bool"),
    }
}

fn string_to_bytes<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bytes(string(arguments, 0)?.as_bytes()))
}

fn to_double<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match value(arguments, 0)? {
        Value::Int(integer) => Ok(Value::Double(integer as f64)),
        Value::Uint(integer) => Ok(Value::Double(integer as f64)),
        Value::String(text) => match number::parse_double(text) {
            Some(number) => Ok(Value::Double(number)),
            None => failure(scope, "string", "double"),
        },
        _ => EvaluationError::no_such_overload(),
    }
}

fn to_int<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match value(arguments, 0)? {
        Value::Uint(integer) => i64::try_from(integer)
            .map(Value::Int)
            .map_err(|_| EvaluationError::IntegerOverflow),
        Value::Double(number) => number::double_to_int(number).map(Value::Int),
        Value::String(text) => match text.parse() {
            Ok(integer) => Ok(Value::Int(integer)),
            Err(_) => failure(scope, "string", "int"),
        },
        Value::Duration(nanoseconds) => Ok(Value::Int(nanoseconds)),
        Value::Timestamp(timestamp) => Ok(Value::Int(timestamp.seconds)),
        _ => EvaluationError::no_such_overload(),
    }
}

fn to_uint<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match value(arguments, 0)? {
        Value::Int(integer) => u64::try_from(integer)
            .map(Value::Uint)
            .map_err(|_| UINT_OVERFLOW),
        Value::Double(number) => number::double_to_uint(number).map(Value::Uint),
        Value::String(text) => match text.parse() {
            Ok(integer) if !text.starts_with('+') => Ok(Value::Uint(integer)),
            _ => failure(scope, "string", "uint"),
        },
        _ => EvaluationError::no_such_overload(),
    }
}

fn int_to_duration<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    int(arguments, 0)?;
    failure(scope, "int", "google.protobuf.Duration")
}

fn string_to_duration<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match time::parse_duration(string(arguments, 0)?) {
        Some(nanoseconds) => Ok(Value::Duration(nanoseconds)),
        None => failure(scope, "string", "google.protobuf.Duration"),
    }
}

fn int_to_timestamp<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let seconds = int(arguments, 0)?;
    if time::SECONDS.contains(&seconds) {
        Ok(Value::Timestamp(Timestamp::utc(seconds, 0)))
    } else {
        Err(TIMESTAMP_OVERFLOW)
    }
}

fn string_to_timestamp<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match time::parse_timestamp(string(arguments, 0)?) {
        Some(timestamp) if time::SECONDS.contains(&timestamp.seconds) => {
            Ok(Value::Timestamp(timestamp))
        }
        Some(_) => Err(TIMESTAMP_OVERFLOW),
        None => failure(scope, "string", "google.protobuf.Timestamp"),
    }
}

fn bytes_to_string<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    utf8(bytes(arguments, 0)?)
        .map(Value::String)
        .map_err(EvaluationError::Message)
}

fn utf8(bytes: &[u8]) -> Result<&str, &'static str> {
    std::str::from_utf8(bytes).map_err(|_| "invalid UTF-8 in bytes, cannot convert to string")
}

fn duration_to_string<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    scope.text(&duration_text(duration(arguments, 0)?))
}

fn timestamp_to_string<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    scope.text(&timestamp_text(timestamp(arguments, 0)?))
}

fn scalar_to_string<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match value(arguments, 0)? {
        Value::Bool(flag) => Ok(Value::String(if flag { "true" } else { "false" })),
        Value::Int(integer) => scope.text(&integer.to_string()),
        Value::Uint(integer) => scope.text(&integer.to_string()),
        Value::Double(number) => scope.text(&go::general(number)),
        _ => EvaluationError::no_such_overload(),
    }
}

/// `string(duration)`: seconds, with a fraction when there is one.
pub(super) fn duration_text(nanoseconds: i64) -> String {
    // Go goes through a double too, which shows for more than 2^53 nanoseconds.
    format!("{}s", time::seconds(nanoseconds))
}

/// `string(timestamp)`: RFC 3339 with the offset that the timestamp was written with.
pub(super) fn timestamp_text(timestamp: Timestamp) -> String {
    time::rfc3339(timestamp)
}

/// The text of values that `string()` and the `%s` clause of `format` have one for; or why a value
/// of such a type has none.
pub(crate) fn text_of(value: Value<'_>) -> Option<Result<String, &'static str>> {
    Some(Ok(match value.plain() {
        Value::Bool(flag) => flag.to_string(),
        Value::Int(integer) => integer.to_string(),
        Value::Uint(integer) => integer.to_string(),
        Value::Double(number) => go::general(number),
        Value::String(text) => text.to_owned(),
        Value::Bytes(bytes) => return Some(utf8(bytes).map(str::to_owned)),
        Value::Duration(nanoseconds) => duration_text(nanoseconds),
        Value::Timestamp(timestamp) => timestamp_text(timestamp),
        Value::Type(named) => runtime_name(named).to_owned(),
        _ => return None,
    }))
}

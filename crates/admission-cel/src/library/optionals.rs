//! Optional values, after cel-go `cel/library.go`. `or`, `orValue` and the optional selections are
//! declared here and carried out by the evaluator.

mod overloads;
#[cfg(test)]
mod tests;

pub use overloads::OVERLOADS;

use super::arguments::{Outcome, list, value};
use super::text::go_text;
use super::time;
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::Value;

fn none<'a>(_scope: Scope<'a, '_>, _arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Optional(None))
}

fn of<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let value = *arguments.first().ok_or(EvaluationError::NoSuchOverload)?;
    Ok(Value::Optional(Some(scope.arena.alloc(value))))
}

fn of_non_zero_value<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    if is_zero(value(arguments, 0)?) {
        return Ok(Value::Optional(None));
    }
    of(scope, arguments)
}

/// Whether a plain value is the zero of its type (`IsZeroValue` of cel-go's types); types without a
/// zero never are.
fn is_zero(value: Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Int(integer) => integer == 0,
        Value::Uint(integer) => integer == 0,
        Value::Double(number) => number == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Duration(nanoseconds) => nanoseconds == 0,
        // Go's zero time is the start of the year 1.
        Value::Timestamp(timestamp) => {
            timestamp.seconds == *time::SECONDS.start() && timestamp.nanoseconds == 0
        }
        Value::Struct(object) => object.fields.is_empty(),
        other => {
            other.as_list().is_some_and(|list| list.is_empty())
                || other.as_map().is_some_and(|map| map.is_empty())
        }
    }
}

fn has_value<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match value(arguments, 0)? {
        Value::Optional(inner) => Ok(Value::Bool(inner.is_some())),
        _ => EvaluationError::no_such_overload(),
    }
}

fn value_of<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match value(arguments, 0)? {
        Value::Optional(Some(inner)) => inner.read(),
        Value::Optional(None) => Err(EvaluationError::Message("optional.none() dereference")),
        _ => EvaluationError::no_such_overload(),
    }
}

/// What the optionals of a list hold, without the empty ones.
fn unwrap<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let list = list(arguments, 0)?;
    let mut held = Vec::with_capacity(list.len());
    for item in list.iter() {
        match item {
            Value::Optional(Some(inner)) => held.push(*inner),
            Value::Optional(None) => {}
            other => {
                let text = go_text(other);
                return scope.fail(format_args!("value {text} is not optional"));
            }
        }
    }
    scope.list(&held)
}

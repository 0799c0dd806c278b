//! `+ - * / %`, with the checks of cel-go's `common/types/overflow.go`.

use crate::error::EvaluationError;
use crate::library::arguments::{Outcome, value};
use crate::library::conversions::UINT_OVERFLOW;
use crate::library::time;
use crate::overload::Scope;
use crate::value::{List, Value};

fn operands<'a>(arguments: &[Value<'a>]) -> Result<(Value<'a>, Value<'a>), EvaluationError<'a>> {
    Ok((value(arguments, 0)?, value(arguments, 1)?))
}

fn checked_int<'a>(result: Option<i64>) -> Outcome<'a> {
    result
        .map(Value::Int)
        .ok_or(EvaluationError::IntegerOverflow)
}

fn checked_uint<'a>(result: Option<u64>) -> Outcome<'a> {
    result.map(Value::Uint).ok_or(UINT_OVERFLOW)
}

fn checked_duration<'a>(result: Option<i64>) -> Outcome<'a> {
    result
        .map(Value::Duration)
        .ok_or(EvaluationError::IntegerOverflow)
}

pub(super) fn negate<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match value(arguments, 0)? {
        Value::Int(integer) => checked_int(integer.checked_neg()),
        Value::Double(number) => Ok(Value::Double(-number)),
        // No overload declares it, but a `dyn` may hold it.
        Value::Duration(nanoseconds) => checked_duration(nanoseconds.checked_neg()),
        _ => EvaluationError::no_such_overload(),
    }
}

pub(super) fn add<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (left, right) = operands(arguments)?;
    match (left, right) {
        (Value::String(left), Value::String(right)) => {
            scope.reserve(left.len().saturating_add(right.len()))?;
            let length = left.len() + right.len();
            let mut text = bumpalo::collections::String::with_capacity_in(length, scope.arena);
            text.push_str(left);
            text.push_str(right);
            Ok(Value::String(text.into_bump_str()))
        }
        (Value::Bytes(left), Value::Bytes(right)) => {
            scope.reserve(left.len().saturating_add(right.len()))?;
            let bytes = left.iter().chain(right).copied();
            let length = left.len() + right.len();
            let mut sum = bumpalo::collections::Vec::with_capacity_in(length, scope.arena);
            sum.extend(bytes);
            Ok(Value::Bytes(sum.into_bump_slice()))
        }
        _ => match (left.as_list(), right.as_list()) {
            (Some(front), Some(back)) => concatenate(scope, (left, front), (right, back)),
            _ => add_values(left, right),
        },
    }
}

/// The other side as it is where one is empty.
fn concatenate<'a>(
    scope: Scope<'a, '_>,
    (left, front): (Value<'a>, List<'a>),
    (right, back): (Value<'a>, List<'a>),
) -> Outcome<'a> {
    if front.is_empty() {
        return Ok(right);
    }
    if back.is_empty() {
        return Ok(left);
    }
    let length = front.len().saturating_add(back.len());
    scope.reserve(length.saturating_mul(size_of::<Value<'a>>()))?;
    let mut items = bumpalo::collections::Vec::with_capacity_in(length, scope.arena);
    items.extend(front.iter().chain(back.iter()));
    Ok(Value::List(items.into_bump_slice()))
}

/// The sum of numbers, durations and timestamps.
pub(crate) fn add_values<'a>(left: Value<'a>, right: Value<'a>) -> Outcome<'a> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => checked_int(left.checked_add(right)),
        (Value::Uint(left), Value::Uint(right)) => checked_uint(left.checked_add(right)),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left + right)),
        (Value::Duration(left), Value::Duration(right)) => {
            checked_duration(left.checked_add(right))
        }
        (Value::Timestamp(timestamp), Value::Duration(duration))
        | (Value::Duration(duration), Value::Timestamp(timestamp)) => {
            time::add_duration(timestamp, duration).map(Value::Timestamp)
        }
        _ => EvaluationError::no_such_overload(),
    }
}

pub(super) fn subtract<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match operands(arguments)? {
        (Value::Int(left), Value::Int(right)) => checked_int(left.checked_sub(right)),
        (Value::Uint(left), Value::Uint(right)) => checked_uint(left.checked_sub(right)),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left - right)),
        (Value::Duration(left), Value::Duration(right)) => {
            checked_duration(left.checked_sub(right))
        }
        (Value::Timestamp(timestamp), Value::Duration(duration)) => {
            time::subtract_duration(timestamp, duration).map(Value::Timestamp)
        }
        (Value::Timestamp(left), Value::Timestamp(right)) => {
            time::subtract_timestamps(left, right).map(Value::Duration)
        }
        _ => EvaluationError::no_such_overload(),
    }
}

pub(super) fn multiply<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match operands(arguments)? {
        (Value::Int(left), Value::Int(right)) => checked_int(left.checked_mul(right)),
        (Value::Uint(left), Value::Uint(right)) => checked_uint(left.checked_mul(right)),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left * right)),
        _ => EvaluationError::no_such_overload(),
    }
}

pub(super) fn divide<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match operands(arguments)? {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(EvaluationError::DivideByZero)
        }
        (Value::Int(left), Value::Int(right)) => checked_int(left.checked_div(right)),
        (Value::Uint(left), Value::Uint(right)) => checked_uint(left.checked_div(right)),
        (Value::Double(left), Value::Double(right)) => Ok(Value::Double(left / right)),
        _ => EvaluationError::no_such_overload(),
    }
}

pub(super) fn modulo<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match operands(arguments)? {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(EvaluationError::ModulusByZero)
        }
        (Value::Int(left), Value::Int(right)) => checked_int(left.checked_rem(right)),
        (Value::Uint(left), Value::Uint(right)) => checked_uint(left.checked_rem(right)),
        _ => EvaluationError::no_such_overload(),
    }
}

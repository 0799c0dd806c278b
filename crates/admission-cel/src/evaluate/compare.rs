//! Order of values, as the `Compare` methods and `common/types/compare.go` of cel-go define it.

use std::cmp::Ordering;

use crate::error::EvaluationError;
use crate::value::Value;

const NOT_ORDERED: EvaluationError<'static> =
    EvaluationError::Message("NaN values cannot be ordered");

/// Compares two values: numbers across types, and otherwise values of the same type.
///
/// # Errors
/// `no such overload` for types that have no order between them, and cel-go's text for NaN.
pub fn compare<'a>(left: Value<'_>, right: Value<'_>) -> Result<Ordering, EvaluationError<'a>> {
    match (left.plain(), right.plain()) {
        (Value::Bool(a), Value::Bool(b)) => Ok(a.cmp(&b)),
        (Value::String(a), Value::String(b)) => Ok(a.as_bytes().cmp(b.as_bytes())),
        (Value::Bytes(a), Value::Bytes(b)) => Ok(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Ok(a.cmp(&b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Ok(a.cmp(&b)),
        // A NaN on the left says so before it looks at the other side.
        (Value::Double(number), _) if number.is_nan() => Err(NOT_ORDERED),
        (Value::Int(_) | Value::Uint(_) | Value::Double(_), Value::Double(number))
            if number.is_nan() =>
        {
            Err(NOT_ORDERED)
        }
        (a, b) => compare_numbers(a, b).ok_or(EvaluationError::NoSuchOverload),
    }
}

/// The order of two plain numbers of any numeric types, neither of them NaN; `None` if one is no
/// number. An integer beside a double is compared as a double, as cel-go does.
pub(crate) fn compare_numbers(left: Value<'_>, right: Value<'_>) -> Option<Ordering> {
    Some(match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.cmp(&b),
        (Value::Uint(a), Value::Uint(b)) => a.cmp(&b),
        (Value::Int(a), Value::Uint(b)) => i128::from(a).cmp(&i128::from(b)),
        (Value::Uint(a), Value::Int(b)) => i128::from(a).cmp(&i128::from(b)),
        (Value::Double(a), Value::Double(b)) => double_order(a, b),
        (Value::Double(a), Value::Int(b)) => double_order(a, b as f64),
        (Value::Int(a), Value::Double(b)) => double_order(a as f64, b),
        (Value::Double(a), Value::Uint(b)) => double_order(a, b as f64),
        (Value::Uint(a), Value::Double(b)) => double_order(a as f64, b),
        _ => return None,
    })
}

fn double_order(left: f64, right: f64) -> Ordering {
    left.partial_cmp(&right).unwrap_or(Ordering::Equal)
}

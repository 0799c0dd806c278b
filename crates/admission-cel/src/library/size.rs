//! `size`, after cel-go `common/stdlib/standard.go`.

mod overloads;
#[cfg(test)]
mod tests;

pub use overloads::OVERLOADS;

use super::arguments::{Outcome, value};
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::Value;

/// Code points of a string, bytes, items or entries.
fn size<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let size = match value(arguments, 0)? {
        Value::String(text) if text.is_ascii() => text.len(),
        Value::String(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        other => match (other.as_list(), other.as_map()) {
            (Some(list), _) => list.len(),
            (_, Some(map)) => map.len(),
            _ => return EvaluationError::no_such_overload(),
        },
    };
    Ok(Value::Int(size as i64))
}

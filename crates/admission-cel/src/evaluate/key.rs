//! What is selected by, at run time.

use bumpalo::Bump;

use super::display::{go_type, native_go_type};
use crate::error::EvaluationError;
use crate::library::go::general;
use crate::value::Value;

/// A key or index.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key<'a> {
    /// `string`
    String(&'a str),
    /// `int`
    Int(i64),
    /// `uint`
    Uint(u64),
    /// `double`
    Double(f64),
    /// `bool`
    Bool(bool),
}

impl<'a> Key<'a> {
    /// A value as a key.
    ///
    /// # Errors
    /// cel-go's text for values that nothing can be selected by.
    pub fn new(arena: &'a Bump, value: Value<'a>) -> Result<Self, EvaluationError<'a>> {
        Self::of(value).map_or_else(|| invalid(arena, go_type(value)), Ok)
    }

    /// The same for a value that was read from an input object and nothing else: cel-go still has
    /// it in Go's own types, which shows in the text.
    pub fn of_input(arena: &'a Bump, value: Value<'a>) -> Result<Self, EvaluationError<'a>> {
        Self::of(value).map_or_else(|| invalid(arena, native_go_type(value)), Ok)
    }

    fn of(value: Value<'a>) -> Option<Self> {
        Some(match value.plain() {
            Value::String(text) => Key::String(text),
            Value::Int(integer) => Key::Int(integer),
            Value::Uint(integer) => Key::Uint(integer),
            Value::Double(number) => Key::Double(number),
            Value::Bool(flag) => Key::Bool(flag),
            _ => return None,
        })
    }

    pub fn value(self) -> Value<'a> {
        match self {
            Key::String(text) => Value::String(text),
            Key::Int(integer) => Value::Int(integer),
            Key::Uint(integer) => Value::Uint(integer),
            Key::Double(number) => Value::Double(number),
            Key::Bool(flag) => Value::Bool(flag),
        }
    }

    /// `no such key: …`
    pub fn missing(self, arena: &'a Bump) -> EvaluationError<'a> {
        let text = match self {
            Key::String(text) => return EvaluationError::NoSuchKey(text),
            Key::Int(integer) => bumpalo::format!(in arena, "{}", integer),
            Key::Uint(integer) => bumpalo::format!(in arena, "{}", integer),
            Key::Double(number) => bumpalo::format!(in arena, "{}", general(number)),
            Key::Bool(flag) => bumpalo::format!(in arena, "{}", flag),
        };
        EvaluationError::NoSuchKey(text.into_bump_str())
    }

    /// The key as an index of a list (`IndexOrError` in cel-go's `common/types/list.go`).
    ///
    /// # Errors
    /// cel-go's text for keys that are no index.
    pub fn index(self, arena: &'a Bump) -> Result<i64, EvaluationError<'a>> {
        let (name, lossless) = match self {
            Key::Int(index) => return Ok(index),
            Key::Uint(index) => ("uint", i64::try_from(index).ok()),
            Key::Double(number) => ("double", whole(number)),
            Key::String(_) => ("string", None),
            Key::Bool(_) => ("bool", None),
        };
        if let Some(index) = lossless {
            return Ok(index);
        }
        match self {
            Key::Uint(index) => EvaluationError::message(
                arena,
                format_args!("unsupported index value {index} in list"),
            ),
            Key::Double(number) => EvaluationError::message(
                arena,
                format_args!("unsupported index value {} in list", general(number)),
            ),
            _ => EvaluationError::message(
                arena,
                format_args!("unsupported index type '{name}' in list"),
            ),
        }
    }
}

fn whole(number: f64) -> Option<i64> {
    const RANGE: std::ops::Range<f64> = i64::MIN as f64..i64::MAX as f64;
    (number.trunc() == number && RANGE.contains(&number)).then_some(number as i64)
}

fn invalid<'a, T>(arena: &'a Bump, found: &str) -> Result<T, EvaluationError<'a>> {
    EvaluationError::message(arena, format_args!("invalid qualifier type: {found}"))
}

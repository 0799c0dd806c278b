//! What tells items of a list apart: `fieldpath.PathElement` of structured-merge-diff.

use std::fmt;

use admission_cel::json::Json;

use super::go_format::key_text;
use crate::patch::schema::{Key, KeyDefault};

/// The identity of an item.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Identity<'a> {
    /// Of an object in a list with keys; ordered by key.
    Keys(Vec<(&'static str, Scalar<'a>)>),
    /// Of a scalar in a set.
    Value(Scalar<'a>),
}

/// A value as far as identities need it; numbers compare across integer and double.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scalar<'a> {
    Text(&'a str),
    Number(i64),
    Other(Json<'a>),
}

impl<'a> Scalar<'a> {
    fn of(json: &Json<'a>) -> Self {
        match json {
            Json::String(text) => Scalar::Text(text),
            Json::Int(number) => Scalar::Number(*number),
            Json::Double(number) if number.trunc() == *number && number.abs() < 9.0e15 => {
                Scalar::Number(*number as i64)
            }
            other => Scalar::Other(*other),
        }
    }
}

impl PartialEq for Scalar<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Scalar::Text(a), Scalar::Text(b)) => a == b,
            (Scalar::Number(a), Scalar::Number(b)) => a == b,
            (Scalar::Other(a), Scalar::Other(b)) => a == b,
            _ => false,
        }
    }
}

impl<'a> Identity<'a> {
    /// The identity of an item in a list with these keys, or in a set.
    ///
    /// # Errors
    /// Why the item can have none; structured-merge-diff's text.
    pub(super) fn of(item: &Json<'a>, keys: Option<&'static [Key]>) -> Result<Self, &'static str> {
        match keys {
            Some(keys) => Self::by_keys(item, keys),
            None => Self::by_value(item),
        }
    }

    fn by_keys(item: &Json<'a>, keys: &'static [Key]) -> Result<Self, &'static str> {
        let Json::Object(object) = item else {
            return Err(if item.is_null() {
                "associative list with keys may not have a null element"
            } else {
                "associative list with keys may not have non-map elements"
            });
        };
        let values = keys.iter().map(|key| {
            let value = match (object.get(key.name), key.default) {
                (Some(value), _) => Scalar::of(value),
                (None, KeyDefault::Text(text)) => Scalar::Text(text),
                (None, KeyDefault::Number(number)) => Scalar::Number(number),
            };
            (key.name, value)
        });
        Ok(Identity::Keys(values.collect()))
    }

    fn by_value(item: &Json<'a>) -> Result<Self, &'static str> {
        match item {
            Json::Object(_) => {
                Err("associative list without keys has an element that's a map type")
            }
            Json::Array(_) => Err("not supported: associative list with lists as elements"),
            Json::Null => {
                Err("associative list without keys has an element that's an explicit null")
            }
            scalar => Ok(Identity::Value(Scalar::of(scalar))),
        }
    }
}

/// As a step of a path: `[name="a"]`, `[="a"]`.
impl fmt::Display for Identity<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Value(value) => write!(formatter, "[={value}]"),
            Identity::Keys(keys) => {
                formatter.write_str("[")?;
                for (position, (name, value)) in keys.iter().enumerate() {
                    let separator = if position > 0 { "," } else { "" };
                    write!(formatter, "{separator}{name}={value}")?;
                }
                formatter.write_str("]")
            }
        }
    }
}

impl fmt::Display for Scalar<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Text(text) => formatter.write_str(&key_text(&Json::String(text))),
            Scalar::Number(number) => write!(formatter, "{number}"),
            Scalar::Other(json) => formatter.write_str(&key_text(json)),
        }
    }
}

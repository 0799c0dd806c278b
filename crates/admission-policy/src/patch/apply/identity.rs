//! What tells items of a list apart: `fieldpath.PathElement` of structured-merge-diff.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use admission_cel::json::Json;

use super::go_format::key_text;
use crate::patch::schema::{Key, KeyDefault};

/// The identity of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Identity<'a> {
    /// Of an object in a list with keys; ordered by key. No list has more than two.
    Keys(
        (&'static str, Scalar<'a>),
        Option<(&'static str, Scalar<'a>)>,
    ),
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

impl Eq for Scalar<'_> {}

impl Hash for Scalar<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Scalar::Text(text) => text.hash(state),
            Scalar::Number(number) => number.hash(state),
            Scalar::Other(json) => hash_of(json).hash(state),
        }
    }
}

/// Alike for equal values: objects are equal whatever the order of their entries.
fn hash_of(json: &Json<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    match json {
        Json::Double(number) => number.to_bits().hash(&mut hasher),
        Json::Array(items) => {
            for item in *items {
                hash_of(item).hash(&mut hasher);
            }
        }
        Json::Object(object) => {
            let entries = object.entries().iter();
            let sum = entries.fold(0u64, |sum, entry| {
                let mut hasher = DefaultHasher::new();
                (entry.key, hash_of(&entry.value)).hash(&mut hasher);
                sum.wrapping_add(hasher.finish())
            });
            sum.hash(&mut hasher);
        }
        Json::String(text) => text.hash(&mut hasher),
        Json::Int(number) => number.hash(&mut hasher),
        Json::Bool(flag) => flag.hash(&mut hasher),
        Json::Null => {}
    }
    hasher.finish()
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
        let mut values = keys.iter().map(|key| {
            let value = match (object.get(key.name), key.default) {
                (Some(value), _) => Scalar::of(value),
                (None, KeyDefault::Text(text)) => Scalar::Text(text),
                (None, KeyDefault::Number(number)) => Scalar::Number(number),
            };
            (key.name, value)
        });
        match (values.next(), values.next()) {
            (Some(first), second) => Ok(Identity::Keys(first, second)),
            (None, _) => Err("associative list without keys has an element that's a map type"),
        }
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
            Identity::Keys((name, value), None) => write!(formatter, "[{name}={value}]"),
            Identity::Keys((name, value), Some((other, second))) => {
                write!(formatter, "[{name}={value},{other}={second}]")
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

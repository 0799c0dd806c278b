//! Runtime values.
//!
//! Values are small and `Copy`; what they refer to lives in the arena of the evaluation or in the
//! compiled program. A value read from an input object stays [`Value::Json`] until an operation
//! needs its content, so that it keeps the address by which a finding is located.

use std::net::IpAddr;

use crate::authorizer::AuthorizerValue;
use crate::json::{Entry, Json, Object};
use crate::library::{
    cidr::Cidr, format::NamedFormat, quantity::Quantity, semver::Semver, url::Url,
};
use crate::types::Type;

/// A CEL value.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A node of an input object, scalars included. [`Value::plain`] turns scalars into their own
    /// variants.
    Json(&'a Json<'a>),
    /// `null`
    Null,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `uint`
    Uint(u64),
    /// `double`
    Double(f64),
    /// `string`
    String(&'a str),
    /// `bytes`
    Bytes(&'a [u8]),
    /// `google.protobuf.Duration`, in nanoseconds, as Go's `time.Duration`.
    Duration(i64),
    /// `google.protobuf.Timestamp`
    Timestamp(Timestamp),
    /// A list that an expression made.
    List(&'a [Value<'a>]),
    /// A map that an expression made; entries in the order of construction, keys distinct.
    Map(&'a [(Value<'a>, Value<'a>)]),
    /// A type, such as the result of `type(x)`.
    Type(&'a Type),
    /// `optional_type`
    Optional(Option<&'a Value<'a>>),
    /// A typed object under construction: `Object{…}`, `JSONPatch{…}`.
    Struct(&'a StructValue<'a>),
    /// `kubernetes.Quantity`
    Quantity(&'a Quantity),
    /// `net.IP`
    Ip(IpAddr),
    /// `net.CIDR`
    Cidr(&'a Cidr),
    /// `kubernetes.URL`
    Url(&'a Url<'a>),
    /// `kubernetes.Semver`
    Semver(&'a Semver),
    /// `kubernetes.NamedFormat`
    Format(&'static NamedFormat),
    /// `kubernetes.authorization.*`
    Authorizer(&'a AuthorizerValue<'a>),
    /// The lazily evaluated `variables` map of a policy, as a whole.
    Variables,
}

/// A struct literal's value.
#[derive(Debug)]
pub struct StructValue<'a> {
    /// Fully qualified, such as `Object.spec.template`.
    pub type_name: &'a str,
    /// Set fields, in order.
    pub fields: &'a [(&'a str, Value<'a>)],
}

/// A point in time between the years 1 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// 0..1_000_000_000, counted forwards.
    pub nanoseconds: u32,
}

/// A list of either origin, for reading.
#[derive(Clone, Copy, Debug)]
pub enum List<'a> {
    /// Made by an expression.
    Values(&'a [Value<'a>]),
    /// Part of an input object.
    Json(&'a [Json<'a>]),
}

/// A map of either origin, for reading.
#[derive(Clone, Copy, Debug)]
pub enum Map<'a> {
    /// Made by an expression.
    Values(&'a [(Value<'a>, Value<'a>)]),
    /// Part of an input object.
    Json(Object<'a>),
}

impl<'a> Value<'a> {
    /// The same value, with scalars of an input object in their own variants. Arrays and objects
    /// stay [`Value::Json`].
    #[inline]
    pub fn plain(self) -> Self {
        match self {
            Value::Json(Json::Null) => Value::Null,
            Value::Json(Json::Bool(flag)) => Value::Bool(*flag),
            Value::Json(Json::Int(integer)) => Value::Int(*integer),
            Value::Json(Json::Double(number)) => Value::Double(*number),
            Value::Json(Json::String(text)) => Value::String(text),
            other => other,
        }
    }

    /// The list, if it is one.
    #[inline]
    pub fn as_list(self) -> Option<List<'a>> {
        match self {
            Value::List(items) => Some(List::Values(items)),
            Value::Json(Json::Array(items)) => Some(List::Json(items)),
            _ => None,
        }
    }

    /// The map, if it is one.
    #[inline]
    pub fn as_map(self) -> Option<Map<'a>> {
        match self {
            Value::Map(entries) => Some(Map::Values(entries)),
            Value::Json(Json::Object(object)) => Some(Map::Json(*object)),
            _ => None,
        }
    }

    /// The string, if it is one.
    #[inline]
    pub fn as_str(self) -> Option<&'a str> {
        match self.plain() {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    #[inline]
    pub fn as_bool(self) -> Option<bool> {
        match self.plain() {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    /// The `int`, if it is one.
    #[inline]
    pub fn as_int(self) -> Option<i64> {
        match self.plain() {
            Value::Int(integer) => Some(integer),
            _ => None,
        }
    }

    /// The node of the input object that this value is, if it is one.
    #[inline]
    pub fn node(self) -> Option<&'a Json<'a>> {
        match self {
            Value::Json(node) => Some(node),
            _ => None,
        }
    }
}

impl<'a> List<'a> {
    /// How many items there are.
    #[inline]
    pub fn len(self) -> usize {
        match self {
            List::Values(items) => items.len(),
            List::Json(items) => items.len(),
        }
    }

    /// Whether there are no items.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The item at `index`.
    #[inline]
    pub fn get(self, index: usize) -> Option<Value<'a>> {
        match self {
            List::Values(items) => items.get(index).copied(),
            List::Json(items) => items.get(index).map(Value::Json),
        }
    }

    /// The items in order.
    pub fn iter(self) -> impl Iterator<Item = Value<'a>> {
        (0..self.len()).filter_map(move |index| self.get(index))
    }
}

impl<'a> Map<'a> {
    /// How many entries there are.
    #[inline]
    pub fn len(self) -> usize {
        match self {
            Map::Values(entries) => entries.len(),
            Map::Json(object) => object.len(),
        }
    }

    /// Whether there are no entries.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The entry at a position of the order of construction.
    #[inline]
    pub fn entry(self, position: usize) -> Option<(Value<'a>, Value<'a>)> {
        match self {
            Map::Values(entries) => entries.get(position).copied(),
            Map::Json(object) => object
                .entries()
                .get(position)
                .map(|Entry { key, value }| (Value::String(key), Value::Json(value))),
        }
    }

    /// The entries in the order of construction.
    pub fn iter(self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        (0..self.len()).filter_map(move |position| self.entry(position))
    }
}

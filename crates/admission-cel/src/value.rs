//! Runtime values.
//!
//! Values are small and `Copy`; what they refer to lives in the arena of the evaluation or in the
//! compiled program. A value read from an input object stays [`Value::Json`] until an operation
//! needs its content, so that it keeps the address by which a finding is located.

use std::net::IpAddr;

use crate::authorizer::AuthorizerValue;
use crate::error::EvaluationError;
use crate::json::Json;
use crate::library::{
    cidr::Cidr, format::NamedFormat, quantity::Quantity, semver::Semver, url::Url,
};
use crate::types::Type;

mod collections;
mod constant;
pub(crate) mod key;
mod names;
mod timestamp;

pub use collections::{List, Map, MapValue};
pub use constant::{Constant, ConstantMap};
pub use names::runtime_name;
pub use timestamp::Timestamp;

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
    /// A map that an expression made.
    Map(&'a MapValue<'a>),
    /// A list that is written in the expression. [`Value::as_list`] reads lists of any origin.
    ConstantList(&'a [Constant]),
    /// A map that is written in the expression. [`Value::as_map`] reads maps of any origin.
    ConstantMap(&'a ConstantMap),
    /// A type, such as the result of `type(x)`.
    Type(&'a Type),
    /// `optional_type`
    Optional(Option<&'a Value<'a>>),
    /// A typed object under construction: `Object{…}`, `JSONPatch{…}`.
    Struct(&'a StructValue<'a>),
    /// `kubernetes.Quantity`
    Quantity(&'a Quantity<'a>),
    /// `net.IP`
    Ip(IpAddr),
    /// `net.CIDR`
    Cidr(&'a Cidr),
    /// `kubernetes.URL`
    Url(&'a Url<'a>),
    /// `kubernetes.Semver`
    Semver(&'a Semver<'a>),
    /// `kubernetes.NamedFormat`
    Format(&'static NamedFormat),
    /// `kubernetes.authorization.*`
    Authorizer(&'a AuthorizerValue<'a>),
    /// The lazily evaluated `variables` map of a policy, as a whole.
    Variables,
    /// What cel-go puts into an optional that it unwraps and cannot wrap again. It can be moved into
    /// lists and maps; reading it fails with this text.
    Failure(&'a str),
}

/// A struct literal's value.
#[derive(Debug)]
pub struct StructValue<'a> {
    /// Fully qualified, such as `Object.spec.template`.
    pub type_name: &'a str,
    /// Set fields, in order.
    pub fields: &'a [(&'a str, Value<'a>)],
}

impl<'a> Value<'a> {
    /// The value as the result of an expression.
    ///
    /// # Errors
    /// It is a [`Value::Failure`].
    #[inline]
    pub fn read(self) -> Result<Self, EvaluationError<'a>> {
        match self {
            Value::Failure(text) => Err(EvaluationError::Message(text)),
            value => Ok(value),
        }
    }

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
            Value::ConstantList(items) => Some(List::Constants(items)),
            Value::Json(Json::Array(items)) => Some(List::Json(items)),
            _ => None,
        }
    }

    /// The map, if it is one.
    #[inline]
    pub fn as_map(self) -> Option<Map<'a>> {
        match self {
            Value::Map(map) => Some(Map::Values(map)),
            Value::ConstantMap(map) => Some(Map::Constants(map)),
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

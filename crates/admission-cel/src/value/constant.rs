//! Values that a compiled program owns.

use super::key::{self, Keyed};
use super::{Timestamp, Value};
use crate::types::Type;

/// A constant of a program. Evaluation borrows it: reading one never allocates.
#[derive(Clone, Debug)]
pub enum Constant {
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
    String(Box<str>),
    /// `bytes`
    Bytes(Box<[u8]>),
    /// `google.protobuf.Duration`, in nanoseconds.
    Duration(i64),
    /// `google.protobuf.Timestamp`
    Timestamp(Timestamp),
    /// A type.
    Type(Type),
    /// A list of constants.
    List(Box<[Constant]>),
    /// A map of constants.
    Map(Box<ConstantMap>),
}

/// A map of constants, keys distinct.
#[derive(Clone, Debug)]
pub struct ConstantMap {
    entries: Box<[(Constant, Constant)]>,
    by_key: Box<[u32]>,
}

impl Constant {
    /// The constant as a value.
    #[inline]
    pub fn value(&self) -> Value<'_> {
        match self {
            Constant::Null => Value::Null,
            Constant::Bool(flag) => Value::Bool(*flag),
            Constant::Int(integer) => Value::Int(*integer),
            Constant::Uint(integer) => Value::Uint(*integer),
            Constant::Double(number) => Value::Double(*number),
            Constant::String(text) => Value::String(text),
            Constant::Bytes(bytes) => Value::Bytes(bytes),
            Constant::Duration(nanoseconds) => Value::Duration(*nanoseconds),
            Constant::Timestamp(timestamp) => Value::Timestamp(*timestamp),
            Constant::Type(named) => Value::Type(named),
            Constant::List(items) => Value::ConstantList(items),
            Constant::Map(map) => Value::ConstantMap(map),
        }
    }

    /// An owned copy of a value; `None` for values that no constant can have.
    pub fn from_value(value: Value<'_>) -> Option<Self> {
        Some(match value.plain() {
            Value::Null => Constant::Null,
            Value::Bool(flag) => Constant::Bool(flag),
            Value::Int(integer) => Constant::Int(integer),
            Value::Uint(integer) => Constant::Uint(integer),
            Value::Double(number) => Constant::Double(number),
            Value::String(text) => Constant::String(text.into()),
            Value::Bytes(bytes) => Constant::Bytes(bytes.into()),
            Value::Duration(nanoseconds) => Constant::Duration(nanoseconds),
            Value::Timestamp(timestamp) => Constant::Timestamp(timestamp),
            Value::Type(named) => Constant::Type(named.clone()),
            other => {
                if let Some(list) = other.as_list() {
                    Constant::List(list.iter().map(Self::from_value).collect::<Option<_>>()?)
                } else {
                    let entries = other
                        .as_map()?
                        .iter()
                        .map(|(key, value)| {
                            Some((Self::from_value(key)?, Self::from_value(value)?))
                        })
                        .collect::<Option<Vec<_>>>()?;
                    Constant::Map(Box::new(ConstantMap::new(entries)))
                }
            }
        })
    }
}

impl ConstantMap {
    /// A map of entries whose keys are distinct.
    pub fn new(entries: Vec<(Constant, Constant)>) -> Self {
        let by_key = key::index(entries.as_slice()).unwrap_or_default();
        Self {
            entries: entries.into(),
            by_key: by_key.into(),
        }
    }

    /// The entries in the order in which they are written.
    pub fn entries(&self) -> &[(Constant, Constant)] {
        &self.entries
    }

    /// The value of a key.
    pub fn get(&self, key: Value<'_>) -> Option<Value<'_>> {
        let position = key::find(&*self.entries, &self.by_key, key)?;
        self.entries
            .get(position)
            .map(|(_, constant)| constant.value())
    }
}

impl<'a> Keyed<'a> for &'a [(Constant, Constant)] {
    fn count(self) -> usize {
        self.len()
    }

    fn key(self, position: usize) -> Option<Value<'a>> {
        self.get(position).map(|(key, _)| key.value())
    }
}

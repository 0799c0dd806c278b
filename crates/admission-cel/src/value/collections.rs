//! Reading lists and maps, whatever they are made of.

use bumpalo::Bump;

use super::Value;
use super::constant::{Constant, ConstantMap};
use super::key::{self, Keyed};
use crate::json::{Entry, Json, Object};

/// A list of any origin, for reading.
#[derive(Clone, Copy, Debug)]
pub enum List<'a> {
    /// Made by an expression.
    Values(&'a [Value<'a>]),
    /// Part of an input object.
    Json(&'a [Json<'a>]),
    /// Written in the expression.
    Constants(&'a [Constant]),
}

/// A map of any origin, for reading.
#[derive(Clone, Copy, Debug)]
pub enum Map<'a> {
    /// Made by an expression.
    Values(&'a MapValue<'a>),
    /// Part of an input object.
    Json(Object<'a>),
    /// Written in the expression.
    Constants(&'a ConstantMap),
}

/// A map that an expression made.
#[derive(Debug)]
pub struct MapValue<'a> {
    entries: &'a [(Value<'a>, Value<'a>)],
    by_key: &'a [u32],
}

impl<'a> MapValue<'a> {
    /// A map of entries whose keys are distinct.
    pub fn new(arena: &'a Bump, entries: &[(Value<'a>, Value<'a>)]) -> &'a Self {
        let entries: &'a [(Value<'a>, Value<'a>)] = arena.alloc_slice_copy(entries);
        let by_key = match key::index(entries) {
            Some(positions) => arena.alloc_slice_copy(&positions),
            None => &[][..],
        };
        arena.alloc(Self { entries, by_key })
    }

    /// The entries in the order of construction.
    pub fn entries(&self) -> &'a [(Value<'a>, Value<'a>)] {
        self.entries
    }
}

impl<'a> Keyed<'a> for &'a [(Value<'a>, Value<'a>)] {
    fn count(self) -> usize {
        self.len()
    }

    fn key(self, position: usize) -> Option<Value<'a>> {
        self.get(position).map(|(key, _)| *key)
    }
}

impl<'a> List<'a> {
    /// How many items there are.
    #[inline]
    pub fn len(self) -> usize {
        match self {
            List::Values(items) => items.len(),
            List::Json(items) => items.len(),
            List::Constants(items) => items.len(),
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
            List::Constants(items) => items.get(index).map(Constant::value),
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
            Map::Values(map) => map.entries.len(),
            Map::Json(object) => object.len(),
            Map::Constants(map) => map.entries().len(),
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
            Map::Values(map) => map.entries.get(position).copied(),
            Map::Json(object) => object
                .entries()
                .get(position)
                .map(|Entry { key, value }| (Value::String(key), Value::Json(value))),
            Map::Constants(map) => map
                .entries()
                .get(position)
                .map(|(key, value)| (key.value(), value.value())),
        }
    }

    /// The entries in the order of construction.
    pub fn iter(self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        (0..self.len()).filter_map(move |position| self.entry(position))
    }

    /// The value of a string key.
    #[inline]
    pub fn get_str(self, key: &str) -> Option<Value<'a>> {
        match self {
            Map::Json(object) => object.get(key).map(Value::Json),
            Map::Values(map) => key::find(map.entries, map.by_key, Value::String(key))
                .and_then(|position| map.entries.get(position))
                .map(|(_, value)| *value),
            Map::Constants(map) => map.get(Value::String(key)),
        }
    }

    /// The value of a key of any type. Numbers are found across types when they are equal
    /// (`Find` in `common/types/map.go` of cel-go).
    pub fn get(self, key: Value<'_>) -> Option<Value<'a>> {
        match self {
            Map::Json(object) => match key.plain() {
                Value::String(text) => object.get(text).map(Value::Json),
                _ => None,
            },
            Map::Values(map) => key::find(map.entries, map.by_key, key)
                .and_then(|position| map.entries.get(position))
                .map(|(_, value)| *value),
            Map::Constants(map) => map.get(key),
        }
    }
}

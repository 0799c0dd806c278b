//! A borrowed, immutable JSON tree: what expressions are evaluated over.
//!
//! Strings point into the input where they have no escapes; everything else lives in one arena that
//! is freed at once. Nodes keep their address for as long as the arena lives, so a node's address
//! identifies it: that is how a finding is turned into a path ([`path_to`]) and a path into a place
//! in a file, without any bookkeeping during evaluation.
//!
//! Numbers follow `k8s.io/apimachinery/pkg/util/json`: an integer that fits an `int64` stays an
//! integer, everything else becomes a double. Of duplicate keys the last one counts, as in Go's
//! `encoding/json`.

use std::fmt;

use bumpalo::Bump;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

mod key_text;
mod path;
mod read;

pub(crate) use key_text::same_text;
pub use path::{Path, PathSegment, path_to};

/// How deep arrays and objects may nest: `serde_json`'s own bound, which keeps recursion over a
/// tree within any thread's stack. Kubernetes objects stay far below it.
pub const DEPTH_MAX: usize = 128;

/// From how many entries on an object gets a sorted index. Below it, comparing lengths and bytes in
/// order is faster; above it, a linear search would let a hostile object make every look-up slow.
const INDEXED_FROM_ENTRIES: usize = 24;

/// One JSON value. Copying it copies a reference, never the tree; but only the original in the tree
/// has the address that [`path_to`] finds, so pass `&'a Json<'a>` where a location may be wanted.
#[derive(Clone, Copy, Debug)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer that fits 64 bits.
    Int(i64),
    /// Any other number.
    Double(f64),
    /// A string.
    String(&'a str),
    /// An array.
    Array(&'a [Json<'a>]),
    /// An object; entries keep the order of the input.
    Object(Object<'a>),
}

/// One `"key": value` of an object.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The key, unescaped.
    pub key: &'a str,
    /// Its value.
    pub value: Json<'a>,
}

/// The entries of a JSON object, in input order, without duplicates.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a>(&'a ObjectEntries<'a>);

#[derive(Debug)]
struct ObjectEntries<'a> {
    entries: &'a [Entry<'a>],
    /// Positions in `entries`, ordered by key; empty for small objects.
    by_key: &'a [u32],
}

impl<'a> Object<'a> {
    /// Builds an object from entries; of entries with the same key the last one counts and takes
    /// the place of the first.
    pub fn new(arena: &'a Bump, entries: impl IntoIterator<Item = (&'a str, Json<'a>)>) -> Self {
        let mut kept: Vec<Entry<'a>> = Vec::new();
        for (key, value) in entries {
            kept.push(Entry { key, value });
        }
        Self::from_entries(arena, &kept)
    }

    fn from_entries(arena: &'a Bump, kept: &[Entry<'a>]) -> Self {
        let indexed = kept.len() >= INDEXED_FROM_ENTRIES;
        let has_duplicates = if indexed {
            let mut keys: Vec<&str> = kept.iter().map(|entry| entry.key).collect();
            keys.sort_unstable();
            keys.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
        } else {
            std::iter::successors(kept.split_last(), |(_, earlier)| earlier.split_last())
                .any(|(last, earlier)| earlier.iter().any(|e| same_text(e.key, last.key)))
        };
        let entries: &'a [Entry<'a>] = if has_duplicates {
            arena.alloc_slice_copy(&last_of_duplicates(kept))
        } else {
            arena.alloc_slice_copy(kept)
        };
        let by_key: &'a [u32] = if entries.len() >= INDEXED_FROM_ENTRIES {
            let mut positions: Vec<(&str, u32)> = entries
                .iter()
                .zip(0u32..)
                .map(|(entry, position)| (entry.key, position))
                .collect();
            positions.sort_unstable();
            arena.alloc_slice_fill_iter(positions.into_iter().map(|(_, position)| position))
        } else {
            &[]
        };
        Self(arena.alloc(ObjectEntries { entries, by_key }))
    }

    /// The same object with another value of a key that it has.
    pub fn with(self, arena: &'a Bump, key: &str, value: Json<'a>) -> Self {
        let entries = arena.alloc_slice_copy(self.0.entries);
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == key) {
            entry.value = value;
        }
        let by_key = self.0.by_key;
        Self(arena.alloc(ObjectEntries { entries, by_key }))
    }

    /// The entries in input order.
    pub fn entries(self) -> &'a [Entry<'a>] {
        self.0.entries
    }

    /// How many entries there are.
    pub fn len(self) -> usize {
        self.0.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(self) -> bool {
        self.0.entries.is_empty()
    }

    /// The value of `key`.
    #[inline]
    pub fn get(self, key: &str) -> Option<&'a Json<'a>> {
        if self.0.by_key.is_empty() {
            return self
                .0
                .entries
                .iter()
                .find(|entry| same_text(entry.key, key))
                .map(|entry| &entry.value);
        }
        self.find_by_index(key)
    }

    fn find_by_index(self, key: &str) -> Option<&'a Json<'a>> {
        let position = self
            .0
            .by_key
            .binary_search_by(|position| {
                self.0
                    .entries
                    .get(*position as usize)
                    .map_or("", |entry| entry.key)
                    .cmp(key)
            })
            .ok()?;
        let position = self.0.by_key.get(position)?;
        self.0
            .entries
            .get(*position as usize)
            .map(|entry| &entry.value)
    }
}

fn last_of_duplicates<'a>(entries: &[Entry<'a>]) -> Vec<Entry<'a>> {
    let mut positions = std::collections::HashMap::with_capacity(entries.len());
    let mut kept: Vec<Entry<'a>> = Vec::with_capacity(entries.len());
    for entry in entries {
        let position = *positions.entry(entry.key).or_insert(kept.len());
        match kept.get_mut(position) {
            Some(earlier) => earlier.value = entry.value,
            None => kept.push(*entry),
        }
    }
    kept
}

impl<'a> Json<'a> {
    /// Parses one JSON document; nothing but white space may follow it.
    ///
    /// # Errors
    /// What is malformed, with line and column, or that the nesting exceeds [`DEPTH_MAX`].
    pub fn parse(bytes: &'a [u8], arena: &'a Bump) -> Result<&'a Json<'a>, JsonError> {
        Self::parse_with(bytes, arena, ParseOptions::default())
    }

    /// As [`Json::parse`], leaving out what `options` says.
    ///
    /// # Errors
    /// As [`Json::parse`].
    pub fn parse_with(
        bytes: &'a [u8],
        arena: &'a Bump,
        options: ParseOptions,
    ) -> Result<&'a Json<'a>, JsonError> {
        // Borrowed strings must be valid UTF-8; checking once is faster than per string.
        let text = std::str::from_utf8(bytes).map_err(|error| JsonError {
            message: format!("invalid UTF-8 at byte {}", error.valid_up_to()),
        })?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = read::node(&mut deserializer, arena, options)?;
        deserializer.end()?;
        Ok(arena.alloc(value))
    }

    /// Copies a `serde_json` value into the arena (small documents: parameters, tests, built
    /// requests; reviews are parsed with [`Json::parse`]).
    pub fn from_serde(value: &serde_json::Value, arena: &'a Bump) -> Json<'a> {
        match value {
            serde_json::Value::Null => Json::Null,
            serde_json::Value::Bool(flag) => Json::Bool(*flag),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(integer) => Json::Int(integer),
                None => Json::Double(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Json::String(arena.alloc_str(text)),
            serde_json::Value::Array(items) => {
                let items: Vec<Json<'a>> = items
                    .iter()
                    .map(|item| Json::from_serde(item, arena))
                    .collect();
                Json::Array(arena.alloc_slice_copy(&items))
            }
            serde_json::Value::Object(entries) => Json::Object(Object::new(
                arena,
                entries.iter().map(|(key, value)| {
                    let key: &'a str = arena.alloc_str(key);
                    (key, Json::from_serde(value, arena))
                }),
            )),
        }
    }

    /// The member `key` of an object; `None` for other values and absent keys.
    pub fn get(&self, key: &str) -> Option<&'a Json<'a>> {
        self.as_object().and_then(|object| object.get(key))
    }

    /// The value at a chain of keys, `None` where one is absent.
    pub fn at(&'a self, keys: &[&str]) -> Option<&'a Json<'a>> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&'a str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Json::Int(integer) => Some(*integer),
            _ => None,
        }
    }

    /// The items, if it is an array.
    pub fn as_array(&self) -> Option<&'a [Json<'a>]> {
        match self {
            Json::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The object, if it is one.
    pub fn as_object(&self) -> Option<Object<'a>> {
        match self {
            Json::Object(object) => Some(*object),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }
}

/// Equality as JSON has it: objects regardless of order, `1` and `1.0` differ.
impl PartialEq for Json<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Json::Null, Json::Null) => true,
            (Json::Bool(a), Json::Bool(b)) => a == b,
            (Json::Int(a), Json::Int(b)) => a == b,
            (Json::Double(a), Json::Double(b)) => a == b,
            (Json::String(a), Json::String(b)) => a == b,
            // Most of what is compared is one and the same: a patch copies what it changes only.
            (Json::Array(a), Json::Array(b)) => std::ptr::eq(*a, *b) || a == b,
            (Json::Object(a), Json::Object(b)) => {
                std::ptr::eq(a.0, b.0)
                    || a.len() == b.len()
                        && a.entries()
                            .iter()
                            .all(|entry| b.get(entry.key) == Some(&entry.value))
            }
            _ => false,
        }
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(flag) => serializer.serialize_bool(*flag),
            Json::Int(integer) => serializer.serialize_i64(*integer),
            Json::Double(number) => serializer.serialize_f64(*number),
            Json::String(text) => serializer.serialize_str(text),
            Json::Array(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in *items {
                    sequence.serialize_element(item)?;
                }
                sequence.end()
            }
            Json::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for entry in object.entries() {
                    map.serialize_entry(entry.key, &entry.value)?;
                }
                map.end()
            }
        }
    }
}

/// Compact JSON text.
impl fmt::Display for Json<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        formatter.write_str(&text)
    }
}

/// What parsing may leave out.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParseOptions {
    /// Leave out every `metadata.managedFields`: more than half of a typical review, read by no
    /// policy that ships.
    pub skip_managed_fields: bool,
}

/// Bytes that are not the JSON we accept.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct JsonError {
    message: String,
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        Self {
            message: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;

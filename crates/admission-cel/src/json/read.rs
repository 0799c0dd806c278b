//! Text to tree.

use std::cell::RefCell;
use std::fmt;

use bumpalo::Bump;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::{Entry, Json, Object, ParseOptions};

/// Room for what is unfinished at once in a typical Pod.
const UNFINISHED_TYPICAL: usize = 64;

/// Reads one value.
pub(super) fn node<'a, D: Deserializer<'a>>(
    deserializer: D,
    arena: &'a Bump,
    options: ParseOptions,
) -> Result<Json<'a>, D::Error> {
    let unfinished = Unfinished {
        items: RefCell::new(Vec::with_capacity(UNFINISHED_TYPICAL)),
        entries: RefCell::new(Vec::with_capacity(UNFINISHED_TYPICAL)),
    };
    let seed = NodeSeed {
        arena,
        unfinished: &unfinished,
        options,
        position: Position::Other,
    };
    seed.deserialize(deserializer)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Metadata,
    Other,
}

/// The content of all arrays and objects that are being read, innermost last. One for all of them
/// saves an allocation for each.
struct Unfinished<'a> {
    items: RefCell<Vec<Json<'a>>>,
    entries: RefCell<Vec<Entry<'a>>>,
}

#[derive(Clone, Copy)]
struct NodeSeed<'a, 'u> {
    arena: &'a Bump,
    unfinished: &'u Unfinished<'a>,
    options: ParseOptions,
    position: Position,
}

impl<'a> DeserializeSeed<'a> for NodeSeed<'a, '_> {
    type Value = Json<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Json<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for NodeSeed<'a, '_> {
    type Value = Json<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'a>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json<'a>, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Json<'a>, E> {
        Ok(Json::Int(integer))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Json<'a>, E> {
        Ok(i64::try_from(integer).map_or(Json::Double(integer as f64), Json::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json<'a>, E> {
        Ok(Json::Double(number))
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Json<'a>, E> {
        Ok(Json::String(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'a>, E> {
        Ok(Json::String(self.arena.alloc_str(text)))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut sequence: A) -> Result<Json<'a>, A::Error> {
        let seed = NodeSeed {
            position: Position::Other,
            ..self
        };
        let start = self.unfinished.items.borrow().len();
        while let Some(item) = sequence.next_element_seed(seed)? {
            self.unfinished.items.borrow_mut().push(item);
        }
        let mut items = self.unfinished.items.borrow_mut();
        let array = self
            .arena
            .alloc_slice_copy(items.get(start..).unwrap_or_default());
        items.truncate(start);
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Json<'a>, A::Error> {
        let start = self.unfinished.entries.borrow().len();
        while let Some(key) = map.next_key_seed(KeySeed(self.arena))? {
            if self.options.skip_managed_fields
                && self.position == Position::Metadata
                && key == "managedFields"
            {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let position = if key == "metadata" {
                Position::Metadata
            } else {
                Position::Other
            };
            let value = map.next_value_seed(NodeSeed { position, ..self })?;
            let entry = Entry { key, value };
            self.unfinished.entries.borrow_mut().push(entry);
        }
        let mut unfinished = self.unfinished.entries.borrow_mut();
        let entries = unfinished.get(start..).unwrap_or_default();
        if u32::try_from(entries.len()).is_err() {
            return Err(A::Error::custom("an object has too many entries"));
        }
        let object = Object::from_entries(self.arena, entries);
        unfinished.truncate(start);
        Ok(Json::Object(object))
    }
}

struct KeySeed<'a>(&'a Bump);

impl<'a> DeserializeSeed<'a> for KeySeed<'a> {
    type Value = &'a str;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<&'a str, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for KeySeed<'a> {
    type Value = &'a str;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object key")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<&'a str, E> {
        Ok(text)
    }

    fn visit_str<E>(self, text: &str) -> Result<&'a str, E> {
        Ok(self.0.alloc_str(text))
    }
}

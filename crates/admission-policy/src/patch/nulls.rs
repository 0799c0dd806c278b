//! What becomes of `null` in objects of a known kind.
//!
//! The API server decodes a patched object into its Go type, where a field that is `null` is a field
//! that is not set, and a string in a map becomes empty. Policies that look at the object afterwards
//! must not see it as there.

use admission_cel::json::{Entry, Json, Object};
use bumpalo::Bump;

use super::schema::{Schema, Shape};

/// The object without fields that are `null`. What the schema does not know is left alone, and what
/// has no `null` keeps its address.
pub fn without_nulls<'a>(schema: &Schema, object: &'a Json<'a>, arena: &'a Bump) -> &'a Json<'a> {
    // Nearly no object has one, and looking for it is far cheaper than looking fields up.
    if !has_null(object) {
        return object;
    }
    match cleared(&Shape::Object(schema.root()), object, arena) {
        Some(changed) => arena.alloc(changed),
        None => object,
    }
}

fn has_null(value: &Json<'_>) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.iter().any(has_null),
        Json::Object(object) => object.entries().iter().any(|entry| has_null(&entry.value)),
        _ => false,
    }
}

/// The value without nulls; `None` when there are none in it.
fn cleared<'a>(shape: &Shape, value: &Json<'a>, arena: &'a Bump) -> Option<Json<'a>> {
    match (shape, value) {
        (Shape::Object(structure), Json::Object(object)) => {
            let clear = |entry: &Entry<'a>| match structure.field(entry.key) {
                None => Field::Kept,
                Some(_) if entry.value.is_null() => Field::Dropped,
                Some(shape) => cleared(shape, &entry.value, arena).into(),
            };
            cleared_object(*object, clear, arena)
        }
        (Shape::Map(values) | Shape::AtomicMap(values), Json::Object(object)) => {
            let clear = |entry: &Entry<'a>| match (values, &entry.value) {
                (Shape::Text, Json::Null) => Field::Changed(Json::String("")),
                _ => cleared(values, &entry.value, arena).into(),
            };
            cleared_object(*object, clear, arena)
        }
        (Shape::List(shape), Json::Array(items)) => cleared_array(shape, items, arena),
        (Shape::Keyed(structure, _), Json::Array(items)) => {
            cleared_array(&Shape::Object(structure), items, arena)
        }
        _ => None,
    }
}

enum Field<'a> {
    Kept,
    Dropped,
    Changed(Json<'a>),
}

impl<'a> From<Option<Json<'a>>> for Field<'a> {
    fn from(cleared: Option<Json<'a>>) -> Self {
        cleared.map_or(Field::Kept, Field::Changed)
    }
}

fn cleared_object<'a>(
    object: Object<'a>,
    clear: impl Fn(&Entry<'a>) -> Field<'a>,
    arena: &'a Bump,
) -> Option<Json<'a>> {
    let mut is_changed = false;
    let mut entries = Vec::with_capacity(object.len());
    for entry in object.entries() {
        let value = match clear(entry) {
            Field::Kept => entry.value,
            Field::Changed(value) => {
                is_changed = true;
                value
            }
            Field::Dropped => {
                is_changed = true;
                continue;
            }
        };
        entries.push((entry.key, value));
    }
    is_changed.then(|| Json::Object(Object::new(arena, entries)))
}

fn cleared_array<'a>(shape: &Shape, items: &[Json<'a>], arena: &'a Bump) -> Option<Json<'a>> {
    let cleared: Vec<Option<Json<'a>>> = items
        .iter()
        .map(|item| cleared(shape, item, arena))
        .collect();
    if cleared.iter().all(Option::is_none) {
        return None;
    }
    let items = items.iter().zip(cleared);
    let items: Vec<Json<'a>> = items
        .map(|(item, cleared)| cleared.unwrap_or(*item))
        .collect();
    Some(Json::Array(arena.alloc_slice_copy(&items)))
}

#[cfg(test)]
mod tests;

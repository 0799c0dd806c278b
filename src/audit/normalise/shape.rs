//! Defaults as a table: what an object's members default to, and the shapes of its members.

use admission_cel::json::{Entry, Json};
use bumpalo::Bump;

use super::draft::Draft;

/// The defaults of one kind of object.
pub struct Shape {
    /// Members that are set when absent or null.
    pub defaults: &'static [(&'static str, Default)],
    /// Members that have defaults of their own.
    pub members: &'static [(&'static str, Member)],
    /// Defaults that depend on other members; applied last.
    pub computed: &'static [for<'a> fn(&mut Draft<'a>)],
}

/// A constant default.
#[derive(Clone, Copy)]
pub enum Default {
    /// A string.
    Text(&'static str),
    /// A number.
    Int(i64),
    /// A boolean.
    Bool(bool),
    /// `{}`
    EmptyObject,
}

/// How a member nests.
#[derive(Clone, Copy)]
pub enum Member {
    /// One object.
    One(&'static Shape),
    /// An array of objects.
    Each(&'static Shape),
}

impl Shape {
    /// Nothing to fill in; the base of others.
    pub const EMPTY: Shape = Shape {
        defaults: &[],
        members: &[],
        computed: &[],
    };

    /// The object with its defaults; `None` when nothing was missing.
    pub fn fill<'a>(&self, json: Json<'a>, arena: &'a Bump) -> Option<Json<'a>> {
        let mut draft = Draft::new(json.as_object()?, arena);
        for (key, member) in self.members {
            let Some(value) = draft.get(key) else {
                continue;
            };
            let filled = match member {
                Member::One(shape) => shape.fill(value, arena),
                Member::Each(shape) => shape.fill_each(value, arena),
            };
            if let Some(filled) = filled {
                draft.set(key, filled);
            }
        }
        for (key, default) in self.defaults {
            let value = match default {
                Default::Text(text) => Json::String(text),
                Default::Int(integer) => Json::Int(*integer),
                Default::Bool(flag) => Json::Bool(*flag),
                Default::EmptyObject => draft.object([]),
            };
            draft.set_default(key, value);
        }
        for compute in self.computed {
            compute(&mut draft);
        }
        draft.finish()
    }

    /// An array with each item filled in; `None` when nothing was missing.
    pub fn fill_each<'a>(&self, json: Json<'a>, arena: &'a Bump) -> Option<Json<'a>> {
        let items = json.as_array()?;
        let filled: Vec<Option<Json<'a>>> =
            items.iter().map(|item| self.fill(*item, arena)).collect();
        if filled.iter().all(Option::is_none) {
            return None;
        }
        let items = items
            .iter()
            .zip(filled)
            .map(|(item, filled)| filled.unwrap_or(*item));
        Some(Json::Array(
            arena.alloc_slice_fill_iter(items.collect::<Vec<_>>()),
        ))
    }
}

/// The members of an object; none of anything else.
pub fn entries<'a>(json: &Json<'a>) -> &'a [Entry<'a>] {
    json.as_object().map_or(&[][..], |object| object.entries())
}

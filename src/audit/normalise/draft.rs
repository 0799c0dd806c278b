//! An object under change.

use admission_cel::json::{Json, Object};
use bumpalo::Bump;

/// The entries of an object, and whether they differ from the original.
pub struct Draft<'a> {
    entries: Vec<(&'a str, Json<'a>)>,
    changed: bool,
    /// Where values are allocated.
    pub arena: &'a Bump,
}

impl<'a> Draft<'a> {
    /// Starts from an object.
    pub fn new(object: Object<'a>, arena: &'a Bump) -> Self {
        let entries = object
            .entries()
            .iter()
            .map(|entry| (entry.key, entry.value))
            .collect();
        Self {
            entries,
            changed: false,
            arena,
        }
    }

    /// The value of a key that is set to something other than null.
    pub fn get(&self, key: &str) -> Option<Json<'a>> {
        self.entries
            .iter()
            .find(|(present, value)| *present == key && !value.is_null())
            .map(|(_, value)| *value)
    }

    /// The string at a key; empty when there is none.
    pub fn text(&self, key: &str) -> &'a str {
        self.get(key)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
    }

    /// Whether nothing but this key is set.
    pub fn is_only(&self, key: &str) -> bool {
        self.entries
            .iter()
            .all(|(present, value)| *present == key || value.is_null())
    }

    /// Sets a key.
    pub fn set(&mut self, key: &'a str, value: Json<'a>) {
        self.changed = true;
        match self.entries.iter_mut().find(|(present, _)| *present == key) {
            Some((_, current)) => *current = value,
            None => self.entries.push((key, value)),
        }
    }

    /// Sets a key that is absent or null.
    pub fn set_default(&mut self, key: &'a str, value: Json<'a>) {
        if self.get(key).is_none() {
            self.set(key, value);
        }
    }

    /// Replaces every value for which `replacement` has another.
    pub fn replace_values(&mut self, replacement: impl Fn(&Json<'a>) -> Option<Json<'a>>) {
        for (_, value) in &mut self.entries {
            if let Some(other) = replacement(value) {
                *value = other;
                self.changed = true;
            }
        }
    }

    /// An object with these entries.
    pub fn object(&self, entries: impl IntoIterator<Item = (&'a str, Json<'a>)>) -> Json<'a> {
        Json::Object(Object::new(self.arena, entries))
    }

    /// An array of these items.
    pub fn array(&self, items: &[Json<'a>]) -> Json<'a> {
        Json::Array(self.arena.alloc_slice_copy(items))
    }

    /// The changed object; `None` when it is as it was.
    pub fn finish(self) -> Option<Json<'a>> {
        let Self {
            entries,
            changed,
            arena,
        } = self;
        changed.then(|| Json::Object(Object::new(arena, entries)))
    }
}

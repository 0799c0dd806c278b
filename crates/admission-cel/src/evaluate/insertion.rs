//! Building a map key by key, as `cel.@mapInsert` does in cel-go.

use std::collections::HashSet;

use crate::value::Value;
use crate::value::key::NormalKey;

/// From how many keys on a map under construction keeps a set of them; below it, comparing with
/// each is faster.
const HASHED_FROM_ENTRIES: usize = 16;

/// Entries with distinct keys, numbers compared across types.
#[derive(Debug, Default)]
pub(super) struct MapUnderConstruction<'a> {
    pub(super) entries: Vec<(Value<'a>, Value<'a>)>,
    seen: HashSet<Identity<'a>>,
}

/// A key that is there already.
pub(super) struct Duplicate<'a>(pub(super) Value<'a>);

/// What makes keys one key. Any value can be a key here, and Go compares lists and maps by their
/// place in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Identity<'a> {
    Key(NormalKey<'a>),
    /// `optional.none()`
    Nothing,
    /// A list or map in memory.
    Place(usize),
}

impl<'a> MapUnderConstruction<'a> {
    pub(super) fn insert(&mut self, key: Value<'a>, value: Value<'a>) -> Result<(), Duplicate<'a>> {
        if let Some(identity) = Identity::of(key) {
            let is_new = if self.entries.len() < HASHED_FROM_ENTRIES {
                let mut keys = self.entries.iter().map(|(key, _)| Identity::of(*key));
                !keys.any(|other| other == Some(identity))
            } else {
                if self.seen.is_empty() {
                    let keys = self.entries.iter();
                    self.seen
                        .extend(keys.filter_map(|(key, _)| Identity::of(*key)));
                }
                self.seen.insert(identity)
            };
            if !is_new {
                return Err(Duplicate(key));
            }
        }
        self.entries.push((key, value));
        Ok(())
    }
}

impl<'a> Identity<'a> {
    /// None for what is never the same as anything.
    fn of(key: Value<'a>) -> Option<Self> {
        Some(match key.plain() {
            Value::Double(number) if number.is_nan() => return None,
            Value::Optional(None) => Identity::Nothing,
            Value::ConstantList(items) => Identity::Place(items.as_ptr().addr()),
            Value::List(items) if !items.is_empty() => Identity::Place(items.as_ptr().addr()),
            Value::ConstantMap(map) => Identity::Place(std::ptr::from_ref(map).addr()),
            other => match NormalKey::new(other) {
                NormalKey::Other => return None,
                normal => Identity::Key(normal),
            },
        })
    }
}

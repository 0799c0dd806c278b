//! What macros go through.

use bumpalo::Bump;

use super::display::go_type;
use crate::error::EvaluationError;
use crate::value::{List, Map, Value};

/// The items of a list, or the entries of a map in input order (cel-go has Go's random order).
#[derive(Clone, Copy, Debug)]
pub(crate) enum Items<'a> {
    List(List<'a>),
    Map(Map<'a>),
}

impl<'a> Items<'a> {
    /// # Errors
    /// cel-go's text for values that nothing can go through; it differs between the forms with
    /// one and with two variables.
    pub fn new(
        arena: &'a Bump,
        value: Value<'a>,
        two_variables: bool,
    ) -> Result<Self, EvaluationError<'a>> {
        if let Some(list) = value.as_list() {
            return Ok(Items::List(list));
        }
        if let Some(map) = value.as_map() {
            return Ok(Items::Map(map));
        }
        let found = go_type(value);
        if two_variables {
            EvaluationError::message(
                arena,
                format_args!("unsupported comprehension range type: {found}"),
            )
        } else {
            EvaluationError::message(arena, format_args!("got '{found}', expected iterable type"))
        }
    }

    pub fn len(self) -> usize {
        match self {
            Items::List(list) => list.len(),
            Items::Map(map) => map.len(),
        }
    }

    /// The index or key, and the value, at a position.
    pub fn pair(self, position: usize) -> Option<(Value<'a>, Value<'a>)> {
        match self {
            Items::List(list) => list
                .get(position)
                .map(|item| (Value::Int(position as i64), item)),
            Items::Map(map) => map.entry(position),
        }
    }

    /// What the only variable is bound to: the item, or the key.
    pub fn single(self, position: usize) -> Option<Value<'a>> {
        match self {
            Items::List(list) => list.get(position),
            Items::Map(map) => map.entry(position).map(|(key, _)| key),
        }
    }
}

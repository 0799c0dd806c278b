//! What macros go through.

use bumpalo::Bump;

use super::display::go_type;
use crate::error::EvaluationError;
use crate::program::{Activation, policy_variables};
use crate::value::{List, Map, Value};

/// The items of a list, or the entries of a map.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Items<'a> {
    List(List<'a>),
    Map(Map<'a>, Order<'a>),
    /// The policy's variables, by index. What macros get are their values, not their names
    /// (`Next` in `k8s.io/apiserver/pkg/cel/lazy/lazy.go`).
    Variables(&'a [usize]),
}

/// The positions of a map's entries in the order in which they are visited, unless that is the order
/// in which they were written.
type Order<'a> = Option<&'a [usize]>;

impl<'a> Items<'a> {
    /// # Errors
    /// cel-go's text for values that nothing can go through; it differs between the forms with
    /// one and with two variables.
    pub fn new(
        arena: &'a Bump,
        activation: &dyn Activation<'a>,
        value: Value<'a>,
        two_variables: bool,
    ) -> Result<Self, EvaluationError<'a>> {
        if let Some(list) = value.as_list() {
            return Ok(Items::List(list));
        }
        if let Some(map) = value.as_map() {
            return Ok(Items::Map(map, activation.entry_order(map.len())));
        }
        if let Value::Variables = value {
            return Ok(Items::Variables(variables(arena, activation)));
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
            Items::Map(map, _) => map.len(),
            Items::Variables(indexes) => indexes.len(),
        }
    }

    /// The index or key, and the value, at a position; nothing for what has to be evaluated.
    pub fn pair(self, position: usize) -> Option<(Value<'a>, Value<'a>)> {
        match self {
            Items::List(list) => list
                .get(position)
                .map(|item| (Value::Int(position as i64), item)),
            Items::Map(map, order) => map.entry(place(order, position)),
            Items::Variables(_) => None,
        }
    }

    /// What the only variable is bound to: the item, or the key; nothing for what has to be
    /// evaluated.
    pub fn single(self, position: usize) -> Option<Value<'a>> {
        match self {
            Items::List(list) => list.get(position),
            Items::Map(map, order) => map.entry(place(order, position)).map(|(key, _)| key),
            Items::Variables(_) => None,
        }
    }
}

#[inline]
fn place(order: Order<'_>, position: usize) -> usize {
    order.map_or(position, |places| {
        places.get(position).copied().unwrap_or(position)
    })
}

/// The indexes of the policy's variables; of those of one name, the last.
fn variables<'a>(arena: &'a Bump, activation: &dyn Activation<'a>) -> &'a [usize] {
    let indexes = policy_variables(activation)
        .filter(|(index, name)| {
            !policy_variables(activation).any(|(other, of)| other > *index && of == *name)
        })
        .map(|(index, _)| index);
    let mut known = bumpalo::collections::Vec::new_in(arena);
    known.extend(indexes);
    match activation.entry_order(known.len()) {
        Some(order) => arena.alloc_slice_fill_iter(
            order
                .iter()
                .map(|place| known.get(*place).copied().unwrap_or(0)),
        ),
        None => known.into_bump_slice(),
    }
}

//! Lists: `k8s.io/apiserver/pkg/cel/library/lists.go`, cel-go `ext/lists.go` at version 3, and
//! `first` and `last` of its `cel/library.go`.

mod order;
mod overloads;
mod reshape;
#[cfg(test)]
mod tests;

pub use overloads::OVERLOADS;

use super::arguments::{Outcome, list};
use crate::error::EvaluationError;
use crate::evaluate::equality::is_equal;
use crate::overload::Scope;
use crate::value::Value;

fn optional<'a>(scope: Scope<'a, '_>, item: Option<Value<'a>>) -> Outcome<'a> {
    Ok(Value::Optional(match item {
        Some(item) => Some(scope.arena.alloc(item)),
        None => None,
    }))
}

fn first<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    optional(scope, list(arguments, 0)?.get(0))
}

fn last<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let list = list(arguments, 0)?;
    optional(scope, list.get(list.len().wrapping_sub(1)))
}

/// The position that a search found, or -1.
fn found<'a>(position: Option<usize>) -> Outcome<'a> {
    Ok(Value::Int(position.map_or(-1, |position| position as i64)))
}

fn item<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    arguments
        .get(1)
        .copied()
        .ok_or(EvaluationError::NoSuchOverload)
}

fn index_of<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (list, item) = (list(arguments, 0)?, item(arguments)?);
    found(list.iter().position(|other| is_equal(other, item)))
}

fn last_index_of<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (list, item) = (list(arguments, 0)?, item(arguments)?);
    let mut positions = (0..list.len()).rev();
    found(positions.find(|position| {
        list.get(*position)
            .is_some_and(|other| is_equal(other, item))
    }))
}

//! Sets, after cel-go `ext/sets.go`.

mod overloads;
#[cfg(test)]
mod tests;

pub use overloads::OVERLOADS;

use super::arguments::{Outcome, list};
use crate::error::EvaluationError;
use crate::evaluate::equality::is_equal;
use crate::overload::Scope;
use crate::program::COST_MAX_PER_CALL;
use crate::value::{List, Value};

/// Both lists, unless comparing each item with each costs more than an expression may: the cost is
/// charged after the call, and must not be spent before.
fn lists<'a>(arguments: &[Value<'a>]) -> Result<(List<'a>, List<'a>), EvaluationError<'a>> {
    let (left, right) = (list(arguments, 0)?, list(arguments, 1)?);
    let comparisons = (left.len() as u64).saturating_mul(right.len() as u64);
    if comparisons > COST_MAX_PER_CALL {
        return Err(EvaluationError::CostLimitExceeded);
    }
    Ok((left, right))
}

fn has(list: List<'_>, item: Value<'_>) -> bool {
    list.iter().any(|other| is_equal(item, other))
}

fn has_all(list: List<'_>, items: List<'_>) -> bool {
    items.iter().all(|item| has(list, item))
}

fn contains<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (list, items) = lists(arguments)?;
    Ok(Value::Bool(has_all(list, items)))
}

fn intersects<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (left, right) = lists(arguments)?;
    Ok(Value::Bool(left.iter().any(|item| has(right, item))))
}

fn equivalent<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (left, right) = lists(arguments)?;
    Ok(Value::Bool(has_all(left, right) && has_all(right, left)))
}

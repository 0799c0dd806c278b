//! Functions that make lists of other lists.

use crate::error::EvaluationError;
use crate::evaluate::equality::is_equal;
use crate::library::arguments::{Outcome, int, list, value};
use crate::overload::Scope;
use crate::program::COST_MAX_PER_CALL;
use crate::value::{List, Value};

/// The integers from 0 up to, not including, a number.
pub(super) fn range<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let end = int(arguments, 0)?.max(0);
    let count = usize::try_from(end).map_err(|_| EvaluationError::CostLimitExceeded)?;
    scope.reserve(count.saturating_mul(size_of::<Value<'a>>()))?;
    let mut items = bumpalo::collections::Vec::with_capacity_in(count, scope.arena);
    items.extend((0..end).map(Value::Int));
    Ok(Value::List(items.into_bump_slice()))
}

pub(super) fn reverse<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let list = list(arguments, 0)?;
    let items: Vec<Value<'a>> = (0..list.len())
        .rev()
        .filter_map(|position| list.get(position))
        .collect();
    scope.list(&items)
}

pub(super) fn slice<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let list = list(arguments, 0)?;
    let (start, end) = (int(arguments, 1)?, int(arguments, 2)?);
    let (Ok(from), Ok(to)) = (usize::try_from(start), usize::try_from(end)) else {
        return scope.fail(format_args!(
            "cannot slice({start}, {end}), negative indexes not supported"
        ));
    };
    if from > to {
        return scope.fail(format_args!(
            "cannot slice({start}, {end}), start index must be less than or equal to end index"
        ));
    }
    if to > list.len() {
        return scope.fail(format_args!(
            "cannot slice({start}, {end}), list is length {}",
            list.len()
        ));
    }
    let items: Vec<Value<'a>> = (from..to)
        .filter_map(|position| list.get(position))
        .collect();
    scope.list(&items)
}

/// The items without those that equal an earlier one.
pub(super) fn distinct<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let list = list(arguments, 0)?;
    // Charged as this many comparisons, and refused before they are made.
    let comparisons = (list.len() as u64).saturating_mul(list.len() as u64);
    if comparisons.saturating_mul(2) > COST_MAX_PER_CALL {
        return Err(EvaluationError::CostLimitExceeded);
    }
    let mut items: Vec<Value<'a>> = Vec::with_capacity(list.len());
    for item in list.iter() {
        if !items.iter().any(|earlier| is_equal(item, *earlier)) {
            items.push(item);
        }
    }
    scope.list(&items)
}

/// Puts the items of lists in a list in their place, one level deep.
pub(super) fn flatten_once<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let list = flattened(scope, arguments, format_args!(""))?;
    flatten_to(scope, list, 1)
}

/// The same, so many levels deep.
pub(super) fn flatten<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let depth = value(arguments, 1)?;
    let list = flattened(scope, arguments, format_args!("{}", go_type_name(depth)))?;
    let depth = int(arguments, 1)?;
    if depth < 0 {
        return Err(EvaluationError::Message("level must be non-negative"));
    }
    flatten_to(scope, list, depth)
}

/// The list to flatten. `flatten` is called with anything (cel-go disables its type guards), so the
/// error is its own.
fn flattened<'a>(
    scope: Scope<'a, '_>,
    arguments: &[Value<'a>],
    depth: std::fmt::Arguments<'_>,
) -> Result<List<'a>, EvaluationError<'a>> {
    let value = value(arguments, 0)?;
    match value.as_list() {
        Some(list) => Ok(list),
        None => scope.fail(format_args!(
            "no such overload: {}.flatten({depth})",
            go_type_name(value)
        )),
    }
}

/// The name of a value's type as Go prints cel-go's types.
fn go_type_name(value: Value<'_>) -> &str {
    match (value.as_list(), value.as_map()) {
        (Some(_), _) => "list(dyn)",
        (_, Some(_)) => "map(dyn, dyn)",
        _ => value.type_name(),
    }
}

fn flatten_to<'a>(scope: Scope<'a, '_>, list: List<'a>, depth: i64) -> Outcome<'a> {
    let mut items = Vec::new();
    collect(&scope, list, depth, &mut items)?;
    scope.list(&items)
}

fn collect<'a>(
    scope: &Scope<'a, '_>,
    list: List<'a>,
    depth: i64,
    items: &mut Vec<Value<'a>>,
) -> Result<(), EvaluationError<'a>> {
    for item in list.iter() {
        match item.as_list() {
            Some(nested) if depth > 0 => collect(scope, nested, depth - 1, items)?,
            _ => {
                if items.len().is_multiple_of(1024) {
                    scope.reserve(items.len().saturating_mul(size_of::<Value<'a>>()))?;
                }
                items.push(item);
            }
        }
    }
    Ok(())
}

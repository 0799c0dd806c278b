//! Functions of lists whose items have an order or a sum.

use std::cmp::Ordering;

use crate::error::EvaluationError;
use crate::evaluate::compare::compare;
use crate::library::arguments::{Outcome, list};
use crate::library::operators::add_values;
use crate::overload::Scope;
use crate::value::{List, Value};

/// Whether values of this type have an order at all (`traits.Comparer` of cel-go).
fn is_comparable(value: Value<'_>) -> bool {
    matches!(
        value.plain(),
        Value::Bool(_)
            | Value::Int(_)
            | Value::Uint(_)
            | Value::Double(_)
            | Value::String(_)
            | Value::Bytes(_)
            | Value::Duration(_)
            | Value::Timestamp(_)
    )
}

fn comparable(value: Value<'_>) -> Outcome<'_> {
    if is_comparable(value) {
        Ok(value)
    } else {
        Err(EvaluationError::NoSuchOverload)
    }
}

/// Items that cannot be compared with each other do not count as out of order.
pub(super) fn is_sorted<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut previous = None;
    for item in list(arguments, 0)?.iter() {
        let item = comparable(item)?;
        if let Some(previous) = previous
            && compare(previous, item) == Ok(Ordering::Greater)
        {
            return Ok(Value::Bool(false));
        }
        previous = Some(item);
    }
    Ok(Value::Bool(true))
}

pub(super) fn min<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    extreme(
        arguments,
        Ordering::Greater,
        EvaluationError::Message("min called on empty list"),
    )
}

pub(super) fn max<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    extreme(
        arguments,
        Ordering::Less,
        EvaluationError::Message("max called on empty list"),
    )
}

/// The item that is left when each replaces the one before it that compares as `replaced`.
fn extreme<'a>(
    arguments: &[Value<'a>],
    replaced: Ordering,
    when_empty: EvaluationError<'a>,
) -> Outcome<'a> {
    let mut result = None;
    for item in list(arguments, 0)?.iter() {
        let item = comparable(item)?;
        match result {
            Some(best) if compare(best, item) != Ok(replaced) => {}
            _ => result = Some(item),
        }
    }
    result.ok_or(when_empty)
}

fn sum<'a>(arguments: &[Value<'a>], zero: Value<'a>) -> Outcome<'a> {
    list(arguments, 0)?
        .iter()
        .try_fold(zero, |sum, item| add_values(sum, item.plain()))
}

pub(super) fn sum_ints<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    sum(arguments, Value::Int(0))
}

pub(super) fn sum_uints<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    sum(arguments, Value::Uint(0))
}

pub(super) fn sum_doubles<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    sum(arguments, Value::Double(0.0))
}

pub(super) fn sum_durations<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    sum(arguments, Value::Duration(0))
}

pub(super) fn sort<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let list = list(arguments, 0)?;
    sort_by(scope, arguments.first(), list, list)
}

/// Sorts a list by keys that were computed for its items; what `sortBy` becomes.
pub(super) fn sort_by_keys<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (items, keys) = (list(arguments, 0)?, list(arguments, 1)?);
    if items.len() != keys.len() {
        return scope.fail(format_args!(
            "@sortByAssociatedKeys() expected a list of the same size as the associated keys \
             list, but got {} and {} elements respectively",
            items.len(),
            keys.len()
        ));
    }
    sort_by(scope, arguments.first(), items, keys)
}

/// Up to how many items Go's `sort.Slice` sorts by insertion.
const INSERTION_MAX: usize = 12;

fn sort_by<'a>(
    scope: Scope<'a, '_>,
    original: Option<&Value<'a>>,
    items: List<'a>,
    keys: List<'a>,
) -> Outcome<'a> {
    let Some(first) = keys.get(0) else {
        return original.copied().ok_or(EvaluationError::NoSuchOverload);
    };
    if !is_comparable(first) {
        return Err(EvaluationError::Message("list elements must be comparable"));
    }
    let of_one_type = keys.iter().all(|key| key.type_name() == first.type_name());
    if !of_one_type {
        return Err(EvaluationError::Message(
            "list elements must have the same type",
        ));
    }
    let mut pairs: Vec<(Value<'a>, Value<'a>)> =
        keys.iter().map(Value::plain).zip(items.iter()).collect();
    if pairs.len() <= INSERTION_MAX {
        insert_in_order(&mut pairs);
    } else {
        pairs.sort_by(|(left, _), (right, _)| total_order(*left, *right));
    }
    let sorted: Vec<Value<'a>> = pairs.into_iter().map(|(_, item)| item).collect();
    scope.list(&sorted)
}

/// Sorts by insertion, which gives Go's result even where NaN has no order.
fn insert_in_order(pairs: &mut [(Value<'_>, Value<'_>)]) {
    for end in 1..pairs.len() {
        for position in (1..=end).rev() {
            let in_order = match (pairs.get(position - 1), pairs.get(position)) {
                (Some((left, _)), Some((right, _))) => compare(*right, *left) != Ok(Ordering::Less),
                _ => true,
            };
            if in_order {
                break;
            }
            pairs.swap(position - 1, position);
        }
    }
}

/// An order of keys of one type in which NaN has a place too.
fn total_order(left: Value<'_>, right: Value<'_>) -> Ordering {
    match (left, right) {
        (Value::Double(left), Value::Double(right)) if left.is_nan() || right.is_nan() => {
            left.is_nan().cmp(&right.is_nan())
        }
        _ => compare(left, right).unwrap_or(Ordering::Equal),
    }
}

//! What calls cost at run time.
//!
//! Functions whose cost depends on their arguments are counted here, after
//! `k8s.io/apiserver/pkg/cel/library/cost.go` (`CallCost`), cel-go's `interpreter/runtimecost.go`
//! (`costCall`), `ext/lists.go` and `ext/sets.go`. Roundings are theirs.

#[cfg(test)]
mod tests;

use crate::overload::{Cost, CostFunction};
use crate::value::Value;

/// How many code points or bytes are read once for a unit (`StringTraversalCostFactor` is 0.1).
const TRAVERSAL: u64 = 10;
/// How many code points of a pattern make a unit (`RegexStringLengthCostFactor` is 0.25).
const PATTERN: u64 = 4;
/// Making a list.
const LIST_CREATION: u64 = 10;
/// Making an object.
const STRUCT_CREATION: u64 = 40;

/// Charged when the checker was left with one overload; otherwise the call costs 1.
pub(super) const fn when_resolved(resolved: CostFunction) -> Cost {
    Cost::PerOverload {
        resolved,
        unresolved: one,
    }
}

fn one(_arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    1
}

/// The size that cel-go counts: code points of a string, bytes, items, entries, bytes of an address
/// and of a prefix; what an optional holds; 1 for everything else.
pub fn size(value: Value<'_>) -> u64 {
    let count = match value.plain() {
        // Counting code points takes longer than finding out that there is nothing to count.
        Value::String(text) if text.is_ascii() => text.len(),
        Value::String(text) => text.chars().count(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Ip(std::net::IpAddr::V4(_)) => 4,
        Value::Ip(std::net::IpAddr::V6(_)) => 16,
        Value::Cidr(range) => usize::from(range.prefix_length().div_ceil(8)),
        Value::Optional(Some(inner)) => return size(*inner),
        other => {
            if let Some(list) = other.as_list() {
                list.len()
            } else if let Some(map) = other.as_map() {
                map.len()
            } else {
                1
            }
        }
    };
    count as u64
}

fn size_at(arguments: &[Value<'_>], position: usize) -> u64 {
    arguments.get(position).map_or(1, |value| size(*value))
}

/// What reading so much once costs. Go multiplies by 0.1 and rounds up, which is the same.
pub fn reading(size: u64) -> u64 {
    size.div_ceil(TRAVERSAL)
}

/// Reading the first argument once.
pub(super) fn traversal(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    reading(size_at(arguments, 0))
}

/// Reading the first argument and building a result from it.
pub(super) fn double_traversal(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    reading(size_at(arguments, 0).saturating_mul(2))
}

/// Building a string of the result's length.
pub(super) fn joining(_arguments: &[Value<'_>], result: Option<Value<'_>>) -> u64 {
    reading(result.map_or(1, size).saturating_mul(2))
}

/// `item in list`: as many comparisons as the list has items.
pub(super) fn membership(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    size_at(arguments, 1)
}

/// Ordering two strings: the shorter is read.
pub(super) fn comparison(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    reading(size_at(arguments, 0).min(size_at(arguments, 1)))
}

/// `==`: the smaller side is read, not deeply; a value of a Kubernetes library on the left costs 1.
/// (`!=` costs what ordering costs.)
pub(super) fn equality(arguments: &[Value<'_>], result: Option<Value<'_>>) -> u64 {
    match arguments.first() {
        Some(
            Value::Ip(_)
            | Value::Cidr(_)
            | Value::Quantity(_)
            | Value::Url(_)
            | Value::Semver(_)
            | Value::Format(_)
            | Value::Authorizer(_),
        ) => 1,
        _ => comparison(arguments, result),
    }
}

/// Both strings are copied.
pub(super) fn concatenation(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    reading(size_at(arguments, 0).saturating_add(size_at(arguments, 1)))
}

/// Substring search: the product of both lengths.
pub(super) fn containment(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    reading(size_at(arguments, 0)).saturating_mul(reading(size_at(arguments, 1)))
}

fn pattern_cost(text: u64, pattern: u64) -> u64 {
    reading(text.saturating_add(1)).saturating_mul(pattern.div_ceil(PATTERN))
}

/// Matching a pattern: the product of the lengths of text and pattern.
pub(super) fn matching(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    pattern_cost(size_at(arguments, 0), size_at(arguments, 1))
}

/// Validating a named format: matching a pattern of the format's size.
pub(super) fn validating(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    match arguments.first() {
        Some(Value::Format(format)) => pattern_cost(size_at(arguments, 1), format.pattern_size()),
        _ => 1,
    }
}

/// Reading a list with everything in it.
pub(super) fn deep_traversal(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    arguments.first().map_or(0, |value| traversed(*value))
}

fn traversed(value: Value<'_>) -> u64 {
    match value.plain() {
        Value::String(text) => text.len() as u64 / TRAVERSAL,
        Value::Bytes(bytes) => bytes.len() as u64 / TRAVERSAL,
        other => {
            if let Some(list) = other.as_list() {
                list.iter().map(traversed).sum()
            } else if let Some(map) = other.as_map() {
                map.iter()
                    .map(|(key, value)| traversed(key).saturating_add(traversed(value)))
                    .sum()
            } else {
                1
            }
        }
    }
}

/// Parsing a field or label selector, the second argument.
pub(super) fn selector_parsing(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    let length = size_at(arguments, 1);
    let requirements = length.div_ceil(2);
    LIST_CREATION
        .saturating_add(reading(length))
        .saturating_add(requirements.saturating_mul(LIST_CREATION + STRUCT_CREATION))
}

/// Comparing an address with a range.
pub(super) fn containing_ip(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    let range = size_at(arguments, 0);
    reading(range + range)
}

/// The same for an address that must be parsed first.
pub(super) fn containing_ip_text(arguments: &[Value<'_>], result: Option<Value<'_>>) -> u64 {
    containing_ip(arguments, result).saturating_add(reading(size_at(arguments, 1)))
}

/// Comparing two ranges.
pub(super) fn containing_cidr(arguments: &[Value<'_>], result: Option<Value<'_>>) -> u64 {
    containing_ip(arguments, result) + reading(size_at(arguments, 0)) + 1
}

/// The same for a range that must be parsed first.
pub(super) fn containing_cidr_text(arguments: &[Value<'_>], result: Option<Value<'_>>) -> u64 {
    containing_cidr(arguments, result).saturating_add(reading(size_at(arguments, 1)))
}

/// `sets.contains` and `sets.intersects`: each item of one side against each of the other.
pub(super) fn subset(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    size_at(arguments, 0)
        .saturating_mul(size_at(arguments, 1))
        .saturating_add(1)
}

/// `sets.equivalent`: the same in both directions.
pub(super) fn equivalence(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    size_at(arguments, 0)
        .saturating_mul(size_at(arguments, 1))
        .saturating_mul(2)
        .saturating_add(1)
}

fn allocating(factor: f64, size: u64) -> u64 {
    let items = size as f64 * factor;
    if items < 0.0 {
        // Of a negative depth, which is an error; Go's conversion wraps.
        return (items as i64)
            .wrapping_add(1 + LIST_CREATION as i64)
            .cast_unsigned();
    }
    (items as u64).saturating_add(1 + LIST_CREATION)
}

/// Making a list of the result's length.
pub(super) fn list_of_result(_arguments: &[Value<'_>], result: Option<Value<'_>>) -> u64 {
    allocating(1.0, result.map_or(1, size))
}

/// `flatten`: the list's length times the depth.
pub(super) fn flattening(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    let depth = arguments
        .get(1)
        .and_then(|depth| depth.as_int())
        .unwrap_or(1);
    allocating(depth as f64, size_at(arguments, 0))
}

/// `sort` and `distinct`: each item of the list against each other.
pub(super) fn self_comparison(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    all_pairs(arguments.first())
}

/// `sortBy`: each key against each other.
pub(super) fn key_comparison(arguments: &[Value<'_>], _result: Option<Value<'_>>) -> u64 {
    all_pairs(arguments.get(1))
}

fn all_pairs(list: Option<&Value<'_>>) -> u64 {
    let Some(list) = list.and_then(|value| value.as_list()) else {
        return 1;
    };
    let factor = match list.get(0).map(Value::plain) {
        Some(Value::String(_) | Value::Bytes(_)) => 2.1,
        _ => 2.0,
    };
    let length = list.len() as u64;
    allocating(factor, length.saturating_mul(length))
}

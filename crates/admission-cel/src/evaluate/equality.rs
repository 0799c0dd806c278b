//! Equality of values, as `types.Equal` and the `Equal` methods of cel-go's `common/types` and
//! `k8s.io/apiserver/pkg/cel` define it: between any types, numbers across types, NaN equal to
//! nothing.

use std::cmp::Ordering;

use super::compare::compare_numbers;
use crate::error::EvaluationError;
use crate::json::{Json, same_text};
use crate::value::{List, Map, StructValue, Value, runtime_name};

/// How deep values may nest that are compared. Input objects stay far below; only values that
/// policy variables built out of each other could go beyond, and exhaust the stack.
const DEPTH_MAX: usize = 1_000;

/// Whether two values are equal.
///
/// # Errors
/// `no such overload` when a value of a Kubernetes library type is compared with one of another
/// type.
#[inline]
pub fn equal<'a>(left: Value<'_>, right: Value<'_>) -> Result<bool, EvaluationError<'a>> {
    equal_at(left, right, DEPTH_MAX)
}

/// Whether two values are equal; values that cannot be compared are not.
pub fn is_equal(left: Value<'_>, right: Value<'_>) -> bool {
    equal(left, right) == Ok(true)
}

fn equal_at<'a>(
    left: Value<'_>,
    right: Value<'_>,
    depth: usize,
) -> Result<bool, EvaluationError<'a>> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(EvaluationError::Message(
            "values nest too deeply to be compared",
        ));
    };
    let (left, right) = (left.plain(), right.plain());
    Ok(match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Null, _) | (_, Value::Null) => false,
        (Value::String(a), Value::String(b)) => same_text(a, b),
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Double(number), _)
        | (Value::Int(_) | Value::Uint(_) | Value::Double(_), Value::Double(number))
            if number.is_nan() =>
        {
            false
        }
        (Value::Int(_) | Value::Uint(_) | Value::Double(_), _) => {
            compare_numbers(left, right) == Some(Ordering::Equal)
        }
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Timestamp(a), Value::Timestamp(b)) => a == b,
        (Value::Type(a), Value::Type(b)) => runtime_name(a) == runtime_name(b),
        (Value::Optional(a), Value::Optional(b)) => match (a, b) {
            (Some(a), Some(b)) => return equal_at(*a, *b, depth),
            (None, None) => true,
            _ => false,
        },
        (Value::Failure(_), _) => return EvaluationError::no_such_overload(),
        (Value::Struct(a), Value::Struct(b)) => equal_structs(a, b, depth),
        (
            Value::Quantity(_)
            | Value::Ip(_)
            | Value::Cidr(_)
            | Value::Url(_)
            | Value::Semver(_)
            | Value::Format(_)
            | Value::Authorizer(_)
            | Value::Variables,
            _,
        ) => return equal_library_values(left, right),
        _ => match (
            left.as_list(),
            right.as_list(),
            left.as_map(),
            right.as_map(),
        ) {
            (Some(a), Some(b), _, _) => equal_lists(a, b, depth),
            (_, _, Some(a), Some(b)) => equal_maps(a, b, depth),
            _ => false,
        },
    })
}

/// An element comparison that fails counts as equal (`baseList.Equal` looks for `false` only).
fn equal_lists(left: List<'_>, right: List<'_>, depth: usize) -> bool {
    if let (List::Json(a), List::Json(b)) = (left, right)
        && std::ptr::eq(a, b)
        && !a.iter().any(contains_nan)
    {
        return true;
    }
    left.len() == right.len()
        && left
            .iter()
            .zip(right.iter())
            .all(|(a, b)| equal_at(a, b, depth) != Ok(false))
}

fn equal_maps(left: Map<'_>, right: Map<'_>, depth: usize) -> bool {
    left.len() == right.len()
        && left.iter().all(|(key, value)| {
            right
                .get(key)
                .is_some_and(|other| equal_at(value, other, depth) != Ok(false))
        })
}

fn contains_nan(node: &Json<'_>) -> bool {
    // JSON has no NaN, but a tree that was built in memory may.
    match node {
        Json::Double(number) => number.is_nan(),
        Json::Array(items) => items.iter().any(contains_nan),
        Json::Object(object) => object
            .entries()
            .iter()
            .any(|entry| contains_nan(&entry.value)),
        _ => false,
    }
}

/// A patch compares its value as `==` does; other typed objects compare their fields as Go's
/// `reflect.DeepEqual` does, for which numbers of different types differ and lists are never equal,
/// since they hold functions (`mutation/dynamic/objects.go` of `k8s.io/apiserver/pkg/cel`).
fn equal_structs(left: &StructValue<'_>, right: &StructValue<'_>, depth: usize) -> bool {
    let is_patch = left.type_name == "JSONPatch";
    left.type_name == right.type_name
        && left.fields.len() == right.fields.len()
        && left.fields.iter().all(|(name, value)| {
            let Some((_, other)) = right.fields.iter().find(|(other, _)| other == name) else {
                return false;
            };
            let alike =
                is_patch || (value.type_name() == other.type_name() && value.as_list().is_none());
            alike && equal_at(*value, *other, depth) == Ok(true)
        })
}

fn equal_library_values<'a>(
    left: Value<'_>,
    right: Value<'_>,
) -> Result<bool, EvaluationError<'a>> {
    match (left, right) {
        (Value::Ip(a), Value::Ip(b)) => Ok(a == b),
        (Value::Quantity(a), Value::Quantity(b)) if !b.is_computed() => Ok(a == b),
        (Value::Cidr(a), Value::Cidr(b)) => Ok(a == b),
        (Value::Url(a), Value::Url(b)) => Ok(a == b),
        (Value::Semver(a), Value::Semver(b)) => Ok(a == b),
        (Value::Format(a), Value::Format(b)) => Ok(a == b),
        (Value::Variables, Value::Variables) => Ok(true),
        // Authorizers are never comparable (`receiverOnlyObjectVal.Equal` in `library/authz.go`).
        _ => EvaluationError::no_such_overload(),
    }
}

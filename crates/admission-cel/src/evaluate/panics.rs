//! Where cel-go's own code panics. That ends the whole evaluation with an error, so it must end ours.

use crate::compile::node::Candidates;
use crate::error::EvaluationError;
use crate::value::Value;

/// cel-go counts the cost of some list functions from an argument that it takes for a list or an
/// `int` without looking, and panics when that is an error or something else (`trackListDistinct`,
/// `trackListSort`, `trackListSortBy`, `trackListFlatten` in `ext/lists.go`).
pub(super) fn counting_panics<'a>(
    function: &str,
    candidates: &Candidates,
    arguments: &[Value<'_>],
    failed: Option<usize>,
) -> Option<EvaluationError<'a>> {
    if matches!(candidates, Candidates::Several(_)) {
        return None;
    }
    let position = match (function, arguments.len()) {
        ("distinct" | "sort", _) => 0,
        ("@sortByAssociatedKeys" | "flatten", 2) => 1,
        _ => return None,
    };
    let counted = arguments.get(position)?.plain();
    let is_error = failed == Some(position);
    let text = if function == "flatten" {
        match counted {
            _ if is_error => "interface conversion: ref.Val is *types.Err, not types.Int",
            Value::Int(_) => return None,
            other => not_an_int(other),
        }
    } else {
        match counted {
            _ if is_error => {
                "interface conversion: *types.Err is not traits.Lister: missing method Add"
            }
            other if other.as_list().is_some() => return None,
            other => not_a_list(other),
        }
    };
    Some(EvaluationError::Internal(text))
}

/// Whether cel-go may panic while it counts the cost of a function.
pub(crate) fn may_panic(function: &str) -> bool {
    matches!(
        function,
        "distinct" | "sort" | "@sortByAssociatedKeys" | "flatten"
    )
}

/// Go panics for keys of maps that hold slices or functions.
pub(super) fn unhashable(key: Value<'_>) -> Option<&'static str> {
    match key {
        Value::Bytes(_) => Some("runtime error: hash of unhashable type types.Bytes"),
        Value::Semver(_) => Some("runtime error: hash of unhashable type cel.Semver"),
        Value::Format(_) => Some("runtime error: hash of unhashable type cel.Format"),
        _ => None,
    }
}

fn not_an_int(value: Value<'_>) -> &'static str {
    match value {
        Value::String(_) => "interface conversion: ref.Val is types.String, not types.Int",
        Value::Double(_) => "interface conversion: ref.Val is types.Double, not types.Int",
        Value::Bool(_) => "interface conversion: ref.Val is types.Bool, not types.Int",
        Value::Null => "interface conversion: ref.Val is types.Null, not types.Int",
        Value::Uint(_) => "interface conversion: ref.Val is types.Uint, not types.Int",
        Value::Bytes(_) => "interface conversion: ref.Val is types.Bytes, not types.Int",
        Value::Duration(_) => "interface conversion: ref.Val is types.Duration, not types.Int",
        Value::Timestamp(_) => "interface conversion: ref.Val is types.Timestamp, not types.Int",
        Value::Type(_) => "interface conversion: ref.Val is *types.Type, not types.Int",
        Value::Optional(_) => "interface conversion: ref.Val is *types.Optional, not types.Int",
        Value::Ip(_) => "interface conversion: ref.Val is cel.IP, not types.Int",
        Value::Cidr(_) => "interface conversion: ref.Val is cel.CIDR, not types.Int",
        Value::Url(_) => "interface conversion: ref.Val is cel.URL, not types.Int",
        Value::Quantity(_) => "interface conversion: ref.Val is cel.Quantity, not types.Int",
        Value::Semver(_) => "interface conversion: ref.Val is cel.Semver, not types.Int",
        Value::Format(_) => "interface conversion: ref.Val is cel.Format, not types.Int",
        other if other.as_list().is_some() => {
            "interface conversion: ref.Val is *types.baseList, not types.Int"
        }
        other if other.as_map().is_some() => {
            "interface conversion: ref.Val is *types.baseMap, not types.Int"
        }
        _ => "interface conversion: ref.Val is not types.Int",
    }
}

fn not_a_list(value: Value<'_>) -> &'static str {
    match value {
        Value::Int(_) => {
            "interface conversion: types.Int is not traits.Lister: missing method Contains"
        }
        Value::Uint(_) => {
            "interface conversion: types.Uint is not traits.Lister: missing method Contains"
        }
        Value::Double(_) => {
            "interface conversion: types.Double is not traits.Lister: missing method Contains"
        }
        Value::String(_) => {
            "interface conversion: types.String is not traits.Lister: missing method Contains"
        }
        Value::Bytes(_) => {
            "interface conversion: types.Bytes is not traits.Lister: missing method Contains"
        }
        Value::Duration(_) => {
            "interface conversion: types.Duration is not traits.Lister: missing method Contains"
        }
        Value::Timestamp(_) => {
            "interface conversion: types.Timestamp is not traits.Lister: missing method Contains"
        }
        Value::Type(_) => {
            "interface conversion: *types.Type is not traits.Lister: missing method Add"
        }
        Value::Ip(_) => "interface conversion: cel.IP is not traits.Lister: missing method Add",
        Value::Cidr(_) => "interface conversion: cel.CIDR is not traits.Lister: missing method Add",
        Value::Url(_) => "interface conversion: cel.URL is not traits.Lister: missing method Add",
        Value::Quantity(quantity) if quantity.is_computed() => {
            "interface conversion: *cel.Quantity is not traits.Lister: missing method Add"
        }
        Value::Quantity(_) => {
            "interface conversion: cel.Quantity is not traits.Lister: missing method Add"
        }
        Value::Semver(_) => {
            "interface conversion: cel.Semver is not traits.Lister: missing method Add"
        }
        Value::Format(_) => {
            "interface conversion: cel.Format is not traits.Lister: missing method Add"
        }
        Value::Bool(_) => {
            "interface conversion: types.Bool is not traits.Lister: missing method Add"
        }
        Value::Null => "interface conversion: types.Null is not traits.Lister: missing method Add",
        Value::Optional(_) => {
            "interface conversion: *types.Optional is not traits.Lister: missing method Add"
        }
        other if other.as_map().is_some() => {
            "interface conversion: *types.baseMap is not traits.Lister: missing method Add"
        }
        _ => "interface conversion: not a traits.Lister",
    }
}

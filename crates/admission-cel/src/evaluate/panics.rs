//! Where cel-go's own code panics. That ends the whole evaluation with an error, so it must end ours.

use bumpalo::Bump;

use super::display::go_type;
use crate::compile::node::Candidates;
use crate::error::EvaluationError;
use crate::value::Value;

/// cel-go counts the cost of some list functions from an argument that it takes for a list or an
/// `int` without looking, and panics when that is an error or something else (`trackListDistinct`,
/// `trackListSort`, `trackListSortBy`, `trackListFlatten` in `ext/lists.go`).
pub(super) fn counting_panics<'a>(
    arena: &'a Bump,
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
    let found = if is_error { ERROR } else { go_type(counted) };
    let text = match (function, counted) {
        ("flatten", Value::Int(_)) if !is_error => return None,
        ("flatten", _) => {
            format!("interface conversion: ref.Val is {found}, not types.Int")
        }
        (_, other) if !is_error && other.as_list().is_some() => return None,
        (_, other) => {
            let missing = if !is_error && can_add(other) {
                "Contains"
            } else {
                "Add"
            };
            format!("interface conversion: {found} is not traits.Lister: missing method {missing}")
        }
    };
    Some(EvaluationError::Internal(arena.alloc_str(&text)))
}

/// The Go type of errors.
const ERROR: &str = "*types.Err";

/// Whether a value has the first method that Go looks for in a list, `Add`.
fn can_add(value: Value<'_>) -> bool {
    matches!(
        value,
        Value::Int(_)
            | Value::Uint(_)
            | Value::Double(_)
            | Value::String(_)
            | Value::Bytes(_)
            | Value::Duration(_)
            | Value::Timestamp(_)
    )
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

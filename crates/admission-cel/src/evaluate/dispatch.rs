//! Choice of the overload at run time, after `common/decls/decls.go` and `interpreter/planner.go` of
//! cel-go.

use super::Evaluated;
use super::compare::compare;
use crate::compile::node::Candidates;
use crate::error::EvaluationError;
use crate::overload::{Call, Overload, Scope};
use crate::types::TypeSpec;
use crate::value::Value;

impl Candidates {
    /// What a call costs that is not carried out.
    pub fn nominal_cost(&self, arguments: &[Value<'_>]) -> u64 {
        match self {
            Candidates::Certain(overload) | Candidates::One(overload) => {
                overload.cost.of(true, arguments, None)
            }
            Candidates::Several(overloads) => overloads
                .first()
                .map_or(1, |overload| overload.cost.of(false, arguments, None)),
        }
    }
}

/// Carries out a call and says what it costs.
pub(crate) fn apply<'a>(
    function: &str,
    candidates: &Candidates,
    scope: Scope<'a, '_>,
    arguments: &[Value<'a>],
) -> (Evaluated<'a>, u64) {
    let (overload, resolved) = match candidates {
        Candidates::Certain(overload) => (Some(*overload), true),
        Candidates::One(overload) => {
            let taken = accepts(overload, arguments)
                || is_unguarded(function)
                || has_one_implementation(function);
            (taken.then_some(*overload), true)
        }
        Candidates::Several(overloads) => (
            overloads
                .iter()
                .find(|overload| accepts(overload, arguments))
                .copied(),
            false,
        ),
    };
    let overload = overload.or_else(|| undeclared(function, candidates, arguments));
    let Some(overload) = overload else {
        let error = no_such_overload(function, scope, arguments);
        return (Err(error), candidates.nominal_cost(arguments));
    };
    let Call::Function(implementation) = overload.call else {
        return (
            EvaluationError::no_such_overload(),
            candidates.nominal_cost(arguments),
        );
    };
    let result = implementation(scope, arguments);
    if resolved {
        return only_result(function, overload, scope, arguments, result);
    }
    let cost = overload
        .cost
        .of(false, arguments, result.as_ref().ok().copied());
    (result, cost)
}

/// What becomes of a call of the only overload that the checker left. A null can stand where the
/// checker found another type (`(c ? null : duration('1s'))`), which is looked at only when it
/// matters.
pub(super) fn only_result<'a>(
    function: &str,
    overload: &Overload,
    scope: Scope<'a, '_>,
    arguments: &[Value<'a>],
    mut result: Evaluated<'a>,
) -> (Evaluated<'a>, u64) {
    if let Err(EvaluationError::NoSuchOverload) = result
        && !is_unguarded(function)
        && !accepts(overload, arguments)
    {
        result = Err(no_such_overload(function, scope, arguments));
    }
    let cost = overload
        .cost
        .of(true, arguments, result.as_ref().ok().copied());
    (result, cost)
}

/// An overload whose implementation takes more than is declared: sorting has one for all types of
/// elements and looks at them itself, and durations can be negated when they are `dyn`.
fn undeclared(
    function: &str,
    candidates: &Candidates,
    arguments: &[Value<'_>],
) -> Option<&'static Overload> {
    let first = arguments.first()?;
    let is_taken = match function {
        "sort" | "@sortByAssociatedKeys" => first.as_list().is_some(),
        "-_" => matches!(first, Value::Duration(_)),
        _ => false,
    };
    match candidates {
        Candidates::Several(overloads) => overloads.first().filter(|_| is_taken).copied(),
        Candidates::Certain(overload) | Candidates::One(overload) => is_taken.then_some(*overload),
    }
}

/// Whether an overload takes arguments of these run-time types (`matchesRuntimeSignature` in
/// cel-go's `common/decls/decls.go`).
pub(super) fn accepts(overload: &Overload, arguments: &[Value<'_>]) -> bool {
    overload.parameters.len() == arguments.len()
        && overload
            .parameters
            .iter()
            .zip(arguments)
            .all(|(parameter, argument)| accepts_value(parameter, *argument))
}

/// Whether a value is of a type as far as that shows at run time: of lists and maps the first
/// element is looked at (`IsAssignableRuntimeType` in cel-go's `common/types/types.go`).
fn accepts_value(parameter: &TypeSpec, value: Value<'_>) -> bool {
    match parameter {
        TypeSpec::Dyn | TypeSpec::Parameter(_) => true,
        TypeSpec::Null => matches!(value.plain(), Value::Null),
        TypeSpec::Bool => matches!(value.plain(), Value::Bool(_)),
        TypeSpec::Int => matches!(value.plain(), Value::Int(_)),
        TypeSpec::Uint => matches!(value, Value::Uint(_)),
        TypeSpec::Double => matches!(value.plain(), Value::Double(_)),
        TypeSpec::String => matches!(value.plain(), Value::String(_)),
        TypeSpec::Bytes => matches!(value, Value::Bytes(_)),
        TypeSpec::Duration => matches!(value, Value::Duration(_)),
        TypeSpec::Timestamp => matches!(value, Value::Timestamp(_)),
        TypeSpec::Optional(_) => matches!(value, Value::Optional(_)),
        TypeSpec::Type(_) => matches!(value, Value::Type(_)),
        TypeSpec::Opaque(name) => value.type_name() == *name,
        TypeSpec::List(item) => value
            .as_list()
            .is_some_and(|list| list.get(0).is_none_or(|first| accepts_value(item, first))),
        TypeSpec::Map(key, item) => value.as_map().is_some_and(|map| {
            map.entry(0).is_none_or(|(first_key, first)| {
                accepts_value(key, first_key) && accepts_value(item, first)
            })
        }),
    }
}

/// The error of a call that no overload takes. Functions that cel-go dispatches by a trait of the
/// first operand name themselves only when the operand lacks the trait; the others name the types.
pub(super) fn no_such_overload<'a>(
    function: &str,
    scope: Scope<'a, '_>,
    arguments: &[Value<'a>],
) -> EvaluationError<'a> {
    if is_unguarded(function) || scope.regex.is_some() {
        return EvaluationError::NoSuchOverload;
    }
    let text = if is_dispatched_by_operand(function) {
        let operand = arguments.first().copied().unwrap_or(Value::Null);
        if reaches_implementation(function, operand) {
            // An order may have more to say than that the types do not fit.
            return match arguments {
                [left, right] if is_comparison(function) => compare(*left, *right)
                    .err()
                    .unwrap_or(EvaluationError::NoSuchOverload),
                _ => EvaluationError::NoSuchOverload,
            };
        }
        bumpalo::format!(in scope.arena, "no such overload: {}", function)
    } else {
        let mut text = bumpalo::format!(in scope.arena, "no such overload: {}(", function);
        for (position, argument) in arguments.iter().enumerate() {
            if position > 0 {
                text.push_str(", ");
            }
            text.push_str(argument.type_name());
        }
        text.push(')');
        text
    };
    EvaluationError::Message(text.into_bump_str())
}

/// Whether a function orders its operands.
pub(crate) fn is_comparison(function: &str) -> bool {
    matches!(function, "_<_" | "_<=_" | "_>_" | "_>=_")
}

/// Functions that look at their arguments themselves (`DisableTypeGuards` in cel-go's standard
/// library and `ext/lists.go`), as the optimised `matches` does.
fn is_unguarded(function: &str) -> bool {
    matches!(function, "contains" | "endsWith" | "startsWith" | "flatten")
}

/// Whether an overload need not be chosen: whatever the implementation gives a value for, one of the
/// overloads is declared for, and without the checker's choice all cost the same. (Durations, which
/// `-_` takes too, are not declared.)
pub(crate) fn is_uniform(function: &str) -> bool {
    has_one_implementation(function) && function != "-_"
}

/// Those of [`is_dispatched_by_operand`] whose implementation here takes the operands of all
/// overloads too. The checker can be mistaken about the types of what it infers.
fn has_one_implementation(function: &str) -> bool {
    matches!(
        function,
        "_+_" | "_-_" | "_*_" | "_/_" | "_%_" | "-_" | "size"
    ) || is_comparison(function)
}

/// Functions with a single implementation for all overloads (`Singleton…Binding` in cel-go's
/// `common/stdlib/standard.go` and `ext/lists.go`).
pub(super) fn is_dispatched_by_operand(function: &str) -> bool {
    matches!(
        function,
        "_+_"
            | "_-_"
            | "_*_"
            | "_/_"
            | "_%_"
            | "-_"
            | "!_"
            | "_<_"
            | "_<=_"
            | "_>_"
            | "_>=_"
            | "size"
            | "matches"
            | "type"
            | "dyn"
            | "sort"
            | "@sortByAssociatedKeys"
    )
}

/// Whether the first operand has the trait that the function asks for, or handles calls itself, so
/// that its own, nameless error is the result (`traitMask` in cel-go's `common/types/types.go`).
fn reaches_implementation(function: &str, operand: Value<'_>) -> bool {
    let operand = operand.plain();
    if function == "@sortByAssociatedKeys" {
        return operand.as_list().is_some();
    }
    if matches!(
        operand,
        Value::String(_) | Value::Duration(_) | Value::Timestamp(_)
    ) {
        return true;
    }
    let (is_list, is_map) = (operand.as_list().is_some(), operand.as_map().is_some());
    match function {
        "_+_" => {
            is_list
                || matches!(
                    operand,
                    Value::Bytes(_) | Value::Double(_) | Value::Int(_) | Value::Uint(_)
                )
        }
        "_-_" | "_*_" | "_/_" => {
            matches!(operand, Value::Double(_) | Value::Int(_) | Value::Uint(_))
        }
        "_%_" => matches!(operand, Value::Int(_) | Value::Uint(_)),
        "-_" => matches!(operand, Value::Bool(_) | Value::Double(_) | Value::Int(_)),
        "_<_" | "_<=_" | "_>_" | "_>=_" => matches!(
            operand,
            Value::Bool(_) | Value::Bytes(_) | Value::Double(_) | Value::Int(_) | Value::Uint(_)
        ),
        "size" => is_list || is_map || matches!(operand, Value::Bytes(_)),
        "sort" => is_list,
        "matches" => false,
        _ => true,
    }
}

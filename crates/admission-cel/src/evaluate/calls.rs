//! Calls of library functions: arguments, choice of the overload at run time, cost.

use super::{Attempt, Evaluated, Interpreter};
use crate::compile::node::{Call, Candidates};
use crate::error::EvaluationError;
use crate::overload::{self, Overload, Scope};
use crate::types::TypeSpec;
use crate::value::Value;

/// How many arguments need no allocation; only `format`-like functions could have more.
const ARGUMENTS_INLINE: usize = 4;

impl<'a> Interpreter<'a, '_> {
    pub fn call(&mut self, call: &'a Call) -> Evaluated<'a> {
        let mut inline = [Value::Null; ARGUMENTS_INLINE];
        let arguments = match inline.get_mut(..call.arguments.len()) {
            Some(arguments) => arguments,
            None => self
                .arena()
                .alloc_slice_fill_copy(call.arguments.len(), Value::Null),
        };
        self.arguments(call, arguments)??;
        let scope = Scope {
            regex: call.pattern.as_ref(),
            ..self.scope()
        };
        if let Some(error) = counting_panics(call.function, &call.candidates, arguments, None) {
            return Err(error);
        }
        let (result, cost) = apply(call.function, &call.candidates, scope, arguments);
        self.charged(cost, result)
    }

    /// Evaluates the arguments in order. After a failing one, cel-go still evaluates the other of
    /// two, and charges for the call when all were evaluated (`evalUnary`, `evalBinary`,
    /// `evalVarArgs`).
    fn arguments(&mut self, call: &'a Call, arguments: &mut [Value<'a>]) -> Attempt<'a, ()> {
        let stops_at_error = call.arguments.len() > 2
            || call.pattern.is_some()
            || (matches!(call.candidates, Candidates::Several(_))
                && !is_dispatched_by_operand(call.function));
        let last = call.arguments.len().saturating_sub(1);
        let mut failed = None;
        for (position, (argument, slot)) in call.arguments.iter().zip(&mut *arguments).enumerate() {
            match self.attempt(argument)? {
                Ok(value) => *slot = value,
                Err(error) => {
                    failed = failed.or(Some((position, error)));
                    if stops_at_error && position < last {
                        return Ok(Err(error));
                    }
                }
            }
        }
        let Some((position, error)) = failed else {
            return Ok(Ok(()));
        };
        if let Some(panic) =
            counting_panics(call.function, &call.candidates, arguments, Some(position))
        {
            return Err(panic);
        }
        let cost = call.candidates.nominal_cost(arguments);
        self.meter.charge(cost)?;
        Ok(Err(error))
    }
}

impl Candidates {
    /// What a call costs that is not carried out.
    fn nominal_cost(&self, arguments: &[Value<'_>]) -> u64 {
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
        Candidates::One(overload) => (accepts(overload, arguments).then_some(*overload), true),
        Candidates::Several(overloads) => (
            overloads
                .iter()
                .find(|overload| accepts(overload, arguments))
                .copied(),
            false,
        ),
    };
    let overload = overload.or_else(|| sorting(function, candidates, arguments));
    let Some(overload) = overload else {
        let error = no_such_overload(function, scope, arguments);
        return (Err(error), candidates.nominal_cost(arguments));
    };
    let overload::Call::Function(implementation) = overload.call else {
        return (
            EvaluationError::no_such_overload(),
            candidates.nominal_cost(arguments),
        );
    };
    let result = implementation(scope, arguments);
    let cost = overload
        .cost
        .of(resolved, arguments, result.as_ref().ok().copied());
    (result, cost)
}

/// Sorting has one implementation for all types of elements, which looks at them itself.
fn sorting(
    function: &str,
    candidates: &Candidates,
    arguments: &[Value<'_>],
) -> Option<&'static Overload> {
    let (Candidates::Several(overloads), Some(list)) = (candidates, arguments.first()) else {
        return None;
    };
    let sorts = matches!(function, "sort" | "@sortByAssociatedKeys") && list.as_list().is_some();
    overloads.first().filter(|_| sorts).copied()
}

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

fn not_an_int(value: Value<'_>) -> &'static str {
    match value {
        Value::String(_) => "interface conversion: ref.Val is types.String, not types.Int",
        Value::Double(_) => "interface conversion: ref.Val is types.Double, not types.Int",
        Value::Bool(_) => "interface conversion: ref.Val is types.Bool, not types.Int",
        Value::Null => "interface conversion: ref.Val is types.Null, not types.Int",
        Value::Uint(_) => "interface conversion: ref.Val is types.Uint, not types.Int",
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
        Value::Bool(_) => {
            "interface conversion: types.Bool is not traits.Lister: missing method Add"
        }
        Value::Null => "interface conversion: types.Null is not traits.Lister: missing method Add",
        other if other.as_map().is_some() => {
            "interface conversion: *types.baseMap is not traits.Lister: missing method Add"
        }
        _ => "interface conversion: not a traits.Lister",
    }
}

/// Whether an overload takes arguments of these run-time types (`matchesRuntimeSignature` in
/// cel-go's `common/decls/decls.go`).
fn accepts(overload: &Overload, arguments: &[Value<'_>]) -> bool {
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
            return EvaluationError::NoSuchOverload;
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

/// Functions that look at their arguments themselves (`DisableTypeGuards` in cel-go's standard
/// library and `ext/lists.go`), as the optimised `matches` does.
fn is_unguarded(function: &str) -> bool {
    matches!(function, "contains" | "endsWith" | "startsWith" | "flatten")
}

/// Functions with a single implementation for all overloads (`Singleton…Binding` in cel-go's
/// `common/stdlib/standard.go` and `ext/lists.go`).
fn is_dispatched_by_operand(function: &str) -> bool {
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

//! Literal durations, timestamps and patterns, which must be valid.

use bumpalo::Bump;

use super::{Checked, Reference, place};
use crate::ast::{Expr, ExprKind, Literal};
use crate::authorizer::NoAuthorizer;
use crate::error::Collector;
use crate::overload::{Call, Overload, Scope};
use crate::value::Value;

/// Checks the first argument of `duration`, `timestamp` and `matches`, if it is a literal. In a call
/// `matches(text, pattern)` that is the text: cel-go checks it as if it were the pattern.
pub(super) fn validate(expr: &Expr, checked: &Checked, errors: &mut Collector) {
    let ExprKind::Call {
        function,
        arguments,
        ..
    } = &expr.kind
    else {
        return;
    };
    let function = function.strip_prefix('.').unwrap_or(function);
    let Some(argument) = arguments.first() else {
        return;
    };
    let ExprKind::Literal(literal) = &argument.kind else {
        return;
    };
    let Some(Reference::Overloads(overloads)) = checked.reference(expr.id) else {
        return;
    };
    let arena = Bump::new();
    let value = value(literal);
    let arguments: &[Value<'_>] = match function {
        "duration" | "timestamp" => &[value],
        "matches" => &[Value::String(""), value],
        _ => return,
    };
    if !overloads.iter().any(|one| succeeds(one, &arena, arguments)) {
        errors.report(place(argument), format!("invalid {function} argument"));
    }
}

fn succeeds<'a>(overload: &Overload, arena: &'a Bump, arguments: &[Value<'a>]) -> bool {
    let scope = Scope {
        arena,
        authorizer: &NoAuthorizer,
        regex: None,
    };
    match overload.call {
        Call::Function(implementation) => implementation(scope, arguments).is_ok(),
        Call::Intrinsic => true,
    }
}

fn value(literal: &Literal) -> Value<'_> {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(flag) => Value::Bool(*flag),
        Literal::Int(integer) => Value::Int(*integer),
        Literal::Uint(integer) => Value::Uint(*integer),
        Literal::Double(number) => Value::Double(*number),
        Literal::String(text) => Value::String(text),
        Literal::Bytes(bytes) => Value::Bytes(bytes),
    }
}

//! Operators, after cel-go `common/stdlib/standard.go`. Logic, equality, indexing and membership are
//! declared here and carried out by the evaluator.

mod arithmetic;
mod overloads;
#[cfg(test)]
mod tests;

pub(super) use arithmetic::add_values;
pub use overloads::OVERLOADS;

use super::arguments::{Outcome, flag, value};
use crate::error::EvaluationError;
use crate::evaluate::compare::compare;
use crate::overload::Scope;
use crate::value::Value;

fn not<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(!flag(arguments, 0)?))
}

fn ordered<'a>(arguments: &[Value<'a>]) -> Result<std::cmp::Ordering, EvaluationError<'a>> {
    compare(value(arguments, 0)?, value(arguments, 1)?)
}

fn less<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(ordered(arguments)?.is_lt()))
}

fn less_or_equal<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(ordered(arguments)?.is_le()))
}

fn greater<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(ordered(arguments)?.is_gt()))
}

fn greater_or_equal<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(ordered(arguments)?.is_ge()))
}

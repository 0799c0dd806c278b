//! Resource quantities, after `k8s.io/apiserver/pkg/cel/library/quantity.go` and
//! `k8s.io/apimachinery/pkg/api/resource`.
//!
//! One thing differs on purpose: in Go, `add`, `sub` and comparisons of quantities beyond 64 bits
//! change their receiver, which shows when it is used again. Here values never change.

mod amount;
mod decimal;
mod format;
mod overloads;
mod parse;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use bumpalo::Bump;

pub use overloads::OVERLOADS;

use self::amount::Amount;
use super::arguments::{Outcome, quantity, string, value};
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::Value;

/// A resource quantity: an exact decimal number and the notation it was written in.
#[derive(Clone, Copy, Debug)]
pub struct Quantity<'a> {
    amount: Amount<'a>,
    format: Format,
    /// The text that it was read from, where Go keeps it: `0123` and `+5` stay as they are.
    written: Option<&'a str>,
    /// Whether it is a sum or difference. Go has a pointer to it then, which shows in one place.
    computed: bool,
}

/// How a quantity is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// `12e6`
    DecimalExponent,
    /// `12Mi`
    BinarySi,
    /// `12M`
    DecimalSi,
}

impl<'a> Quantity<'a> {
    /// Whether it is a sum or difference. Another quantity cannot be compared with it, since `Equal`
    /// in `k8s.io/apiserver/pkg/cel/quantity.go` knows no pointers.
    pub(crate) fn is_computed(&self) -> bool {
        self.computed
    }

    /// Reads a quantity, such as `500m` or `4Gi`; `None` when the text is none.
    pub fn parse(arena: &'a Bump, text: &str) -> Option<Self> {
        parse::parse(arena, text).ok()
    }
}

/// Equal amounts are equal, however they are written.
impl PartialEq for Quantity<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.amount.compare(&other.amount) == Ordering::Equal
    }
}

/// Why a quantity cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QuantityError {
    /// It is not of the form of a quantity.
    Format,
    /// Its digits are no number.
    Numeric,
    /// Its suffix is unknown.
    Suffix,
    /// It has more digits than this build computes with.
    TooLarge,
}

impl QuantityError {
    fn text(self) -> &'static str {
        match self {
            QuantityError::Format => {
                "quantities must match the regular expression \
                 '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            }
            QuantityError::Numeric => "unable to parse numeric part of quantity",
            QuantityError::Suffix => "unable to parse quantity's suffix",
            QuantityError::TooLarge => "quantity has too many digits",
        }
    }
}

impl<'a> From<QuantityError> for EvaluationError<'a> {
    fn from(error: QuantityError) -> Self {
        EvaluationError::Message(error.text())
    }
}

fn from_string<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let parsed = parse::parse(scope.arena, string(arguments, 0)?)?;
    Ok(Value::Quantity(scope.arena.alloc(parsed)))
}

fn is_quantity<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let valid = match parse::parse(scope.arena, string(arguments, 0)?) {
        // What is merely too large for us is a quantity all the same.
        Ok(_) | Err(QuantityError::TooLarge) => true,
        Err(_) => false,
    };
    Ok(Value::Bool(valid))
}

/// The second operand of `add` and `sub`: a quantity or an integer.
fn operand<'a>(arguments: &[Value<'a>]) -> Result<Quantity<'a>, EvaluationError<'a>> {
    match value(arguments, 1)? {
        Value::Quantity(quantity) => Ok(*quantity),
        Value::Int(integer) => Ok(Quantity {
            amount: Amount::Scaled {
                value: integer,
                scale: 0,
            },
            format: Format::DecimalExponent,
            written: None,
            computed: false,
        }),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

fn combine<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>], subtract: bool) -> Outcome<'a> {
    let (left, right) = (quantity(arguments, 0)?, operand(arguments)?);
    // A zero takes over the notation of what is added to it.
    let format = if left.amount.is_zero() {
        right.format
    } else {
        left.format
    };
    let amount = left.amount.add(scope.arena, &right.amount, subtract)?;
    Ok(Value::Quantity(scope.arena.alloc(Quantity {
        amount,
        format,
        written: None,
        computed: true,
    })))
}

fn add<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    combine(scope, arguments, false)
}

fn subtract<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    combine(scope, arguments, true)
}

/// By amount, however it is written.
impl PartialOrd for Quantity<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.amount.compare(&other.amount))
    }
}

fn compare<'a>(arguments: &[Value<'a>]) -> Result<Ordering, EvaluationError<'a>> {
    let (left, right) = (quantity(arguments, 0)?, quantity(arguments, 1)?);
    Ok(left.amount.compare(&right.amount))
}

fn compare_to<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Int(compare(arguments)? as i64))
}

fn is_greater_than<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(compare(arguments)?.is_gt()))
}

fn is_less_than<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(compare(arguments)?.is_lt()))
}

fn sign<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Int(quantity(arguments, 0)?.amount.sign()))
}

/// Whether [`as_integer`] succeeds, which is not the same as being whole: `1.0` is no integer.
fn is_integer<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let integer = quantity(arguments, 0)?.amount.as_int();
    Ok(Value::Bool(integer.is_some()))
}

fn as_integer<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match quantity(arguments, 0)?.amount.as_int() {
        Some(integer) => Ok(Value::Int(integer)),
        None => Err(EvaluationError::Message("cannot convert value to integer")),
    }
}

fn as_approximate_float<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let number = quantity(arguments, 0)?.amount.as_approximate_double();
    Ok(Value::Double(number))
}

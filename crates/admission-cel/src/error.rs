//! Errors of evaluation and of compilation, with cel-go's texts.

use std::fmt;

use bumpalo::Bump;

mod compile;

pub(crate) use compile::Collector;
pub use compile::{CompileError, CompileErrors, Place};

/// An error during evaluation. `||`, `&&` and the macros may absorb it, so making one must be
/// cheap: it borrows its parts and formats them only when printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvaluationError<'a> {
    /// A map has no such key.
    NoSuchKey(&'a str),
    /// A variable is declared but has no value.
    NoSuchAttribute(&'a str),
    /// No overload takes arguments of these types.
    NoSuchOverload,
    /// An index outside its list.
    IndexOutOfBounds(i64),
    /// Integer division by zero.
    DivideByZero,
    /// Integer modulus by zero.
    ModulusByZero,
    /// 64-bit arithmetic left its range.
    IntegerOverflow,
    /// Anything else; the complete text.
    Message(&'a str),
    /// The cost limit was reached. Never absorbed.
    CostLimitExceeded,
    /// cel-go's own code panics here, which ends the evaluation: never absorbed either. The text
    /// is Go's.
    Internal(&'a str),
}

impl<'a> EvaluationError<'a> {
    /// `no such overload`
    pub fn no_such_overload<T>() -> Result<T, Self> {
        Err(EvaluationError::NoSuchOverload)
    }

    /// Whether the error ends the whole evaluation, so that nothing absorbs it.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            EvaluationError::CostLimitExceeded | EvaluationError::Internal(_)
        )
    }

    /// An error with a text of its own.
    pub fn message<T>(arena: &'a Bump, text: impl fmt::Display) -> Result<T, Self> {
        Err(EvaluationError::Message(
            bumpalo::format!(in arena, "{}", text).into_bump_str(),
        ))
    }
}

impl fmt::Display for EvaluationError<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EvaluationError::NoSuchKey(key) => write!(formatter, "no such key: {key}"),
            EvaluationError::NoSuchAttribute(name) => {
                write!(formatter, "no such attribute(s): {name}")
            }
            EvaluationError::NoSuchOverload => formatter.write_str("no such overload"),
            EvaluationError::IndexOutOfBounds(index) => {
                write!(formatter, "index out of bounds: {index}")
            }
            EvaluationError::DivideByZero => formatter.write_str("division by zero"),
            EvaluationError::ModulusByZero => formatter.write_str("modulus by zero"),
            EvaluationError::IntegerOverflow => formatter.write_str("integer overflow"),
            EvaluationError::Message(text) => formatter.write_str(text),
            EvaluationError::CostLimitExceeded => {
                formatter.write_str("operation cancelled: actual cost limit exceeded")
            }
            EvaluationError::Internal(text) => write!(formatter, "internal error: {text}"),
        }
    }
}

//! Errors of evaluation, with cel-go's texts.

use std::fmt;

use bumpalo::Bump;

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
}

impl<'a> EvaluationError<'a> {
    /// `no such overload`
    pub fn no_such_overload<T>() -> Result<T, Self> {
        Err(EvaluationError::NoSuchOverload)
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
        }
    }
}

/// One reason why an expression does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileError {
    /// What is wrong; type and declaration errors in cel-go's words.
    pub message: String,
    /// Where, as a byte range of the source.
    pub start: usize,
    /// Exclusive end.
    pub end: usize,
    /// Line of `start`, counted from 1.
    pub line: usize,
    /// Column of `start` in code points, counted from 1.
    pub column: usize,
}

/// Every reason why an expression does not compile, in source order; never empty.
/// `Display` gives cel-go's form: `ERROR: <input>:1:1: …` with the line and a caret below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompileErrors {
    /// The expression.
    pub source: String,
    /// What is wrong with it.
    pub errors: Vec<CompileError>,
}

impl fmt::Display for CompileErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.errors.iter().enumerate() {
            if position > 0 {
                formatter.write_str("\n")?;
            }
            write!(
                formatter,
                "ERROR: <input>:{}:{}: {}",
                error.line, error.column, error.message
            )?;
            if let Some(line) = self.source.lines().nth(error.line.saturating_sub(1)) {
                write!(formatter, "\n | {line}\n | ")?;
                for _ in 1..error.column {
                    formatter.write_str(".")?;
                }
                formatter.write_str("^")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for CompileErrors {}

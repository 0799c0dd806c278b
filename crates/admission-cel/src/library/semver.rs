//! Semantic versions, after `k8s.io/apiserver/pkg/cel/library/semverlib.go`.

mod overloads;
mod parse;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;

pub use overloads::OVERLOADS;

use super::arguments::{Outcome, flag, string, value};
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::Value;

/// A semantic version; build metadata is checked and then forgotten, since nothing reads it.
#[derive(Clone, Copy, Debug)]
pub struct Semver<'a> {
    major: u64,
    minor: u64,
    patch: u64,
    pre_release: &'a [Identifier<'a>],
    /// As written, empty if there is none; printed, never compared.
    build: &'a str,
}

/// A part of a pre-release; numbers come before texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier<'a> {
    Number(u64),
    Text(&'a str),
}

impl Semver<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        let numbers = (self.major, self.minor, self.patch);
        numbers
            .cmp(&(other.major, other.minor, other.patch))
            // A version without pre-release comes after those with one.
            .then_with(|| {
                let (left, right) = (self.pre_release, other.pre_release);
                left.is_empty()
                    .cmp(&right.is_empty())
                    .then_with(|| left.cmp(right))
            })
    }
}

impl PartialEq for Semver<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.compare(other).is_eq()
    }
}

impl fmt::Display for Semver<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        for (position, identifier) in self.pre_release.iter().enumerate() {
            formatter.write_str(if position == 0 { "-" } else { "." })?;
            match identifier {
                Identifier::Number(number) => write!(formatter, "{number}")?,
                Identifier::Text(text) => formatter.write_str(text)?,
            }
        }
        if !self.build.is_empty() {
            write!(formatter, "+{}", self.build)?;
        }
        Ok(())
    }
}

fn version<'a>(
    arguments: &[Value<'a>],
    position: usize,
) -> Result<Semver<'a>, EvaluationError<'a>> {
    match value(arguments, position)? {
        Value::Semver(version) => Ok(*version),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

/// Reads the first argument, normalised first when the second says so.
fn read<'a>(
    scope: Scope<'a, '_>,
    arguments: &[Value<'a>],
) -> Result<Result<Semver<'a>, String>, EvaluationError<'a>> {
    let text = string(arguments, 0)?;
    let normalize = match arguments.get(1) {
        Some(_) => flag(arguments, 1)?,
        None => false,
    };
    if !normalize {
        return Ok(parse::parse(scope.arena, text));
    }
    Ok(parse::normalize(text)
        .and_then(|normalized| parse::parse(scope.arena, scope.arena.alloc_str(&normalized))))
}

fn from_string<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match read(scope, arguments)? {
        Ok(version) => Ok(Value::Semver(scope.arena.alloc(version))),
        Err(error) => scope.fail(error),
    }
}

fn is_semver<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(read(scope, arguments)?.is_ok()))
}

/// Numbers beyond 63 bits come out negative, as in Go.
fn number<'a>(number: u64) -> Outcome<'a> {
    Ok(Value::Int(number.cast_signed()))
}

fn major<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    number(version(arguments, 0)?.major)
}

fn minor<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    number(version(arguments, 0)?.minor)
}

fn patch<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    number(version(arguments, 0)?.patch)
}

fn compare<'a>(arguments: &[Value<'a>]) -> Result<Ordering, EvaluationError<'a>> {
    Ok(version(arguments, 0)?.compare(&version(arguments, 1)?))
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

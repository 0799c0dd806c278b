//! Patterns: `matches` of cel-go, `find` and `findAll` of
//! `k8s.io/apiserver/pkg/cel/library/regex.go`.
//!
//! Patterns are Go's RE2 syntax. They are checked and rewritten ([`translate`]) for the `regex`
//! crate, whose automata match the same way. What differs: groups nested more than 250 deep,
//! patterns whose automaton exceeds the crate's size limit, surrogates (`\x{D800}`, which match
//! nothing), and a repetition of a repetition with flags between them (`a*(?s)*`) are refused where
//! Go accepts them.

mod class;
mod escape;
mod overloads;
#[cfg(test)]
mod tests;
mod translate;

pub use overloads::OVERLOADS;

use regex::Regex;

use self::translate::translate;
use super::arguments::{Outcome, int, string};
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::Value;

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in the words of Go's `regexp.Compile`.
    pub fn compile(pattern: &str) -> Result<Self, String> {
        let translated =
            translate(pattern).map_err(|error| format!("error parsing regexp: {error}"))?;
        match Regex::new(&translated) {
            Ok(regex) => Ok(Self(regex)),
            Err(_) => Err(format!(
                "error parsing regexp: expression too large: `{pattern}`"
            )),
        }
    }
}

/// Calls `run` with the literal pattern that was compiled with the program, or with the one of this
/// call.
fn with_pattern<'a, T>(
    scope: Scope<'a, '_>,
    pattern: &str,
    prefix: &str,
    run: impl FnOnce(&Regex) -> T,
) -> Result<T, EvaluationError<'a>> {
    if let Some(compiled) = scope.regex {
        return Ok(run(&compiled.0));
    }
    match Pattern::compile(pattern) {
        Ok(compiled) => Ok(run(&compiled.0)),
        Err(error) => scope.fail(format_args!("{prefix}{error}")),
    }
}

fn matches<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, pattern) = (string(arguments, 0)?, string(arguments, 1)?);
    with_pattern(scope, pattern, "", |regex| {
        Value::Bool(regex.is_match(text))
    })
}

/// The first match; empty when there is none.
fn find<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, pattern) = (string(arguments, 0)?, string(arguments, 1)?);
    with_pattern(scope, pattern, "Illegal regex: ", |regex| {
        Value::String(regex.find(text).map_or("", |found| found.as_str()))
    })
}

/// All matches, or at most so many when a number that is not negative is given.
fn find_all<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, pattern) = (string(arguments, 0)?, string(arguments, 1)?);
    let limit = match arguments.get(2) {
        Some(_) => usize::try_from(int(arguments, 2)?).unwrap_or(usize::MAX),
        None => usize::MAX,
    };
    let found: Vec<&'a str> = with_pattern(scope, pattern, "Illegal regex: ", |regex| {
        regex
            .find_iter(text)
            .take(limit)
            .map(|found| found.as_str())
            .collect()
    })?;
    scope.list_of_text(found.len(), found.into_iter())
}

//! Strings: cel-go `common/stdlib/standard.go` and `ext/strings.go` at version 2.

mod build;
mod format;
mod locate;
mod number;
mod overloads;
#[cfg(test)]
mod tests;

pub use overloads::OVERLOADS;

use super::arguments::{Outcome, string};
use crate::overload::Scope;
use crate::value::Value;

fn contains<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, part) = (string(arguments, 0)?, string(arguments, 1)?);
    Ok(Value::Bool(text.contains(part)))
}

fn starts_with<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, prefix) = (string(arguments, 0)?, string(arguments, 1)?);
    Ok(Value::Bool(text.starts_with(prefix)))
}

fn ends_with<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, suffix) = (string(arguments, 0)?, string(arguments, 1)?);
    Ok(Value::Bool(text.ends_with(suffix)))
}

fn lower_ascii<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = string(arguments, 0)?;
    if !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Ok(Value::String(text));
    }
    scope.text(&text.to_ascii_lowercase())
}

fn upper_ascii<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = string(arguments, 0)?;
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Ok(Value::String(text));
    }
    scope.text(&text.to_ascii_uppercase())
}

/// Unicode white space, which is what Go's `strings.TrimSpace` removes too.
fn trim<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::String(string(arguments, 0)?.trim()))
}

/// `strings.quote`: quoted so that it reads back as a CEL literal; unlike Go's `%q`, characters
/// that do not print are left alone.
fn quote<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = string(arguments, 0)?;
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            '\\' => quoted.push_str("\\\\"),
            '"' => quoted.push_str("\\\""),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    scope.text(&quoted)
}

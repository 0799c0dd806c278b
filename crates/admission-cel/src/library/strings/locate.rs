//! Positions in strings, counted in code points.

use crate::error::EvaluationError;
use crate::library::arguments::{Outcome, int, string};
use crate::overload::Scope;
use crate::value::Value;

/// Byte offset of the code point at `index`; the text's length at its end; `None` beyond.
fn byte_offset(text: &str, index: i64) -> Option<usize> {
    let index = usize::try_from(index).ok()?;
    if text.is_ascii() {
        return (index <= text.len()).then_some(index);
    }
    text.char_indices()
        .map(|(offset, _)| offset)
        .chain(std::iter::once(text.len()))
        .nth(index)
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// How many code points precede a byte offset, as an `int`.
fn index_of_byte(text: &str, offset: usize) -> Value<'_> {
    Value::Int(text.get(..offset).map_or(0, length) as i64)
}

fn out_of_range<'a, T>(scope: Scope<'a, '_>, index: i64) -> Result<T, EvaluationError<'a>> {
    scope.fail(format_args!("index out of range: {index}"))
}

/// The code point at an index; empty at the end of the text.
pub(super) fn char_at<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, index) = (string(arguments, 0)?, int(arguments, 1)?);
    let Some(rest) = byte_offset(text, index).and_then(|offset| text.get(offset..)) else {
        return out_of_range(scope, index);
    };
    let width = rest.chars().next().map_or(0, char::len_utf8);
    Ok(Value::String(rest.get(..width).unwrap_or_default()))
}

pub(super) fn index_of<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, part) = (string(arguments, 0)?, string(arguments, 1)?);
    index_from(scope, text, part, 0)
}

pub(super) fn index_of_from<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, part) = (string(arguments, 0)?, string(arguments, 1)?);
    index_from(scope, text, part, int(arguments, 2)?)
}

/// An empty part is found at whatever offset was asked for, checked or not, as in cel-go.
fn index_from<'a>(scope: Scope<'a, '_>, text: &'a str, part: &str, from: i64) -> Outcome<'a> {
    if part.is_empty() {
        return Ok(Value::Int(from));
    }
    if from < 0 {
        return out_of_range(scope, from);
    }
    let found = byte_offset(text, from).and_then(|offset| {
        let found = text.get(offset..)?.find(part)?;
        Some(offset + found)
    });
    Ok(found.map_or(Value::Int(-1), |offset| index_of_byte(text, offset)))
}

pub(super) fn last_index_of<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, part) = (string(arguments, 0)?, string(arguments, 1)?);
    if part.is_empty() {
        return Ok(Value::Int(length(text) as i64));
    }
    if text.len() < part.len() {
        return Ok(Value::Int(-1));
    }
    last_index_from(scope, text, part, length(text) as i64 - 1)
}

pub(super) fn last_index_of_from<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, part) = (string(arguments, 0)?, string(arguments, 1)?);
    last_index_from(scope, text, part, int(arguments, 2)?)
}

/// The last occurrence that starts at `from` or before it.
fn last_index_from<'a>(scope: Scope<'a, '_>, text: &'a str, part: &str, from: i64) -> Outcome<'a> {
    if part.is_empty() {
        return Ok(Value::Int(from));
    }
    if from < 0 {
        return out_of_range(scope, from);
    }
    if from >= length(text) as i64 {
        return Ok(Value::Int(-1));
    }
    let end = byte_offset(text, from.saturating_add(length(part) as i64)).unwrap_or(text.len());
    let found = text.get(..end).and_then(|head| head.rfind(part));
    Ok(found.map_or(Value::Int(-1), |offset| index_of_byte(text, offset)))
}

pub(super) fn substring_from<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (text, start) = (string(arguments, 0)?, int(arguments, 1)?);
    match byte_offset(text, start).and_then(|offset| text.get(offset..)) {
        Some(rest) => Ok(Value::String(rest)),
        None => out_of_range(scope, start),
    }
}

pub(super) fn substring<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = string(arguments, 0)?;
    let (start, end) = (int(arguments, 1)?, int(arguments, 2)?);
    if start > end {
        return scope.fail(format_args!(
            "invalid substring range. start: {start}, end: {end}"
        ));
    }
    let Some(from) = byte_offset(text, start) else {
        return out_of_range(scope, start);
    };
    match byte_offset(text, end).and_then(|to| text.get(from..to)) {
        Some(part) => Ok(Value::String(part)),
        None => out_of_range(scope, end),
    }
}

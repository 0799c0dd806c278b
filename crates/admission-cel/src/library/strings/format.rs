//! `format`, after cel-go `ext/formatting.go` with its default locale `en_US`.

use std::fmt::{self, Write as _};

use super::number;
use crate::library::arguments::{Outcome, list, string};
use crate::library::conversions::{duration_text, text_of, timestamp_text};
use crate::library::go;
use crate::overload::Scope;
use crate::value::{List, Map, Value};

/// How an argument is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clause {
    /// `%s`
    Text,
    /// `%d`
    Decimal,
    /// `%f`, `%.3f`
    Fixed(Option<u64>),
    /// `%e`. What is written as its precision acts as a width in cel-go.
    Scientific(Option<u64>),
    /// `%b`
    Binary,
    /// `%o`
    Octal,
    /// `%x`
    LowerHex,
    /// `%X`
    UpperHex,
}

/// A part of a format string.
enum Part<'f> {
    Literal(&'f str),
    Clause(Clause),
}

/// Why formatting failed; cel-go's texts.
pub(super) enum FormatError {
    /// A complete text.
    Plain(String),
    /// A malformed clause.
    Clause(String),
    /// An argument that its clause cannot write.
    Argument(String),
}

impl fmt::Display for FormatError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormatError::Plain(text) => formatter.write_str(text),
            FormatError::Clause(text) => {
                write!(formatter, "could not parse formatting clause: {text}")
            }
            FormatError::Argument(text) => write!(formatter, "error during formatting: {text}"),
        }
    }
}

pub(super) fn format<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (pattern, values) = (string(arguments, 0)?, list(arguments, 1)?);
    let mut output = String::new();
    match write_all(&mut output, pattern, values) {
        Ok(()) => scope.text(&output),
        Err(error) => scope.fail(error),
    }
}

fn write_all(output: &mut String, pattern: &str, values: List<'_>) -> Result<(), FormatError> {
    let mut used = 0;
    let mut rest = pattern;
    while !rest.is_empty() {
        let (part, after) = next_part(rest, used < values.len(), used)?;
        match part {
            Part::Literal(text) => output.push_str(text),
            Part::Clause(clause) => {
                let value = values.get(used).unwrap_or(Value::Null);
                write_clause(output, clause, value).map_err(FormatError::Argument)?;
                used += 1;
            }
        }
        rest = after;
    }
    Ok(())
}

fn next_part(
    pattern: &str,
    has_argument: bool,
    position: usize,
) -> Result<(Part<'_>, &str), FormatError> {
    let Some(after) = pattern.strip_prefix('%') else {
        let end = pattern.find('%').unwrap_or(pattern.len());
        let (text, rest) = pattern.split_at_checked(end).unwrap_or((pattern, ""));
        return Ok((Part::Literal(text), rest));
    };
    if let Some(rest) = after.strip_prefix('%') {
        return Ok((Part::Literal("%"), rest));
    }
    if !has_argument {
        return Err(FormatError::Plain(format!("index {position} out of range")));
    }
    if after.is_empty() {
        return Err(FormatError::Plain("unexpected end of string".to_owned()));
    }
    let (clause, rest) = parse_clause(after).map_err(FormatError::Clause)?;
    Ok((Part::Clause(clause), rest))
}

fn parse_clause(text: &str) -> Result<(Clause, &str), String> {
    let (precision, text) =
        parse_precision(text).map_err(|error| format!("error while parsing precision: {error}"))?;
    let clause = match text.bytes().next() {
        Some(b's') => Clause::Text,
        Some(b'd') => Clause::Decimal,
        Some(b'f') => Clause::Fixed(precision),
        Some(b'e') => Clause::Scientific(precision),
        Some(b'b') => Clause::Binary,
        Some(b'o') => Clause::Octal,
        Some(b'x') => Clause::LowerHex,
        Some(b'X') => Clause::UpperHex,
        // cel-go looks at one byte and takes it for a character.
        other => {
            let other = char::from(other.unwrap_or_default());
            return Err(format!("unrecognized formatting clause \"{other}\""));
        }
    };
    Ok((clause, text.get(1..).unwrap_or_default()))
}

fn parse_precision(text: &str) -> Result<(Option<u64>, &str), String> {
    let Some(digits_on) = text.strip_prefix('.') else {
        return Ok((None, text));
    };
    let end = digits_on
        .find(|character: char| !character.is_ascii_digit())
        .ok_or("could not find end of precision specifier")?;
    let (digits, rest) = digits_on.split_at_checked(end).unwrap_or_default();
    match digits.parse::<i64>() {
        Ok(precision) => Ok((u64::try_from(precision).ok(), rest)),
        Err(_) => Err(format!(
            "error while converting precision to integer: strconv.Atoi: parsing {}: {}",
            go::quote(digits),
            if digits.is_empty() {
                "invalid syntax"
            } else {
                "value out of range"
            }
        )),
    }
}

fn write_clause(output: &mut String, clause: Clause, value: Value<'_>) -> Result<(), String> {
    let value = value.plain();
    match clause {
        Clause::Text => write_text(output, value),
        Clause::Decimal => write_decimal(output, value),
        Clause::Fixed(precision) => {
            let number = floating(value).ok_or_else(|| {
                wrong_type("fixed-point clause can only be used on doubles", value)
            })?;
            output.push_str(&match precision {
                Some(precision) if is_refused(precision) => NO_VERB.to_owned(),
                _ => number::fixed(number, precision.unwrap_or(6)),
            });
            Ok(())
        }
        Clause::Scientific(width) => {
            let number = floating(value).ok_or_else(|| {
                wrong_type("scientific clause can only be used on doubles", value)
            })?;
            output.push_str(&match width {
                Some(width) if is_refused(width) => NO_VERB.to_owned(),
                _ => number::scientific(number, width.unwrap_or(6)),
            });
            Ok(())
        }
        Clause::Binary => write_binary(output, value),
        Clause::Octal => write_octal(output, value),
        Clause::LowerHex => write_hex(output, value),
        Clause::UpperHex => {
            let mut lower = String::new();
            write_hex(&mut lower, value)?;
            output.push_str(&lower.to_ascii_uppercase());
            Ok(())
        }
    }
}

/// What Go's printer writes in place of a number whose precision it refuses to read.
const NO_VERB: &str = "%!(NOVERB)";

/// Go stops reading a precision when it passes a million before its last digit.
fn is_refused(precision: u64) -> bool {
    precision / 10 > 1_000_000
}

fn wrong_type(rule: &str, value: Value<'_>) -> String {
    format!("{rule}, was given {}", value.type_name())
}

/// A double, or a string that names one which has no literal.
fn floating(value: Value<'_>) -> Option<f64> {
    match value {
        Value::Double(number) => Some(number),
        Value::String("NaN") => Some(f64::NAN),
        Value::String("Infinity") => Some(f64::INFINITY),
        Value::String("-Infinity") => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn write_decimal(output: &mut String, value: Value<'_>) -> Result<(), String> {
    let _ = match value {
        Value::Int(integer) => write!(output, "{integer}"),
        Value::Uint(integer) => write!(output, "{integer}"),
        other => {
            let rule = "decimal clause can only be used on integers";
            return Err(wrong_type(rule, other));
        }
    };
    Ok(())
}

fn write_binary(output: &mut String, value: Value<'_>) -> Result<(), String> {
    let _ = match value {
        Value::Int(integer) => write!(output, "{}{:b}", sign(integer), integer.unsigned_abs()),
        Value::Uint(integer) => write!(output, "{integer:b}"),
        Value::Bool(flag) => write!(output, "{}", u8::from(flag)),
        other => {
            let rule = "only integers and bools can be formatted as binary";
            return Err(wrong_type(rule, other));
        }
    };
    Ok(())
}

fn write_octal(output: &mut String, value: Value<'_>) -> Result<(), String> {
    let _ = match value {
        Value::Int(integer) => write!(output, "{}{:o}", sign(integer), integer.unsigned_abs()),
        Value::Uint(integer) => write!(output, "{integer:o}"),
        other => {
            let rule = "octal clause can only be used on integers";
            return Err(wrong_type(rule, other));
        }
    };
    Ok(())
}

fn write_hex(output: &mut String, value: Value<'_>) -> Result<(), String> {
    let bytes = match value {
        Value::Int(integer) => {
            let _ = write!(output, "{}{:x}", sign(integer), integer.unsigned_abs());
            return Ok(());
        }
        Value::Uint(integer) => {
            let _ = write!(output, "{integer:x}");
            return Ok(());
        }
        Value::String(text) => text.as_bytes(),
        Value::Bytes(bytes) => bytes,
        other => {
            let rule = "only integers, byte buffers, and strings can be formatted as hex";
            return Err(wrong_type(rule, other));
        }
    };
    for byte in bytes {
        let _ = write!(output, "{byte:02x}");
    }
    Ok(())
}

fn sign(integer: i64) -> &'static str {
    if integer < 0 { "-" } else { "" }
}

/// `%s` at the top: strings and timestamps without quotes.
fn write_text(output: &mut String, value: Value<'_>) -> Result<(), String> {
    if let Some(list) = value.as_list() {
        return write_list(output, list);
    }
    if let Some(map) = value.as_map() {
        return write_map(output, map);
    }
    if matches!(value, Value::Null) {
        output.push_str("null");
        return Ok(());
    }
    match text_of(value) {
        Some(Ok(text)) => output.push_str(&text),
        Some(Err(error)) => {
            return Err(format!("could not convert argument \"{error}\" to string"));
        }
        None => {
            let rule = "string clause can only be used on strings, bools, bytes, ints, doubles, \
                        maps, lists, types, durations, and timestamps";
            return Err(wrong_type(rule, value));
        }
    }
    Ok(())
}

/// A value inside a list or map: as a CEL literal.
fn write_nested(output: &mut String, value: Value<'_>) -> Result<(), String> {
    let value = value.plain();
    let _ = match value {
        Value::String(text) => write!(output, "{}", go::quote(text)),
        Value::Bytes(_) => {
            let mut text = String::new();
            write_text(&mut text, value)?;
            write!(output, "b{}", go::quote(&text))
        }
        Value::Double(number) if number.is_finite() => write!(output, "{number:.6}"),
        Value::Double(number) => write!(output, "\"{}\"", go::general(number)),
        Value::Timestamp(timestamp) => {
            write!(output, "timestamp(\"{}\")", timestamp_text(timestamp))
        }
        Value::Duration(duration) => write!(output, "duration(\"{}\")", duration_text(duration)),
        Value::Int(_) | Value::Uint(_) | Value::Bool(_) | Value::Null | Value::Type(_) => {
            return write_text(output, value);
        }
        other if other.as_list().is_some() || other.as_map().is_some() => {
            return write_text(output, value);
        }
        other => return Err(format!("no formatting function for {}", other.type_name())),
    };
    Ok(())
}

fn write_list(output: &mut String, list: List<'_>) -> Result<(), String> {
    output.push('[');
    for (position, item) in list.iter().enumerate() {
        if position > 0 {
            output.push_str(", ");
        }
        write_nested(output, item)?;
    }
    output.push(']');
    Ok(())
}

/// Entries are ordered by the text of their keys.
fn write_map(output: &mut String, map: Map<'_>) -> Result<(), String> {
    let mut entries = Vec::with_capacity(map.len());
    for (key, value) in map.iter() {
        let key = key.plain();
        if !matches!(
            key,
            Value::String(_) | Value::Bool(_) | Value::Int(_) | Value::Uint(_)
        ) {
            let name = key.type_name();
            return Err(format!("no formatting function for map key of type {name}"));
        }
        let mut key_text = String::new();
        write_nested(&mut key_text, key)?;
        let mut value_text = String::new();
        write_nested(&mut value_text, value)?;
        entries.push((key_text, value_text));
    }
    entries.sort_by(|(left, _), (right, _)| left.cmp(right));
    output.push('{');
    for (position, (key, value)) in entries.iter().enumerate() {
        if position > 0 {
            output.push_str(", ");
        }
        let _ = write!(output, "{key}:{value}");
    }
    output.push('}');
    Ok(())
}

//! URLs, after `k8s.io/apiserver/pkg/cel/library/urls.go`.

mod encoding;
mod overloads;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;

pub use overloads::OVERLOADS;

use self::encoding::{Mode, unescape};
use self::parse::Parsed;
use super::arguments::{Outcome, string, value};
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::{MapValue, Value};

/// A parsed URL. Bytes that are no UTF-8 once unescaped are replaced.
#[derive(Clone, Copy, Debug)]
pub struct Url<'a> {
    scheme: &'a str,
    /// With port, unescaped.
    host: &'a str,
    escaped_path: &'a str,
    raw_query: &'a str,
    /// The whole URL, put together again: what equality compares.
    text: &'a str,
}

impl PartialEq for Url<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Url<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text)
    }
}

/// The most parameters that Go's `net/url` reads; it reads none of more.
const PARAMETERS_MAX: usize = 10_000;

/// Checks a text as `url.ParseRequestURI`.
///
/// # Errors
/// Go's message.
pub(super) fn parse_request_uri(text: &str) -> Result<(), String> {
    parse::parse(text, true).map(|_| ())
}

fn is_url<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Bool(
        parse_request_uri(string(arguments, 0)?).is_ok(),
    ))
}

fn from_string<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = string(arguments, 0)?;
    let parsed = parse_request_uri(text).and_then(|()| parse::parse_with_fragment(text));
    let parsed: Parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            return scope.fail(format_args!(
                "URL parse error during conversion from string: {error}"
            ));
        }
    };
    let store = |text: &str| -> &'a str { scope.arena.alloc_str(text) };
    Ok(Value::Url(scope.arena.alloc(Url {
        scheme: store(&parsed.scheme),
        host: store(&String::from_utf8_lossy(&parsed.host)),
        escaped_path: store(&parsed.escaped_path()),
        raw_query: store(&parsed.raw_query),
        text: store(&parsed.to_string()),
    })))
}

fn url<'a>(arguments: &[Value<'a>]) -> Result<&'a Url<'a>, EvaluationError<'a>> {
    match value(arguments, 0)? {
        Value::Url(url) => Ok(url),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

fn scheme<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::String(url(arguments)?.scheme))
}

fn host<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::String(url(arguments)?.host))
}

/// Host and port; the port must be digits or nothing, otherwise it belongs to the host.
fn split_port(host: &str) -> (&str, &str) {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port),
        _ => (host, ""),
    };
    let name = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    (name, port)
}

fn hostname<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::String(split_port(url(arguments)?.host).0))
}

fn port<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::String(split_port(url(arguments)?.host).1))
}

fn escaped_path<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::String(url(arguments)?.escaped_path))
}

/// The parameters by name, each with its values in order; malformed ones are left out.
fn query<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let raw = url(arguments)?.raw_query;
    let mut names: Vec<&'a str> = Vec::new();
    let mut values: Vec<Vec<Value<'a>>> = Vec::new();
    let mut positions = std::collections::HashMap::new();
    let parameters = raw.split('&').count();
    for parameter in raw.split('&').filter(|_| parameters <= PARAMETERS_MAX) {
        if parameter.is_empty() || parameter.contains(';') {
            continue;
        }
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let (Ok(name), Ok(value)) = (unescape(name, Mode::Query), unescape(value, Mode::Query))
        else {
            continue;
        };
        let store = |bytes: &[u8]| scope.arena.alloc_str(&String::from_utf8_lossy(bytes));
        let (name, value) = (&*store(&name), Value::String(store(&value)));
        let position = *positions.entry(name).or_insert(names.len());
        match values.get_mut(position) {
            Some(earlier) => earlier.push(value),
            None => {
                names.push(name);
                values.push(vec![value]);
            }
        }
    }
    let mut entries = Vec::with_capacity(names.len());
    for (name, values) in names.into_iter().zip(&values) {
        entries.push((Value::String(name), scope.list(values)?));
    }
    Ok(Value::Map(MapValue::new(scope.arena, &entries)))
}

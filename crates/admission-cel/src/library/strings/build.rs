//! Functions that take strings apart and build new ones.

use crate::library::arguments::{Outcome, int, list, string};
use crate::library::text::go_text;
use crate::overload::Scope;
use crate::value::{List, Value};

pub(super) fn replace<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    replace_up_to(scope, arguments, usize::MAX)
}

/// Replaces at most so many occurrences; all of them when the number is negative.
pub(super) fn replace_limited<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let count = usize::try_from(int(arguments, 3)?).unwrap_or(usize::MAX);
    replace_up_to(scope, arguments, count)
}

fn replace_up_to<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>], limit: usize) -> Outcome<'a> {
    let text = string(arguments, 0)?;
    let (old, new) = (string(arguments, 1)?, string(arguments, 2)?);
    if !old.is_empty() && new.len() <= old.len() {
        return replace_without_growth(scope, text, old, new, limit);
    }
    let count = text.matches(old).take(limit).count();
    let growth = count.saturating_mul(new.len());
    if count == 0 {
        return Ok(Value::String(text));
    }
    let places = text.match_indices(old).take(count);
    let bytes = text.len().saturating_add(growth);
    scope.reserve(bytes)?;
    let mut replaced = bumpalo::collections::String::with_capacity_in(bytes, scope.arena);
    let mut rest = text;
    let mut consumed = 0;
    for (start, found) in places {
        let (before, after) = rest
            .split_at_checked(start - consumed)
            .unwrap_or((rest, ""));
        replaced.push_str(before);
        replaced.push_str(new);
        rest = after.get(found.len()..).unwrap_or("");
        consumed = start + found.len();
    }
    replaced.push_str(rest);
    Ok(Value::String(replaced.into_bump_str()))
}

/// How many bytes may be compared without preparing the search.
const COMPARED_BYTES_MAX: usize = 4096;

/// Where a text that is not empty is first found, by its first byte.
fn first_place(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    memchr::memchr_iter(first, text).find(|start| {
        text.get(*start..)
            .is_some_and(|rest| rest.starts_with(wanted))
    })
}

/// The same where the result is no longer than the text, which takes one search. That search is of
/// bytes: a valid text is found in another at its characters only, and `str` prepares each search
/// for longer than most texts take.
fn replace_without_growth<'a>(
    scope: Scope<'a, '_>,
    text: &'a str,
    old: &str,
    new: &str,
    limit: usize,
) -> Outcome<'a> {
    // Comparing at each place costs most for long texts; preparing a search costs most for short ones.
    let is_short = text.len().saturating_mul(old.len()) <= COMPARED_BYTES_MAX;
    let find = |rest: &str| match is_short {
        true => first_place(rest.as_bytes(), old.as_bytes()),
        false => memchr::memmem::find(rest.as_bytes(), old.as_bytes()),
    };
    let mut next = find(text).filter(|_| limit > 0);
    if next.is_none() {
        return Ok(Value::String(text));
    }
    scope.reserve(text.len())?;
    let mut replaced = bumpalo::collections::String::with_capacity_in(text.len(), scope.arena);
    let mut rest = text;
    let mut count = 0;
    while let Some(start) = next {
        let (before, after) = rest.split_at_checked(start).unwrap_or((rest, ""));
        replaced.push_str(before);
        replaced.push_str(new);
        rest = after.get(old.len()..).unwrap_or("");
        count += 1;
        next = if count < limit { find(rest) } else { None };
    }
    replaced.push_str(rest);
    Ok(Value::String(replaced.into_bump_str()))
}

pub(super) fn split<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    split_up_to(scope, arguments, usize::MAX)
}

/// Splits into at most so many parts; into all when the number is negative, into none when it is 0.
pub(super) fn split_limited<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let limit = usize::try_from(int(arguments, 2)?).unwrap_or(usize::MAX);
    split_up_to(scope, arguments, limit)
}

fn split_up_to<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>], limit: usize) -> Outcome<'a> {
    let (text, separator) = (string(arguments, 0)?, string(arguments, 1)?);
    if limit == 0 {
        return Ok(Value::List(&[]));
    }
    if separator.is_empty() {
        let characters = Characters { rest: text, limit };
        return scope.list_of_text(text.chars().count().min(limit), characters);
    }
    // Most separators are one character, which is found far faster than a text.
    let mut characters = separator.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        let count = text.matches(only).take(limit - 1).count() + 1;
        return scope.list_of_text(count, text.splitn(limit, only));
    }
    let count = text.matches(separator).take(limit - 1).count() + 1;
    scope.list_of_text(count, text.splitn(limit, separator))
}

/// The code points of a text, the last of them with everything that is left once `limit` is
/// reached.
struct Characters<'a> {
    rest: &'a str,
    limit: usize,
}

impl<'a> Iterator for Characters<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if self.limit <= 1 {
            let rest = std::mem::take(&mut self.rest);
            return (!rest.is_empty()).then_some(rest);
        }
        self.limit -= 1;
        let width = self.rest.chars().next()?.len_utf8();
        let (first, rest) = self.rest.split_at_checked(width)?;
        self.rest = rest;
        Some(first)
    }
}

pub(super) fn join<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    join_with(scope, list(arguments, 0)?, "")
}

pub(super) fn join_separated<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    join_with(scope, list(arguments, 0)?, string(arguments, 1)?)
}

fn join_with<'a>(scope: Scope<'a, '_>, items: List<'a>, separator: &str) -> Outcome<'a> {
    let mut bytes = separator
        .len()
        .saturating_mul(items.len().saturating_sub(1));
    for item in items.iter() {
        match item.as_str() {
            Some(text) => bytes = bytes.saturating_add(text.len()),
            None => return scope.fail(format_args!("join: invalid input: {}", go_text(item))),
        }
    }
    scope.reserve(bytes)?;
    let mut joined = bumpalo::collections::String::with_capacity_in(bytes, scope.arena);
    for (position, text) in items.iter().filter_map(Value::as_str).enumerate() {
        if position > 0 {
            joined.push_str(separator);
        }
        joined.push_str(text);
    }
    Ok(Value::String(joined.into_bump_str()))
}

//! Reading versions, with the messages of `github.com/blang/semver/v4`.

use bumpalo::Bump;

use super::{Identifier, Semver};
use crate::library::go;

pub(super) fn parse<'a>(arena: &'a Bump, text: &'a str) -> Result<Semver<'a>, String> {
    if text.is_empty() {
        return Err("Version string empty".to_owned());
    }
    let mut parts = text.splitn(3, '.');
    let (Some(major), Some(minor), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("No Major.Minor.Patch elements found".to_owned());
    };
    let major = component("Major", major)?;
    let minor = component("Minor", minor)?;
    let (rest, build) = split_at(rest, '+');
    let (patch, pre_release) = split_at(rest, '-');
    let patch = component("Patch", patch)?;
    let pre_release = match pre_release {
        Some(text) => text
            .split('.')
            .map(identifier)
            .collect::<Result<Vec<_>, _>>()?,
        None => Vec::new(),
    };
    if let Some(build) = build {
        build.split('.').try_for_each(check_build)?;
    }
    Ok(Semver {
        major,
        minor,
        patch,
        pre_release: arena.alloc_slice_copy(&pre_release),
        build: build.unwrap_or_default(),
    })
}

/// What comes before a separator, and what after it if there is one.
fn split_at(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn has_leading_zero(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0')
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_identifier(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// As `strconv.ParseUint`, of a text that has digits only.
fn parse_digits(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| {
        let reason = if text.is_empty() {
            "invalid syntax"
        } else {
            "value out of range"
        };
        format!("strconv.ParseUint: parsing {}: {reason}", go::quote(text))
    })
}

fn component(name: &str, text: &str) -> Result<u64, String> {
    if !is_digits(text) {
        let name = name.to_ascii_lowercase();
        let text = go::quote(text);
        return Err(format!(
            "Invalid character(s) found in {name} number {text}"
        ));
    }
    if has_leading_zero(text) {
        let text = go::quote(text);
        return Err(format!(
            "{name} number must not contain leading zeroes {text}"
        ));
    }
    parse_digits(text)
}

fn identifier(text: &str) -> Result<Identifier<'_>, String> {
    if text.is_empty() {
        return Err("Prerelease is empty".to_owned());
    }
    if is_digits(text) {
        if has_leading_zero(text) {
            return Err(format!(
                "Numeric PreRelease version must not contain leading zeroes {}",
                go::quote(text)
            ));
        }
        return parse_digits(text).map(Identifier::Number);
    }
    if !is_identifier(text) {
        return Err(format!(
            "Invalid character(s) found in prerelease {}",
            go::quote(text)
        ));
    }
    Ok(Identifier::Text(text))
}

fn check_build(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("Build meta data is empty".to_owned());
    }
    if !is_identifier(text) {
        return Err(format!(
            "Invalid character(s) found in build meta data {}",
            go::quote(text)
        ));
    }
    Ok(())
}

/// Drops a leading `v` and leading zeros, and adds the numbers that are missing
/// (`normalizeAndParse` of the API server).
pub(super) fn normalize(text: &str) -> Result<String, String> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts: Vec<String> = text.splitn(3, '.').map(without_zeros).collect();
    if parts.len() < 3 {
        if parts.last().is_some_and(|last| last.contains(['+', '-'])) {
            return Err("short version cannot contain PreRelease/Build meta data".to_owned());
        }
        parts.resize(3, "0".to_owned());
    }
    Ok(parts.join("."))
}

fn without_zeros(part: &str) -> String {
    if part.len() <= 1 {
        return part.to_owned();
    }
    let trimmed = part.trim_start_matches('0');
    if trimmed
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit())
    {
        trimmed.to_owned()
    } else {
        format!("0{trimmed}")
    }
}

//! Escapes of RE2 syntax: single characters, `\d` and its like, and Unicode classes.

use super::translate::{SyntaxError, consumed};

/// An escape that stands for a class of characters.
pub(super) enum ClassEscape {
    /// `\d`, `\s`, `\w` and their negations: items of a bracketed class.
    Perl { items: &'static str, negated: bool },
    /// `\p{…}`, complete.
    Unicode(String),
}

/// Reads an escape that stands for a class; `None` if the text starts with no such escape.
pub(super) fn class_escape(text: &str) -> Result<Option<(ClassEscape, &str)>, SyntaxError<'_>> {
    let rest = text.get(2..).unwrap_or_default();
    let (items, negated) = match text.as_bytes().get(1) {
        Some(b'd') => ("0-9", false),
        Some(b'D') => ("0-9", true),
        Some(b's') => (r"\t\n\f\r\x20", false),
        Some(b'S') => (r"\t\n\f\r\x20", true),
        Some(b'w') => ("0-9A-Za-z_", false),
        Some(b'W') => ("0-9A-Za-z_", true),
        Some(b'p' | b'P') => return unicode_class(text, rest).map(Some),
        _ => return Ok(None),
    };
    Ok(Some((ClassEscape::Perl { items, negated }, rest)))
}

fn unicode_class<'p>(
    text: &'p str,
    name_on: &'p str,
) -> Result<(ClassEscape, &'p str), SyntaxError<'p>> {
    let invalid = |part| SyntaxError {
        reason: "invalid character class range",
        part,
    };
    let (name, rest) = match name_on.strip_prefix('{') {
        Some(braced) => braced.split_once('}').ok_or_else(|| invalid(text))?,
        None => {
            let width = name_on.chars().next().map_or(0, char::len_utf8);
            name_on.split_at_checked(width).unwrap_or_default()
        }
    };
    let (name, caret) = match name.strip_prefix('^') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let negated = text.starts_with(r"\P") != caret;
    let letter = if negated { 'P' } else { 'p' };
    let property = property(name).ok_or_else(|| invalid(consumed(text, rest)))?;
    let class = format!("\\{letter}{{{property}}}");
    Ok((ClassEscape::Unicode(class), rest))
}

/// The name as a general category or a script, which are the only properties that Go knows.
fn property(name: &str) -> Option<String> {
    if matches!(name, "Any" | "ASCII" | "Assigned") {
        return Some(name.to_owned());
    }
    let valid = |character: char| character.is_ascii_alphanumeric() || "_ -".contains(character);
    if name.is_empty() || !name.chars().all(valid) {
        return None;
    }
    ["gc", "sc"]
        .into_iter()
        .map(|kind| format!("{kind}={name}"))
        .find(|property| regex_syntax::parse(&format!("\\p{{{property}}}")).is_ok())
}

/// Reads an escape that stands for one character, at the start of a text.
pub(super) fn escape(text: &str) -> Result<(char, &str), SyntaxError<'_>> {
    let mut characters = text.chars();
    characters.next();
    let Some(letter) = characters.next() else {
        return Err(SyntaxError {
            reason: "trailing backslash at end of expression",
            part: "",
        });
    };
    let rest = characters.as_str();
    let character = match letter {
        '0'..='7' => return octal(text, letter, rest),
        'x' => return hexadecimal(text, rest),
        'a' => '\u{7}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other if other.is_ascii() && !other.is_ascii_alphanumeric() => other,
        _ => return invalid(text, rest),
    };
    Ok((character, rest))
}

fn invalid<'p, T>(text: &'p str, rest: &str) -> Result<T, SyntaxError<'p>> {
    Err(SyntaxError {
        reason: "invalid escape sequence",
        part: consumed(text, rest),
    })
}

/// `\0`, or up to three octal digits; a single other digit would refer back to a group.
fn octal<'p>(
    text: &'p str,
    first: char,
    mut rest: &'p str,
) -> Result<(char, &'p str), SyntaxError<'p>> {
    let mut code = first.to_digit(8).unwrap_or_default();
    let follows = |rest: &str| rest.chars().next().and_then(|digit| digit.to_digit(8));
    if first != '0' && follows(rest).is_none() {
        return invalid(text, rest);
    }
    for _ in 0..2 {
        let Some(digit) = follows(rest) else {
            break;
        };
        code = code * 8 + digit;
        rest = rest.get(1..).unwrap_or_default();
    }
    match char::from_u32(code) {
        Some(character) => Ok((character, rest)),
        None => invalid(text, rest),
    }
}

/// `\x61` or `\x{61}`.
fn hexadecimal<'p>(text: &'p str, rest: &'p str) -> Result<(char, &'p str), SyntaxError<'p>> {
    let (braced, mut characters) = match rest.strip_prefix('{') {
        Some(rest) => (true, rest.chars()),
        None => (false, rest.chars()),
    };
    let (mut code, mut count) = (0, 0);
    loop {
        if !braced && count == 2 {
            break;
        }
        match characters.next() {
            Some('}') if braced && count > 0 => break,
            Some(digit) if digit.is_ascii_hexdigit() => {
                code = code * 16 + digit.to_digit(16).unwrap_or_default();
                count += 1;
            }
            _ => return invalid(text, characters.as_str()),
        }
        if code > u32::from(char::MAX) {
            return invalid(text, characters.as_str());
        }
    }
    match char::from_u32(code) {
        Some(character) => Ok((character, characters.as_str())),
        // A surrogate, which no text contains.
        None => invalid(text, characters.as_str()),
    }
}

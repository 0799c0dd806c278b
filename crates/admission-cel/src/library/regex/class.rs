//! Bracketed classes of RE2 syntax.

use std::fmt::Write as _;

use super::escape::{ClassEscape, class_escape, escape};
use super::translate::{SyntaxError, consumed, write_literal};

/// The POSIX classes; each may be negated by a caret.
const POSIX: &[&str] = &[
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// Writes the class at the start of a text and returns what follows it.
pub(super) fn write_class<'p>(
    output: &mut String,
    text: &'p str,
) -> Result<&'p str, SyntaxError<'p>> {
    output.push('[');
    let mut rest = text.get(1..).unwrap_or_default();
    if let Some(after) = rest.strip_prefix('^') {
        output.push('^');
        rest = after;
    }
    let mut first = true;
    while first || !rest.starts_with(']') {
        first = false;
        rest = write_item(output, text, rest)?;
    }
    output.push(']');
    Ok(rest.get(1..).unwrap_or_default())
}

/// Writes one item and returns what follows it. `class` is the text of the whole class.
fn write_item<'p>(
    output: &mut String,
    class: &'p str,
    text: &'p str,
) -> Result<&'p str, SyntaxError<'p>> {
    if let Some(rest) = write_posix(output, text)? {
        return Ok(rest);
    }
    if text.starts_with('\\')
        && let Some((escape, rest)) = class_escape(text)?
    {
        let _ = match escape {
            ClassEscape::Perl {
                items,
                negated: false,
            } => write!(output, "{items}"),
            ClassEscape::Perl { items, .. } => write!(output, "[^{items}]"),
            ClassEscape::Unicode(property) => write!(output, "{property}"),
        };
        return Ok(rest);
    }
    let (low, rest) = character(class, text)?;
    let range = rest
        .strip_prefix('-')
        .filter(|after| !after.is_empty() && !after.starts_with(']'));
    let Some(after) = range else {
        write_literal(output, low);
        return Ok(rest);
    };
    let (high, rest) = character(class, after)?;
    if high < low {
        return Err(SyntaxError {
            reason: "invalid character class range",
            part: consumed(text, rest),
        });
    }
    write_literal(output, low);
    output.push('-');
    write_literal(output, high);
    Ok(rest)
}

/// `[:alpha:]` and its like.
fn write_posix<'p>(output: &mut String, text: &'p str) -> Result<Option<&'p str>, SyntaxError<'p>> {
    let Some((name, rest)) = text
        .strip_prefix("[:")
        .and_then(|named| named.split_once(":]"))
    else {
        return Ok(None);
    };
    if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
        return Err(SyntaxError {
            reason: "invalid character class range",
            part: consumed(text, rest),
        });
    }
    let _ = write!(output, "[:{name}:]");
    Ok(Some(rest))
}

fn character<'p>(class: &'p str, text: &'p str) -> Result<(char, &'p str), SyntaxError<'p>> {
    match text.chars().next() {
        None => Err(SyntaxError {
            reason: "missing closing ]",
            part: class,
        }),
        Some('\\') => escape(text),
        Some(character) => Ok((
            character,
            text.get(character.len_utf8()..).unwrap_or_default(),
        )),
    }
}

//! RE2 syntax, as Go's `regexp/syntax` parses it, rewritten for the `regex` crate.
//!
//! Both accept nearly the same patterns but do not always mean the same: `\d`, `\w`, `\s` and `\b`
//! are ASCII in Go; `[a&&b]`, `[[a]]` and `a**` mean something else or nothing there; `a{,2}` is
//! literal. So every element is read by Go's rules and written in a form that has one meaning only.
//! Groups capture nothing, since no function asks for captures.

use std::fmt::Write as _;

use super::class::write_class;
use super::escape::{ClassEscape, class_escape, escape};

/// The most that `{n}` may ask for, also as the product of nested ones.
const REPEAT_MAX: u32 = 1000;

/// Why a pattern is refused: a reason and the part that is at fault.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SyntaxError<'p> {
    pub(super) reason: &'static str,
    pub(super) part: &'p str,
}

impl std::fmt::Display for SyntaxError<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: `{}`", self.reason, self.part)
    }
}

/// The part of `from` before `rest`, which is its end.
pub(super) fn consumed<'p>(from: &'p str, rest: &str) -> &'p str {
    from.get(..from.len().saturating_sub(rest.len()))
        .unwrap_or(from)
}

/// Writes a character so that it stands for itself anywhere.
pub(super) fn write_literal(output: &mut String, character: char) {
    if character.is_ascii_alphanumeric() {
        output.push(character);
    } else {
        // Writing to a `String` does not fail.
        let _ = write!(output, "\\x{{{:X}}}", u32::from(character));
    }
}

/// What a repetition operator may be applied to.
#[derive(Clone, Copy)]
enum Last<'p> {
    /// Nothing.
    Nothing,
    /// An element whose nested repetitions multiply to this.
    Element(u32),
    /// What was repeated just now, from the operator on.
    Repeated(&'p str),
}

/// A group that is open, or the whole pattern.
struct Group<'p> {
    last: Last<'p>,
    /// The largest product of nested repetitions in it.
    product: u32,
}

impl<'p> Group<'p> {
    fn new() -> Self {
        Self {
            last: Last::Nothing,
            product: 1,
        }
    }

    fn element(&mut self, product: u32) {
        self.last = Last::Element(product);
        self.product = self.product.max(product);
    }
}

struct Translator<'p> {
    pattern: &'p str,
    output: String,
    /// Flags that come before what is written next, since a repetition reaches back over them.
    flags: String,
    groups: Vec<Group<'p>>,
    current: Group<'p>,
}

/// The pattern in the syntax of the `regex` crate.
pub(super) fn translate(pattern: &str) -> Result<String, SyntaxError<'_>> {
    let mut translator = Translator {
        pattern,
        output: String::with_capacity(pattern.len() * 2),
        flags: String::new(),
        groups: Vec::new(),
        current: Group::new(),
    };
    let mut rest = pattern;
    while let Some(character) = rest.chars().next() {
        rest = translator.element(character, rest)?;
    }
    if !translator.groups.is_empty() {
        return translator.fail("missing closing )", pattern);
    }
    Ok(translator.output)
}

impl<'p> Translator<'p> {
    fn fail<T>(&self, reason: &'static str, part: &'p str) -> Result<T, SyntaxError<'p>> {
        Err(SyntaxError { reason, part })
    }

    /// Translates the element at the start of `text` and returns what follows it.
    fn element(&mut self, character: char, text: &'p str) -> Result<&'p str, SyntaxError<'p>> {
        let after = text.get(character.len_utf8()..).unwrap_or_default();
        let keeps_flags = match character {
            '*' | '+' | '?' => true,
            '{' => parse_counts(text).is_some(),
            '(' => after.starts_with('?'),
            _ => false,
        };
        if !keeps_flags {
            self.write_flags();
        }
        match character {
            '(' if after.starts_with('?') => return self.open_with_flags(text),
            '(' => self.open(),
            '|' => {
                self.output.push('|');
                self.current.last = Last::Nothing;
            }
            ')' => self.close()?,
            '^' | '$' => {
                let _ = write!(self.output, "(?:{character})");
                self.current.element(1);
            }
            '.' => {
                self.output.push('.');
                self.current.element(1);
            }
            '[' => {
                let rest = write_class(&mut self.output, text)?;
                self.current.element(1);
                return Ok(rest);
            }
            '*' | '+' | '?' => return self.repeat(text, after, None),
            '{' => match parse_counts(text) {
                Some((counts, after)) => return self.repeat(text, after, Some(counts)),
                None => self.literal('{'),
            },
            '\\' => return self.backslash(text),
            other => self.literal(other),
        }
        Ok(after)
    }

    fn literal(&mut self, character: char) {
        write_literal(&mut self.output, character);
        self.current.element(1);
    }

    fn write_flags(&mut self) {
        self.output.push_str(&self.flags);
        self.flags.clear();
    }

    fn open(&mut self) {
        self.write_flags();
        self.output.push_str("(?:");
        let outer = std::mem::replace(&mut self.current, Group::new());
        self.groups.push(outer);
    }

    fn close(&mut self) -> Result<(), SyntaxError<'p>> {
        let Some(outer) = self.groups.pop() else {
            return self.fail("unexpected )", self.pattern);
        };
        self.output.push(')');
        let inner = std::mem::replace(&mut self.current, outer);
        self.current.element(inner.product);
        Ok(())
    }

    /// A named group, or flags with or without a group.
    fn open_with_flags(&mut self, text: &'p str) -> Result<&'p str, SyntaxError<'p>> {
        for prefix in ["(?P<", "(?<"] {
            let Some(named) = text.strip_prefix(prefix) else {
                continue;
            };
            let Some((name, rest)) = named.split_once('>') else {
                return self.fail("invalid named capture", text);
            };
            let valid = |character: char| character.is_ascii_alphanumeric() || character == '_';
            if name.is_empty() || !name.chars().all(valid) {
                return self.fail("invalid named capture", consumed(text, rest));
            }
            self.open();
            return Ok(rest);
        }
        let (on, off, opens, rest) = self.parse_flags(text)?;
        let dash = if off.is_empty() { "" } else { "-" };
        if opens {
            self.open();
            self.output.truncate(self.output.len() - "(?:".len());
            let _ = write!(self.output, "(?{on}{dash}{off}:");
        } else if !on.is_empty() || !off.is_empty() {
            let _ = write!(self.flags, "(?{on}{dash}{off})");
        }
        if !opens && matches!(self.current.last, Last::Repeated(_)) {
            // A second repetition would change the first one when written behind it.
            self.current.last = Last::Nothing;
        }
        Ok(rest)
    }

    /// The flags to switch on and off, whether a group follows, and what comes after.
    fn parse_flags(
        &self,
        text: &'p str,
    ) -> Result<(String, String, bool, &'p str), SyntaxError<'p>> {
        let mut rest = text.get("(?".len()..).unwrap_or_default();
        let (mut on, mut off) = (String::new(), String::new());
        let (mut negative, mut saw_flag) = (false, false);
        while let Some(flag) = rest.chars().next() {
            rest = rest.get(flag.len_utf8()..).unwrap_or_default();
            match flag {
                'i' | 'm' | 's' | 'U' => {
                    saw_flag = true;
                    on.retain(|other| other != flag);
                    off.retain(|other| other != flag);
                    if negative { &mut off } else { &mut on }.push(flag);
                }
                '-' if !negative => {
                    negative = true;
                    saw_flag = false;
                }
                ':' | ')' if !negative || saw_flag => return Ok((on, off, flag == ':', rest)),
                _ => break,
            }
        }
        self.fail("invalid or unsupported Perl syntax", consumed(text, rest))
    }

    /// Applies a repetition operator: `text` from the operator on, `after` it.
    fn repeat(
        &mut self,
        text: &'p str,
        after: &'p str,
        counts: Option<(u32, Option<u32>)>,
    ) -> Result<&'p str, SyntaxError<'p>> {
        if let Some((min, max)) = counts
            && (min > REPEAT_MAX || max.is_some_and(|max| max > REPEAT_MAX || max < min))
        {
            return self.fail("invalid repeat count", consumed(text, after));
        }
        let after = after.strip_prefix('?').unwrap_or(after);
        let product = match self.current.last {
            Last::Element(product) => product,
            Last::Repeated(from) => {
                let part = consumed(from, after);
                return self.fail("invalid nested repetition operator", part);
            }
            Last::Nothing => {
                let part = consumed(text, after);
                return self.fail("missing argument to repetition operator", part);
            }
        };
        let product = match counts {
            Some((min, max)) => product.saturating_mul(max.unwrap_or(min).max(1)),
            None => product,
        };
        if product > REPEAT_MAX {
            return self.fail("invalid repeat count", consumed(text, after));
        }
        self.output.push_str(consumed(text, after));
        self.current.element(product);
        self.current.last = Last::Repeated(text);
        Ok(after)
    }

    fn backslash(&mut self, text: &'p str) -> Result<&'p str, SyntaxError<'p>> {
        let rest = text.get(2..).unwrap_or_default();
        let assertion = match text.as_bytes().get(1) {
            Some(b'A') => r"(?:\A)",
            Some(b'z') => r"(?:\z)",
            Some(b'b') => r"(?-u:\b)",
            Some(b'B') => r"(?-u:\B)",
            Some(b'Q') => return Ok(self.quoted(rest)),
            _ => return self.escaped(text),
        };
        self.output.push_str(assertion);
        self.current.element(1);
        Ok(rest)
    }

    /// Everything up to `\E`, literally.
    fn quoted(&mut self, text: &'p str) -> &'p str {
        let (literal, rest) = text.split_once(r"\E").unwrap_or((text, ""));
        for character in literal.chars() {
            self.literal(character);
        }
        rest
    }

    fn escaped(&mut self, text: &'p str) -> Result<&'p str, SyntaxError<'p>> {
        if let Some((class, rest)) = class_escape(text)? {
            match class {
                ClassEscape::Unicode(property) => self.output.push_str(&property),
                ClassEscape::Perl { items, negated } => {
                    let caret = if negated { "^" } else { "" };
                    let _ = write!(self.output, "[{caret}{items}]");
                }
            }
            self.current.element(1);
            return Ok(rest);
        }
        let (character, rest) = escape(text)?;
        self.literal(character);
        Ok(rest)
    }
}

/// `{n}`, `{n,}` or `{n,m}` at the start of a text, and what follows. Numbers that are too large
/// come out as some number above [`REPEAT_MAX`].
#[allow(clippy::type_complexity)]
fn parse_counts(text: &str) -> Option<((u32, Option<u32>), &str)> {
    let (min, rest) = parse_count(text.strip_prefix('{')?)?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some(((min, Some(min)), rest));
    }
    let rest = rest.strip_prefix(',')?;
    if let Some(rest) = rest.strip_prefix('}') {
        return Some(((min, None), rest));
    }
    let (max, rest) = parse_count(rest)?;
    Some(((min, Some(max)), rest.strip_prefix('}')?))
}

/// A number without leading zeros.
fn parse_count(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
        return None;
    }
    Some((digits.parse().unwrap_or(u32::MAX), rest))
}

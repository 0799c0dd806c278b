//! Texts as Go's standard library writes them; they are part of results and error messages.

use std::fmt::Write as _;

/// A double as `%g` of `fmt` and `strconv.FormatFloat(x, 'g', -1, 64)` write it.
pub(crate) fn general(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    // The shortest digits that read back as the same number, `d.dddde-x`.
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.unsigned_abs());
    }
    format!("{number}")
}

/// A string as `strconv.Quote` and `%q` of `fmt` write it.
pub(super) fn quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

/// The same for bytes that may not be UTF-8, such as a string that was cut at a byte.
pub(super) fn quote_bytes(bytes: &[u8]) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push('"');
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            quote_character(&mut quoted, character);
        }
        for byte in chunk.invalid() {
            // Writing to a `String` does not fail.
            let _ = write!(quoted, "\\x{byte:02x}");
        }
    }
    quoted.push('"');
    quoted
}

fn quote_character(quoted: &mut String, character: char) {
    match character {
        '"' => quoted.push_str("\\\""),
        '\\' => quoted.push_str("\\\\"),
        '\u{7}' => quoted.push_str("\\a"),
        '\u{8}' => quoted.push_str("\\b"),
        '\u{c}' => quoted.push_str("\\f"),
        '\n' => quoted.push_str("\\n"),
        '\r' => quoted.push_str("\\r"),
        '\t' => quoted.push_str("\\t"),
        '\u{b}' => quoted.push_str("\\v"),
        _ if is_printable(character) => quoted.push(character),
        _ => escape(quoted, character),
    }
}

fn escape(quoted: &mut String, character: char) {
    let code = u32::from(character);
    // Writing to a `String` does not fail.
    let _ = match code {
        0..0x80 => write!(quoted, "\\x{code:02x}"),
        0x80..0x1_0000 => write!(quoted, "\\u{code:04x}"),
        _ => write!(quoted, "\\U{code:08x}"),
    };
}

/// Whether `strconv.IsPrint` holds: letters, marks, numbers, punctuation, symbols and the ASCII
/// space.
fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return (' '..='~').contains(&character);
    }
    // The standard library knows the same classes but offers them through escaping only; behind
    // another character it does not escape marks.
    let mut buffer = String::from("a");
    buffer.push(character);
    buffer.escape_debug().nth(1) == Some(character)
}

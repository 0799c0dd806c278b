//! The JSON Canonicalization Scheme (RFC 8785) over a borrowed tree: the bytes that digests are over.

use std::cmp::Ordering;
use std::io::Write;

use admission_cel::json::{Entry, Json};

/// Integers up to here are doubles without loss, so that their digits are the canonical ones.
const EXACT_MAX: u64 = 1 << 53;

/// Room for the objects that are mostly reviewed, so that it need not grow.
pub const ROOM: usize = 8 << 10;

/// The canonical form of a value.
pub fn canonical(value: &Json<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(ROOM);
    write(value, &mut out);
    out
}

/// Appends the canonical form of a value.
pub fn write(value: &Json<'_>, out: &mut Vec<u8>) {
    match value {
        Json::Null => out.extend_from_slice(b"null"),
        Json::Bool(true) => out.extend_from_slice(b"true"),
        Json::Bool(false) => out.extend_from_slice(b"false"),
        Json::Int(number) => write_integer(*number, out),
        Json::Double(number) => write_double(*number, out),
        Json::String(text) => write_text(text, out),
        Json::Array(items) => {
            out.push(b'[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Json::Object(object) => write_members(object.entries().iter(), out, write),
    }
}

/// Appends an object with these members, `member` writing their values.
pub fn write_members<'e, 'a: 'e>(
    entries: impl Iterator<Item = &'e Entry<'a>>,
    out: &mut Vec<u8>,
    mut member: impl FnMut(&Json<'a>, &mut Vec<u8>),
) {
    write_keyed_members(entries, out, |_, value, out| member(value, out));
}

/// As [`write_members`]; `member` is told the key as well.
pub fn write_keyed_members<'e, 'a: 'e>(
    entries: impl Iterator<Item = &'e Entry<'a>>,
    out: &mut Vec<u8>,
    mut member: impl FnMut(&str, &Json<'a>, &mut Vec<u8>),
) {
    let mut sorted: Vec<&Entry<'_>> = entries.collect();
    sorted.sort_unstable_by(|a, b| compare(a.key, b.key));
    out.push(b'{');
    for (position, entry) in sorted.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_text(entry.key, out);
        out.push(b':');
        member(entry.key, &entry.value, out);
    }
    out.push(b'}');
}

/// The order of names: by UTF-16 code units, which differs from the order of bytes beyond the basic
/// plane only.
pub fn compare(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        a.cmp(b)
    } else {
        a.encode_utf16().cmp(b.encode_utf16())
    }
}

fn write_integer(number: i64, out: &mut Vec<u8>) {
    if number.unsigned_abs() <= EXACT_MAX {
        // Writing to memory does not fail.
        let _ = write!(out, "{number}");
    } else {
        #[expect(
            clippy::cast_precision_loss,
            reason = "RFC 8785 knows doubles only; every implementation rounds so"
        )]
        write_double(number as f64, out);
    }
}

fn write_double(number: f64, out: &mut Vec<u8>) {
    // JSON has no other numbers, so a tree that was read from it holds none.
    if number.is_finite() {
        let mut digits = ryu_js::Buffer::new();
        out.extend_from_slice(digits.format_finite(number).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// Section 3.2.2.2 of RFC 8785.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let needs_escape = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    // Almost all text has nothing to escape. Asking every byte, rather than up to the first that
    // has, lets the compiler ask many at once.
    let escapes = text.bytes().filter(needs_escape).count();
    if escapes == 0 {
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    for piece in text.as_bytes().split_inclusive(needs_escape) {
        let Some((last, plain)) = piece.split_last().filter(|(last, _)| needs_escape(last)) else {
            out.extend_from_slice(piece);
            break;
        };
        out.extend_from_slice(plain);
        match last {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            control => {
                let _ = write!(out, "\\u{control:04x}");
            }
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests;

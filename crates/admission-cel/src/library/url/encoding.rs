//! Percent-encoding as Go's `net/url` does it, which differs between the parts of a URL.

use crate::library::go;

/// A part of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Path,
    Host,
    Zone,
    UserPassword,
    Query,
    Fragment,
}

/// Whether a byte must be escaped in a part (`shouldEscape` in Go's `net/url`).
fn must_escape(byte: u8, mode: Mode) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    let allowed: &[u8] = match mode {
        Mode::Host | Mode::Zone => b"!$&'()*+,;=:[]<>\"",
        Mode::Path => b"$&+,/:;=@",
        Mode::UserPassword => b"$&+,;=",
        Mode::Query => b"",
        Mode::Fragment => b"$&+,/:;=?@!()*",
    };
    !allowed.contains(&byte)
}

pub(super) fn escape(bytes: &[u8], mode: Mode) -> String {
    let mut escaped = String::with_capacity(bytes.len());
    for byte in bytes {
        if must_escape(*byte, mode) {
            escaped.push_str(&format!("%{byte:02X}"));
        } else {
            escaped.push(char::from(*byte));
        }
    }
    escaped
}

/// Whether an escaped text needs no further escaping.
pub(super) fn is_valid_encoding(text: &str, mode: Mode) -> bool {
    text.bytes()
        .all(|byte| b"!$&'()*+,;=:@[]%".contains(&byte) || !must_escape(byte, mode))
}

/// Resolves escapes; fails on malformed ones and on bytes that the part does not allow.
pub(super) fn unescape(text: &str, mode: Mode) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        match byte {
            b'%' => {
                bytes.push(unescape_byte(rest, mode)?);
                rest = rest.get(3..).unwrap_or_default();
                continue;
            }
            b'+' if mode == Mode::Query => bytes.push(b' '),
            byte if matches!(mode, Mode::Host | Mode::Zone)
                && byte.is_ascii()
                && must_escape(*byte, mode) =>
            {
                let quoted = go::quote_bytes(&[*byte]);
                return Err(format!("invalid character {quoted} in host name"));
            }
            byte => bytes.push(*byte),
        }
        rest = after;
    }
    Ok(bytes)
}

/// The byte that an escape at the start of a text stands for.
fn unescape_byte(text: &[u8], mode: Mode) -> Result<u8, String> {
    let escape = text.get(..3).unwrap_or(text);
    let invalid = || format!("invalid URL escape {}", go::quote_bytes(escape));
    let &[_, high, low] = escape else {
        return Err(invalid());
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (Some(high), Some(low)) = (digit(high), digit(low)) else {
        return Err(invalid());
    };
    let byte = (high * 16 + low) as u8;
    let allowed = escape == b"%25"
        || match mode {
            Mode::Host => !byte.is_ascii(),
            Mode::Zone => byte == b' ' || !must_escape(byte, Mode::Host),
            _ => true,
        };
    if allowed { Ok(byte) } else { Err(invalid()) }
}

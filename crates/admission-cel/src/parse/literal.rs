//! The values of literals, after cel-go's `parser/unescape.go`.

/// What is wrong with a literal.
type Problem = &'static str;

/// The integer that digits, decimal or after `0x`, with or without a minus sign, stand for.
pub(super) fn int(digits: &str, negative: bool) -> Result<i64, Problem> {
    let (digits, radix) = radix(digits);
    let sign = if negative { "-" } else { "" };
    i64::from_str_radix(&format!("{sign}{digits}"), radix).map_err(|_| "invalid int literal")
}

/// The unsigned integer that digits with their `u` stand for.
pub(super) fn uint(text: &str) -> Result<u64, Problem> {
    let (digits, radix) = radix(text.trim_end_matches(['u', 'U']));
    u64::from_str_radix(digits, radix).map_err(|_| "invalid uint literal")
}

fn radix(digits: &str) -> (&str, u32) {
    match digits.strip_prefix("0x") {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    }
}

/// The number that a decimal fraction stands for.
pub(super) fn double(text: &str, negative: bool) -> Result<f64, Problem> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(if negative { -number } else { number }),
        _ => Err("invalid double literal"),
    }
}

/// The text that a string literal stands for.
pub(super) fn string(literal: &str) -> Result<String, Problem> {
    String::from_utf8(unescape(literal, false)?).map_err(|_| "invalid unicode code point")
}

/// The bytes that a bytes literal, with its `b`, stands for.
pub(super) fn bytes(literal: &str) -> Result<Vec<u8>, Problem> {
    unescape(literal.get(1..).unwrap_or(""), true)
}

fn unescape(literal: &str, bytes: bool) -> Result<Vec<u8>, Problem> {
    let normalized = literal.replace("\r\n", "\n").replace('\r', "\n");
    let unprefixed = normalized.strip_prefix(['r', 'R']);
    let content = unquote(unprefixed.unwrap_or(&normalized)).ok_or("unable to unescape string")?;
    if unprefixed.is_some() || !content.contains('\\') {
        return Ok(content.as_bytes().to_vec());
    }
    let mut output = Vec::with_capacity(content.len());
    let mut rest = content.chars();
    while let Some(character) = rest.next() {
        if character == '\\' {
            escape(&mut rest, bytes, &mut output)?;
        } else {
            push(character, &mut output);
        }
    }
    Ok(output)
}

fn unquote(text: &str) -> Option<&str> {
    ["\"\"\"", "'''", "\"", "'"]
        .iter()
        .find_map(|quotes| text.strip_prefix(quotes)?.strip_suffix(quotes))
}

fn push(character: char, output: &mut Vec<u8>) {
    output.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Appends what the escape sequence after a backslash stands for.
fn escape(
    rest: &mut std::str::Chars<'_>,
    bytes: bool,
    output: &mut Vec<u8>,
) -> Result<(), Problem> {
    let code = match rest.next() {
        Some('a') => 0x07,
        Some('b') => 0x08,
        Some('f') => 0x0c,
        Some('n') => 0x0a,
        Some('r') => 0x0d,
        Some('t') => 0x09,
        Some('v') => 0x0b,
        Some(same @ ('\\' | '\'' | '"' | '`' | '?')) => u32::from(same),
        Some('x' | 'X') => number(rest, "", 2, 16)?,
        Some('u') if !bytes => number(rest, "", 4, 16)?,
        Some('U') if !bytes => number(rest, "", 8, 16)?,
        Some(first @ '0'..='3') => number(rest, first.encode_utf8(&mut [0; 4]), 2, 8)?,
        _ => return Err("unable to unescape string"),
    };
    match u8::try_from(code) {
        Ok(byte) if bytes => output.push(byte),
        _ => push(
            char::from_u32(code).ok_or("invalid unicode code point")?,
            output,
        ),
    }
    Ok(())
}

fn number(
    rest: &mut std::str::Chars<'_>,
    first: &str,
    count: usize,
    radix: u32,
) -> Result<u32, Problem> {
    let digits: String = first.chars().chain(rest.take(count)).collect();
    u32::from_str_radix(&digits, radix).map_err(|_| "unable to unescape string")
}

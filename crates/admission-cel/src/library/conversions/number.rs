//! Numbers out of strings and doubles, as Go's `strconv` and cel-go's `common/types/overflow.go`
//! convert them.

use super::UINT_OVERFLOW;
use crate::error::EvaluationError;

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

/// Truncates. Both ends of the range are refused, since doubles that large are not exact.
pub(super) fn double_to_int<'a>(number: f64) -> Result<i64, EvaluationError<'a>> {
    if number > -TWO_TO_63 && number < TWO_TO_63 {
        Ok(number as i64)
    } else {
        Err(EvaluationError::IntegerOverflow)
    }
}

/// Truncates.
pub(super) fn double_to_uint<'a>(number: f64) -> Result<u64, EvaluationError<'a>> {
    if (0.0..TWO_TO_64).contains(&number) {
        Ok(number as u64)
    } else {
        Err(UINT_OVERFLOW)
    }
}

/// As `strconv.ParseFloat`: decimal or hexadecimal, digits separated by `_`, infinities and NaN by
/// name; nothing that a double cannot hold.
pub(super) fn parse_double(text: &str) -> Option<f64> {
    if let Some(special) = parse_special(text) {
        return Some(special);
    }
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..)?),
        [b'+', ..] => (false, text.get(1..)?),
        _ => (false, text),
    };
    let plain: String;
    let unsigned = if unsigned.contains('_') {
        if !underscores_separate_digits(unsigned) {
            return None;
        }
        plain = unsigned.replace('_', "");
        &plain
    } else {
        unsigned
    };
    let magnitude = match unsigned.get(..2) {
        Some("0x" | "0X") => parse_hexadecimal(unsigned.get(2..)?)?,
        _ => parse_decimal(unsigned)?,
    };
    magnitude
        .is_finite()
        .then_some(if negative { -magnitude } else { magnitude })
}

fn parse_special(text: &str) -> Option<f64> {
    let (sign, name) = match text.as_bytes() {
        [b'-', ..] => (-1.0, text.get(1..)?),
        [b'+', ..] => (1.0, text.get(1..)?),
        _ => {
            if text.eq_ignore_ascii_case("nan") {
                return Some(f64::NAN);
            }
            (1.0, text)
        }
    };
    let infinite = name.eq_ignore_ascii_case("inf") || name.eq_ignore_ascii_case("infinity");
    infinite.then_some(sign * f64::INFINITY)
}

fn parse_decimal(unsigned: &str) -> Option<f64> {
    // Rust reads the same decimal syntax, and signs and names besides.
    let plain = unsigned
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| unsigned.parse().ok())?
}

/// `h.hhp±d`, with the exponent mandatory.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits_of_exponent = exponent.trim_start_matches(['+', '-']);
    if digits_of_exponent.is_empty() || exponent.len() > digits_of_exponent.len() + 1 {
        return None;
    }
    if !digits_of_exponent.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Beyond this any number is 0 or too large, however long its mantissa.
    let exponent: i64 = exponent.parse().unwrap_or(if exponent.starts_with('-') {
        i64::from(i32::MIN)
    } else {
        i64::from(i32::MAX)
    });
    let mut bits: u64 = 0;
    let mut scale: i64 = 0;
    for (position, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = u64::from(digit.to_digit(16)?);
        if bits >> 60 == 0 {
            bits = bits << 4 | digit;
        } else {
            // What no longer fits only matters for rounding.
            bits |= u64::from(digit != 0);
            scale += 4;
        }
        if position >= whole.len() {
            scale -= 4;
        }
    }
    let exponent = exponent.saturating_add(scale).clamp(-3_000, 3_000);
    Some(scale_by_power_of_two(bits, exponent as i32))
}

fn scale_by_power_of_two(bits: u64, exponent: i32) -> f64 {
    let mut number = bits as f64;
    let mut left = exponent;
    // In steps, since a single power of two may be out of range where the product is not.
    while left != 0 && number != 0.0 && number.is_finite() {
        let step = left.clamp(-1_000, 1_000);
        number *= 2f64.powi(step);
        left -= step;
    }
    number
}

/// Whether every `_` stands between digits, or between a base prefix and a digit
/// (`underscoreOK` in Go's `strconv`).
fn underscores_separate_digits(unsigned: &str) -> bool {
    let hexadecimal = matches!(unsigned.get(..2), Some("0x" | "0X"));
    let prefixed = hexadecimal || matches!(unsigned.get(..2), Some("0b" | "0B" | "0o" | "0O"));
    let mut last = if prefixed { '0' } else { '^' };
    for character in unsigned.chars().skip(if prefixed { 2 } else { 0 }) {
        if character.is_ascii_digit() || hexadecimal && character.is_ascii_hexdigit() {
            last = '0';
        } else if character == '_' {
            if last != '0' {
                return false;
            }
            last = '_';
        } else {
            if last == '_' {
                return false;
            }
            last = '!';
        }
    }
    last != '_'
}

//! Durations, as Go's `time.ParseDuration` reads and `Duration.String` writes them.

use super::NANOSECONDS_PER_SECOND;

/// Magnitudes above 2^63 nanoseconds are refused.
const MAGNITUDE_MAX: u64 = 1 << 63;

/// Reads a sequence of numbers with units, such as `1h30m` or `-1.5s`. `None` if it is none, or
/// does not fit 64 bits of nanoseconds.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..)?),
        [b'+', ..] => (false, text.get(1..)?),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (nanoseconds, after) = parse_term(rest)?;
        total = total.checked_add(nanoseconds)?;
        if total > MAGNITUDE_MAX {
            return None;
        }
        rest = after;
    }
    if negative {
        0i64.checked_sub_unsigned(total)
    } else {
        i64::try_from(total).ok()
    }
}

/// One number with its unit, and what follows.
fn parse_term(text: &str) -> Option<(u64, &str)> {
    let (whole_digits, rest) = split_digits(text);
    let whole = parse_whole(whole_digits)?;
    let (fraction_digits, rest) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    if whole_digits.is_empty() && fraction_digits.is_empty() {
        return None;
    }
    let end = rest
        .find(|character: char| character == '.' || character.is_ascii_digit())
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(end)?;
    let unit = nanoseconds_of(unit)?;
    if whole > MAGNITUDE_MAX / unit {
        return None;
    }
    let (fraction, scale) = parse_fraction(fraction_digits);
    // A double, as in Go, where it is exact enough for fractions of an hour.
    let part = (fraction as f64 * (unit as f64 / scale)) as u64;
    let nanoseconds = (whole * unit).checked_add(part)?;
    (nanoseconds <= MAGNITUDE_MAX).then_some((nanoseconds, rest))
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn parse_whole(digits: &str) -> Option<u64> {
    if digits.is_empty() {
        return Some(0);
    }
    digits.parse().ok().filter(|whole| *whole <= MAGNITUDE_MAX)
}

/// The digits after the point and the power of ten to divide them by; digits that do not fit are
/// dropped.
fn parse_fraction(digits: &str) -> (u64, f64) {
    let mut fraction: u64 = 0;
    let mut scale = 1.0;
    for digit in digits.bytes() {
        if fraction > (MAGNITUDE_MAX - 1) / 10 {
            break;
        }
        let next = fraction * 10 + u64::from(digit - b'0');
        if next > MAGNITUDE_MAX {
            break;
        }
        fraction = next;
        scale *= 10.0;
    }
    (fraction, scale)
}

fn nanoseconds_of(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// The duration in seconds, rounded as Go's `Duration.Seconds`.
pub(crate) fn seconds(nanoseconds: i64) -> f64 {
    in_units(nanoseconds, NANOSECONDS_PER_SECOND)
}

/// The duration in units of so many nanoseconds: whole units and fraction are converted apart.
pub(super) fn in_units(nanoseconds: i64, unit: i64) -> f64 {
    (nanoseconds / unit) as f64 + (nanoseconds % unit) as f64 / unit as f64
}

/// As Go prints a duration: `1h0m0.5s`, `1.5ms`, `0s`.
pub(crate) fn duration_text(nanoseconds: i64) -> String {
    let magnitude = nanoseconds.unsigned_abs();
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let text = match magnitude {
        0 => "0s".to_owned(),
        1..1_000 => format!("{magnitude}ns"),
        1_000..1_000_000 => format!("{}µs", decimal(magnitude, 1_000)),
        1_000_000..1_000_000_000 => format!("{}ms", decimal(magnitude, 1_000_000)),
        _ => {
            let minutes = magnitude / 60_000_000_000;
            let seconds = decimal(magnitude % 60_000_000_000, 1_000_000_000);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{seconds}s"),
                (0, minutes) => format!("{minutes}m{seconds}s"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}s"),
            }
        }
    };
    format!("{sign}{text}")
}

/// A quotient by a power of ten, without trailing zeros.
fn decimal(number: u64, unit: u64) -> String {
    let (whole, fraction) = (number / unit, number % unit);
    if fraction == 0 {
        return whole.to_string();
    }
    let width = unit.ilog10() as usize;
    let digits = format!("{fraction:0width$}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}

//! Formats of OpenAPI, as `k8s.io/kube-openapi/pkg/validation/strfmt` judges them.

use crate::library::time::is_full_date;

/// Hexadecimal digits in groups of 8, 4, 4, 4 and 12, with or without a dash before each.
pub(super) fn is_uuid(text: &str) -> bool {
    let mut rest = text;
    for (position, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if position > 0 {
            rest = rest.strip_prefix('-').unwrap_or(rest);
        }
        match rest.split_at_checked(length) {
            Some((group, after)) if group.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                rest = after;
            }
            _ => return false,
        }
    }
    rest.is_empty()
}

/// Base64 of the standard alphabet with padding; not the empty string.
pub(super) fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    !text.is_empty()
        && text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

pub(super) fn is_date(text: &str) -> bool {
    is_full_date(text)
}

/// A date, `T`, a time of day with any fraction, and an offset. What follows another `T` is not
/// looked at there.
pub(super) fn is_date_time(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut parts = lower.split('t');
    match (parts.next(), parts.next()) {
        (Some(date), Some(time)) => is_date(date) && is_time_of_day(time),
        _ => false,
    }
}

fn is_time_of_day(text: &str) -> bool {
    let Some((clock, rest)) = text.split_at_checked(8) else {
        return false;
    };
    let [h1, h2, b':', m1, m2, b':', s1, s2] = clock.as_bytes() else {
        return false;
    };
    let digits = [h1, h2, m1, m2, s1, s2];
    digits.iter().all(|digit| digit.is_ascii_digit())
        && (h1, h2) <= (&b'2', &b'3')
        && (m1, m2) <= (&b'5', &b'9')
        && (s1, s2) <= (&b'5', &b'9')
        && (is_offset(rest) || is_offset(without_fraction(rest)))
}

/// The text after any one character and the digits that follow it, if there are any.
fn without_fraction(text: &str) -> &str {
    let mut characters = text.chars();
    if matches!(characters.next(), None | Some('\n')) {
        return text;
    }
    let after = characters.as_str();
    let rest = after.trim_start_matches(|character: char| character.is_ascii_digit());
    if rest.len() == after.len() {
        text
    } else {
        rest
    }
}

fn is_offset(text: &str) -> bool {
    match text.as_bytes() {
        b"z" => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit())
        }
        _ => false,
    }
}

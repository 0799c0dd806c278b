//! RFC 3339, as Go's `time.Parse` reads and `Time.Format` writes it.

use std::fmt::Write as _;

use super::civil::{Civil, days_from_civil, days_in_month};
use crate::value::Timestamp;

/// Reads what the layout `time.RFC3339` accepts: also hours of one digit, a comma before the
/// fraction, digits of it beyond nanoseconds, and offsets of up to 24 hours and 60 minutes. The
/// range of timestamps is not checked.
pub(crate) fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let mut input = Input(text.as_bytes());
    let (year, month, day) = input.date()?;
    input.literal(b'T')?;
    let hour = input.digits(2).or_else(|| input.digits(1))?;
    input.literal(b':')?;
    let minute = input.digits(2)?;
    input.literal(b':')?;
    let second = input.digits(2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let nanoseconds = input.fraction();
    let offset = input.offset()?;
    if !input.0.is_empty() {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(Timestamp {
        seconds: seconds - offset,
        nanoseconds,
        offset_seconds: i32::try_from(offset).ok()?,
    })
}

/// Whether a text is a date of the calendar and nothing else.
pub(crate) fn is_full_date(text: &str) -> bool {
    let mut input = Input(text.as_bytes());
    input.date().is_some() && input.0.is_empty()
}

struct Input<'t>(&'t [u8]);

impl Input<'_> {
    fn literal(&mut self, expected: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        (*first == expected).then_some(())
    }

    /// Exactly so many digits; nothing is consumed otherwise.
    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let mut number = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            number = number * 10 + i64::from(digit - b'0');
        }
        self.0 = rest;
        Some(number)
    }

    /// A date of the calendar.
    fn date(&mut self) -> Option<(i64, i64, i64)> {
        let year = self.digits(4)?;
        self.literal(b'-')?;
        let month = self.digits(2).filter(|month| (1..=12).contains(month))?;
        self.literal(b'-')?;
        let day = self.digits(2)?;
        (1..=days_in_month(year, month))
            .contains(&day)
            .then_some((year, month, day))
    }

    fn fraction(&mut self) -> u32 {
        let [b'.' | b',', rest @ ..] = self.0 else {
            return 0;
        };
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let Some((digits, rest)) = rest.split_at_checked(count).filter(|_| count > 0) else {
            return 0;
        };
        self.0 = rest;
        let padding = std::iter::repeat(&b'0');
        digits
            .iter()
            .chain(padding)
            .take(9)
            .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    }

    fn offset(&mut self) -> Option<i64> {
        let (sign, rest) = self.0.split_first()?;
        self.0 = rest;
        let sign = match sign {
            b'Z' => return Some(0),
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let hours = self.digits(2).filter(|hours| *hours <= 24)?;
        self.literal(b':')?;
        let minutes = self.digits(2).filter(|minutes| *minutes <= 60)?;
        Some(sign * (hours * 60 + minutes) * 60)
    }
}

/// The timestamp in its own offset, with as many digits of the fraction as it needs.
pub(crate) fn rfc3339(timestamp: Timestamp) -> String {
    let offset = i64::from(timestamp.offset_seconds);
    let civil = Civil::from_seconds(timestamp.seconds + offset);
    let mut text = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second
    );
    if timestamp.nanoseconds != 0 {
        let digits = format!("{:09}", timestamp.nanoseconds);
        text.push('.');
        text.push_str(digits.trim_end_matches('0'));
    }
    if offset == 0 {
        text.push('Z');
    } else {
        let minutes = offset.abs() / 60;
        let sign = if offset < 0 { '-' } else { '+' };
        // Writing to a `String` does not fail.
        let _ = write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    }
    text
}

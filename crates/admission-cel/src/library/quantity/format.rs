//! Writing quantities in canonical form (`CanonicalizeBytes` of
//! `k8s.io/apimachinery/pkg/api/resource/quantity.go`).

use std::fmt;

use num_bigint::{BigInt, Sign};

use super::decimal::Decimal;
use super::{Format, Quantity};

const BINARY_SUFFIXES: &[&str] = &["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL_SUFFIXES: &[(i64, &str)] = &[
    (-9, "n"),
    (-6, "u"),
    (-3, "m"),
    (0, ""),
    (3, "k"),
    (6, "M"),
    (9, "G"),
    (12, "T"),
    (15, "P"),
    (18, "E"),
];

/// The text that was kept, otherwise the canonical form: no fraction, and the largest suffix that
/// allows that.
impl fmt::Display for Quantity<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(written) = self.written {
            return formatter.write_str(written);
        }
        let amount = self.amount.as_decimal();
        if amount.is_zero() {
            return formatter.write_str("0");
        }
        match self.format {
            Format::BinarySi => match whole_in_binary(&amount) {
                Some(whole) => write_binary(formatter, whole),
                None => write_decimal(formatter, amount, Format::DecimalSi),
            },
            format => write_decimal(formatter, amount, format),
        }
    }
}

/// The number, if it is whole and large enough to be written with a binary suffix.
fn whole_in_binary(amount: &Decimal) -> Option<BigInt> {
    let rounded = amount.round_up(0).ok()?;
    let large = rounded.unscaled.magnitude() >= &1024u32.into();
    (large && rounded.compare(amount).is_eq()).then_some(rounded.unscaled)
}

fn write_binary(formatter: &mut fmt::Formatter<'_>, whole: BigInt) -> fmt::Result {
    let (number, exponent) = without_factors(whole, 1024);
    let suffix = BINARY_SUFFIXES.get(exponent).copied().unwrap_or_default();
    write!(formatter, "{number}{suffix}")
}

fn write_decimal(
    formatter: &mut fmt::Formatter<'_>,
    amount: Decimal,
    format: Format,
) -> fmt::Result {
    let (mut number, zeros) = without_factors(amount.unscaled, 10);
    let mut exponent = zeros as i64 - amount.scale;
    while exponent % 3 != 0 {
        number *= 10;
        exponent -= 1;
    }
    if format == Format::DecimalExponent {
        return match exponent {
            0 => write!(formatter, "{number}"),
            _ => write!(formatter, "{number}e{exponent}"),
        };
    }
    let suffix = DECIMAL_SUFFIXES
        .iter()
        .find(|(of, _)| *of == exponent)
        .map_or("", |(_, suffix)| suffix);
    write!(formatter, "{number}{suffix}")
}

/// The number without its factors, and how many they were.
fn without_factors(mut number: BigInt, factor: u32) -> (BigInt, usize) {
    let mut count = 0;
    while number.sign() != Sign::NoSign {
        let quotient = &number / factor;
        if &quotient * factor != number {
            break;
        }
        number = quotient;
        count += 1;
    }
    (number, count)
}

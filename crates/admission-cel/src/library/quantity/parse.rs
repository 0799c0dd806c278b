//! Reading quantities, as `ParseQuantity` of `k8s.io/apimachinery/pkg/api/resource` does, down to
//! which of them it keeps in 64 bits.

use bumpalo::Bump;
use num_bigint::BigInt;

use super::amount::Amount;
use super::decimal::{Decimal, parse_digits};
use super::{Format, Quantity, QuantityError};

/// Decimal digits that always fit 64 bits.
const INT_DIGITS: i64 = 18;
/// Digits after the point that are kept.
const NANO: i64 = 9;

/// The parts of a quantity's text.
#[derive(Debug)]
struct Parts<'t> {
    negative: bool,
    /// Digits before the point, without leading zeros; empty for none.
    whole: &'t str,
    /// Digits after the point.
    fraction: &'t str,
    suffix: &'t str,
    /// Whether there was any digit at all.
    has_digits: bool,
}

pub(super) fn parse<'a>(arena: &'a Bump, text: &str) -> Result<Quantity<'a>, QuantityError> {
    if text.is_empty() {
        return Err(QuantityError::Format);
    }
    let parts = split(text)?;
    let suffix = parse_suffix(parts.suffix)?;
    if let Some(scaled) = parse_scaled(&parts, &suffix)? {
        return Ok(Quantity {
            amount: scaled.amount,
            format: suffix.format,
            written: scaled.seems_canonical.then(|| &*arena.alloc_str(text)),
            computed: false,
        });
    }
    parse_decimal(arena, &parts, &suffix)
}

fn split(text: &str) -> Result<Parts<'_>, QuantityError> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let significant = unsigned.trim_start_matches('0');
    let (whole, rest) = split_digits(significant);
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    if !is_suffix(suffix) {
        return Err(QuantityError::Format);
    }
    Ok(Parts {
        negative: text.starts_with('-'),
        whole,
        fraction,
        suffix,
        has_digits: unsigned.len() > significant.len() || !whole.is_empty() || !fraction.is_empty(),
    })
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Letters, a sign, digits; each may be missing.
fn is_suffix(suffix: &str) -> bool {
    let rest = suffix.trim_start_matches(|letter| "eEinumkKMGTP".contains(letter));
    let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    rest.bytes().all(|byte| byte.is_ascii_digit())
}

struct Suffix {
    format: Format,
    /// Of ten, or of two for [`Format::BinarySi`].
    exponent: i32,
}

fn parse_suffix(suffix: &str) -> Result<Suffix, QuantityError> {
    let (format, exponent) = match suffix {
        "n" => (Format::DecimalSi, -9),
        "u" => (Format::DecimalSi, -6),
        "m" => (Format::DecimalSi, -3),
        "" => (Format::DecimalSi, 0),
        "k" => (Format::DecimalSi, 3),
        "M" => (Format::DecimalSi, 6),
        "G" => (Format::DecimalSi, 9),
        "T" => (Format::DecimalSi, 12),
        "P" => (Format::DecimalSi, 15),
        "E" => (Format::DecimalSi, 18),
        "Ki" => (Format::BinarySi, 10),
        "Mi" => (Format::BinarySi, 20),
        "Gi" => (Format::BinarySi, 30),
        "Ti" => (Format::BinarySi, 40),
        "Pi" => (Format::BinarySi, 50),
        "Ei" => (Format::BinarySi, 60),
        _ => {
            let exponent = suffix
                .strip_prefix(['e', 'E'])
                .and_then(|exponent| exponent.parse::<i64>().ok())
                .ok_or(QuantityError::Suffix)?;
            // Go keeps 32 bits of it.
            (Format::DecimalExponent, exponent as i32)
        }
    };
    Ok(Suffix { format, exponent })
}

/// An amount in 64 bits.
struct Scaled<'a> {
    amount: Amount<'a>,
    /// Whether Go takes the text for the canonical one and keeps it. It may be mistaken: about signs,
    /// leading zeros and `e0`.
    seems_canonical: bool,
}

/// The amount in 64 bits, where Go keeps it in them.
fn parse_scaled<'a>(
    parts: &Parts<'_>,
    suffix: &Suffix,
) -> Result<Option<Scaled<'a>>, QuantityError> {
    let whole_digits = parts.whole.len().max(1) as i64;
    let fraction_digits = parts.fraction.len() as i64;
    let (precision, mantissa, exponent) = match suffix.format {
        Format::BinarySi if parts.fraction.is_empty() => {
            let digits = i64::from(suffix.exponent) * 3 / 10;
            (14 - whole_digits - digits, 1 << suffix.exponent, 0)
        }
        Format::BinarySi => return Ok(None),
        _ => (
            INT_DIGITS - whole_digits - fraction_digits,
            1,
            i64::from(suffix.exponent),
        ),
    };
    let scale = exponent - fraction_digits;
    if precision < 0 || scale < -NANO {
        return Ok(None);
    }
    // Without leading zeros there are at most 18 digits, or none.
    let value = parts
        .whole
        .bytes()
        .chain(parts.fraction.bytes())
        .try_fold(0_i64, |value, digit| {
            let digit = i64::from(digit.wrapping_sub(b'0'));
            value.checked_mul(10)?.checked_add(digit)
        })
        .ok_or(QuantityError::Numeric)?;
    let Some(product) = value.checked_mul(mantissa) else {
        return Ok(None);
    };
    let seems_canonical = match suffix.format {
        Format::BinarySi => value % 8 != 0,
        _ => scale % 3 == 0 && !parts.whole.is_empty() && !ends_in_thousands(parts),
    };
    let value = if parts.negative { -product } else { product };
    let scale = i32::try_from(scale).map_err(|_| QuantityError::TooLarge)?;
    Ok(Some(Scaled {
        amount: Amount::Scaled { value, scale },
        seems_canonical,
    }))
}

/// Whether the last three digits are zeros, wherever the point is.
fn ends_in_thousands(parts: &Parts<'_>) -> bool {
    let digits = parts.whole.bytes().chain(parts.fraction.bytes()).rev();
    digits.take(3).filter(|digit| *digit == b'0').count() == 3
}

fn parse_decimal<'a>(
    arena: &'a Bump,
    parts: &Parts<'_>,
    suffix: &Suffix,
) -> Result<Quantity<'a>, QuantityError> {
    if !parts.has_digits {
        return Err(QuantityError::Numeric);
    }
    let digits = parse_digits(&format!("0{}{}", parts.whole, parts.fraction))?;
    let mut amount = Decimal::new(digits, parts.fraction.len() as i64);
    let mut format = suffix.format;
    if format == Format::BinarySi {
        amount.unscaled <<= suffix.exponent;
    } else {
        amount.scale -= i64::from(suffix.exponent);
    }
    // What is not zero becomes at least the smallest amount that is kept.
    if !amount.is_zero() {
        amount = amount.round_up(NANO)?;
    }
    if format == Format::BinarySi {
        let max = Decimal::new(BigInt::from(i64::MAX), 0);
        if amount.compare(&max).is_gt() {
            amount = max;
        }
        if !amount.is_zero() && amount.compare(&Decimal::new(1, 0)).is_lt() {
            format = Format::DecimalSi;
        }
    }
    if parts.negative {
        amount.unscaled = -amount.unscaled;
    }
    Ok(Quantity {
        amount: Amount::Decimal(amount.store(arena)),
        format,
        written: None,
        computed: false,
    })
}

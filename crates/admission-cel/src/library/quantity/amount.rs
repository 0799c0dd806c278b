//! The number of a quantity: 64 bits with a power of ten where that suffices, otherwise many
//! digits. Which of the two it is shows: only the former can be an integer (`AsInt64` in
//! `k8s.io/apimachinery/pkg/api/resource/quantity.go`).

use std::cmp::Ordering;

use bumpalo::Bump;
use num_bigint::Sign;

use super::QuantityError;
use super::decimal::{Decimal, StoredDecimal};

#[derive(Clone, Copy, Debug)]
pub(super) enum Amount<'a> {
    /// `value` × 10^`scale`
    Scaled { value: i64, scale: i32 },
    /// Many digits.
    Decimal(StoredDecimal<'a>),
}

impl<'a> Amount<'a> {
    pub(super) fn is_zero(&self) -> bool {
        self.sign() == 0
    }

    /// -1, 0 or 1.
    pub(super) fn sign(&self) -> i64 {
        match self {
            Amount::Scaled { value, .. } => value.signum(),
            Amount::Decimal(decimal) => match decimal.sign() {
                Sign::Minus => -1,
                Sign::NoSign => 0,
                Sign::Plus => 1,
            },
        }
    }

    pub(super) fn as_decimal(&self) -> Decimal {
        match self {
            Amount::Scaled { value, scale } => Decimal::new(*value, -i64::from(*scale)),
            Amount::Decimal(decimal) => decimal.load(),
        }
    }

    /// The number, if it is kept in 64 bits and has no digits after the point, zeros included.
    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Amount::Scaled { value, scale } => {
                let scale = u32::try_from(*scale).ok()?;
                scaled_up(*value, scale)
            }
            Amount::Decimal(_) => None,
        }
    }

    pub(super) fn as_approximate_double(&self) -> f64 {
        let (base, exponent) = match self {
            Amount::Scaled { value, scale } => (*value as f64, i64::from(*scale)),
            Amount::Decimal(decimal) => {
                let decimal = decimal.load();
                (nearest_double(&decimal), -decimal.scale)
            }
        };
        if exponent == 0 {
            return base;
        }
        base * power_of_ten(exponent)
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        if let (
            Amount::Scaled {
                value: left,
                scale: left_scale,
            },
            Amount::Scaled {
                value: right,
                scale: right_scale,
            },
        ) = (self, other)
            && left_scale == right_scale
        {
            return left.cmp(right);
        }
        self.as_decimal().compare(&other.as_decimal())
    }

    /// Adds, or subtracts.
    pub(super) fn add(
        &self,
        arena: &'a Bump,
        other: &Self,
        subtract: bool,
    ) -> Result<Self, QuantityError> {
        if let Some(sum) = self.add_scaled(other, subtract) {
            return Ok(sum);
        }
        let mut right = other.as_decimal();
        if subtract {
            right.unscaled = -right.unscaled;
        }
        let sum = self.as_decimal().add(&right)?;
        Ok(Amount::Decimal(sum.store(arena)))
    }

    /// The sum, if both are kept in 64 bits and so can it be.
    fn add_scaled(&self, other: &Self, subtract: bool) -> Option<Self> {
        let (
            Amount::Scaled { value, scale },
            Amount::Scaled {
                value: other,
                scale: other_scale,
            },
        ) = (self, other)
        else {
            return None;
        };
        // The least integer is its own negative, as in Go.
        let other = if subtract {
            other.wrapping_neg()
        } else {
            *other
        };
        if other == 0 {
            return Some(*self);
        }
        if *value == 0 {
            return Some(Amount::Scaled {
                value: other,
                scale: *other_scale,
            });
        }
        let common = *scale.min(other_scale);
        let left = scaled_up(*value, scale.abs_diff(common))?;
        let right = scaled_up(other, other_scale.abs_diff(common))?;
        Some(Amount::Scaled {
            value: left.checked_add(right)?,
            scale: common,
        })
    }
}

fn scaled_up(value: i64, zeros: u32) -> Option<i64> {
    if value == 0 {
        return Some(0);
    }
    value.checked_mul(10i64.checked_pow(zeros)?)
}

/// The double nearest to the digits, without the scale.
fn nearest_double(decimal: &Decimal) -> f64 {
    // Parsing rounds correctly at any length.
    decimal.unscaled.to_string().parse().unwrap_or(f64::NAN)
}

/// As Go's `math.Pow10`, which multiplies two entries of its tables.
fn power_of_ten(exponent: i64) -> f64 {
    let entry = |exponent: i64| format!("1e{exponent}").parse().unwrap_or(f64::NAN);
    match exponent {
        0..=308 => entry(exponent / 32 * 32) * entry(exponent % 32),
        -323..0 => entry(-(-exponent / 32 * 32)) / entry(-exponent % 32),
        309.. => f64::INFINITY,
        _ => 0.0,
    }
}

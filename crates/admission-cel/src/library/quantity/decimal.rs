//! Decimal numbers of many digits.

use std::cmp::Ordering;

use bumpalo::Bump;
use num_bigint::{BigInt, Sign};

use super::QuantityError;

/// How many digits a number may have while it is computed with. A suffix such as `e999999999` asks
/// for as many zeros; Go would compute with them.
const DIGITS_MAX: u64 = 20_000;

/// `unscaled` × 10^-`scale`, exact.
#[derive(Clone, Debug)]
pub(super) struct Decimal {
    pub(super) unscaled: BigInt,
    /// Digits after the point; negative for zeros before it.
    pub(super) scale: i64,
}

impl Decimal {
    pub(super) fn new(unscaled: impl Into<BigInt>, scale: i64) -> Self {
        Self {
            unscaled: unscaled.into(),
            scale,
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.unscaled.sign() == Sign::NoSign
    }

    /// At least as many as the number has; one more at most.
    fn digits_max(&self) -> i64 {
        (self.unscaled.bits() as f64 * std::f64::consts::LOG10_2) as i64 + 1
    }

    /// The same number with more digits after the point.
    pub(super) fn with_scale(&self, scale: i64) -> Result<Self, QuantityError> {
        let zeros = scale.saturating_sub(self.scale).max(0);
        if self.is_zero() || zeros == 0 {
            return Ok(Self::new(self.unscaled.clone(), scale.max(self.scale)));
        }
        let power = power_of_ten(zeros, self.digits_max())?;
        Ok(Self::new(&self.unscaled * power, scale))
    }

    /// Rounds away from zero to so many digits after the point.
    pub(super) fn round_up(&self, scale: i64) -> Result<Self, QuantityError> {
        let surplus = self.scale.saturating_sub(scale);
        if surplus <= 0 || self.is_zero() {
            return self.with_scale(scale);
        }
        let away = if self.unscaled.sign() == Sign::Minus {
            -1
        } else {
            1
        };
        if surplus > self.digits_max() {
            return Ok(Self::new(away, scale));
        }
        let divisor = power_of_ten(surplus, 0)?;
        let quotient = &self.unscaled / &divisor;
        let exact = &quotient * &divisor == self.unscaled;
        let rounded = if exact { quotient } else { quotient + away };
        Ok(Self::new(rounded, scale))
    }

    pub(super) fn add(&self, other: &Self) -> Result<Self, QuantityError> {
        let scale = self.scale.max(other.scale);
        let (left, right) = (self.with_scale(scale)?, other.with_scale(scale)?);
        Ok(Self::new(left.unscaled + right.unscaled, scale))
    }

    /// Exact for any scales: what differs in magnitude is not expanded.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let (left, right) = (self.unscaled.sign(), other.unscaled.sign());
        if left != right || left == Sign::NoSign {
            return left.cmp(&right);
        }
        let by_magnitude = self.compare_magnitude(other);
        if left == Sign::Minus {
            by_magnitude.reverse()
        } else {
            by_magnitude
        }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        // The position of the first digit, which `digits_max` may place one too far left.
        let left = self.digits_max().saturating_sub(self.scale);
        let right = other.digits_max().saturating_sub(other.scale);
        if left.abs_diff(right) > 2 {
            return left.cmp(&right);
        }
        let scale = self.scale.max(other.scale);
        match (self.with_scale(scale), other.with_scale(scale)) {
            (Ok(left), Ok(right)) => left.unscaled.magnitude().cmp(right.unscaled.magnitude()),
            // Unreachable: magnitudes are close, so neither needs more digits than the other has.
            _ => left.cmp(&right),
        }
    }

    /// Copies the digits into an arena, which frees them without running destructors.
    pub(super) fn store(self, arena: &Bump) -> StoredDecimal<'_> {
        let (sign, limbs) = self.unscaled.to_u32_digits();
        StoredDecimal {
            sign,
            limbs: arena.alloc_slice_copy(&limbs),
            scale: self.scale,
        }
    }
}

fn power_of_ten(exponent: i64, digits: i64) -> Result<BigInt, QuantityError> {
    let exponent = u64::try_from(exponent).map_err(|_| QuantityError::TooLarge)?;
    if exponent.saturating_add(digits.unsigned_abs()) > DIGITS_MAX {
        return Err(QuantityError::TooLarge);
    }
    let exponent = u32::try_from(exponent).map_err(|_| QuantityError::TooLarge)?;
    Ok(BigInt::from(10).pow(exponent))
}

/// A [`Decimal`] in an arena.
#[derive(Clone, Copy, Debug)]
pub(super) struct StoredDecimal<'a> {
    sign: Sign,
    limbs: &'a [u32],
    scale: i64,
}

impl StoredDecimal<'_> {
    pub(super) fn load(&self) -> Decimal {
        Decimal::new(BigInt::from_slice(self.sign, self.limbs), self.scale)
    }

    pub(super) fn sign(&self) -> Sign {
        self.sign
    }
}

/// Digits as a number, unless they are too many.
pub(super) fn parse_digits(digits: &str) -> Result<BigInt, QuantityError> {
    if digits.len() as u64 > DIGITS_MAX {
        return Err(QuantityError::TooLarge);
    }
    BigInt::parse_bytes(digits.as_bytes(), 10).ok_or(QuantityError::Numeric)
}

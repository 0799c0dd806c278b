//! Sums and differences, with cel-go's checks.

use super::{NANOSECONDS_PER_SECOND, SECONDS};
use crate::error::EvaluationError;
use crate::library::conversions::TIMESTAMP_OVERFLOW;
use crate::value::Timestamp;

/// The timestamp so many nanoseconds later, in the same offset.
pub(crate) fn add_duration<'a>(
    timestamp: Timestamp,
    duration: i64,
) -> Result<Timestamp, EvaluationError<'a>> {
    let nanoseconds = i64::from(timestamp.nanoseconds) + duration % NANOSECONDS_PER_SECOND;
    let seconds = timestamp
        .seconds
        .checked_add(duration / NANOSECONDS_PER_SECOND)
        .and_then(|sum| sum.checked_add(nanoseconds.div_euclid(NANOSECONDS_PER_SECOND)))
        .ok_or(EvaluationError::IntegerOverflow)?;
    if !SECONDS.contains(&seconds) {
        return Err(TIMESTAMP_OVERFLOW);
    }
    Ok(Timestamp {
        seconds,
        // The remainder is below a second and fits.
        nanoseconds: nanoseconds.rem_euclid(NANOSECONDS_PER_SECOND) as u32,
        offset_seconds: timestamp.offset_seconds,
    })
}

/// The timestamp so many nanoseconds earlier.
pub(crate) fn subtract_duration<'a>(
    timestamp: Timestamp,
    duration: i64,
) -> Result<Timestamp, EvaluationError<'a>> {
    let negated = duration
        .checked_neg()
        .ok_or(EvaluationError::IntegerOverflow)?;
    add_duration(timestamp, negated)
}

/// The nanoseconds from `right` to `left`.
pub(crate) fn subtract_timestamps<'a>(
    left: Timestamp,
    right: Timestamp,
) -> Result<i64, EvaluationError<'a>> {
    let nanoseconds = i64::from(left.nanoseconds) - i64::from(right.nanoseconds);
    left.seconds
        .checked_sub(right.seconds)
        .and_then(|seconds| seconds.checked_mul(NANOSECONDS_PER_SECOND))
        .and_then(|scaled| scaled.checked_add(nanoseconds))
        .ok_or(EvaluationError::IntegerOverflow)
}

//! Timestamps and durations: reading and writing them as Go's `time` package does, arithmetic as
//! cel-go's `common/types/overflow.go`, and the accessors of `common/types/timestamp.go` and
//! `duration.go`.

mod accessors;
mod arithmetic;
mod civil;
mod duration;
mod overloads;
#[cfg(test)]
mod tests;
mod timestamp;
mod zone;

use std::ops::RangeInclusive;

pub(super) use arithmetic::{add_duration, subtract_duration, subtract_timestamps};
pub(crate) use duration::duration_text;
pub(crate) use duration::parse_duration;
pub(super) use duration::seconds;
pub use overloads::OVERLOADS;
pub(super) use timestamp::is_full_date;
pub(crate) use timestamp::parse_timestamp;
pub(crate) use timestamp::rfc3339;

/// The seconds since 1970 that a timestamp may have: the years 1 to 9999.
pub(crate) const SECONDS: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

const NANOSECONDS_PER_SECOND: i64 = 1_000_000_000;

//! Times of records.

use std::fmt;

use admission_cel::value::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const MILLISECOND_NANOSECONDS: u32 = 1_000_000;

/// A point in time in UTC, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(Timestamp);

impl Time {
    /// The millisecond that a point in time is in.
    pub fn new(at: Timestamp) -> Self {
        let milliseconds = at.nanoseconds / MILLISECOND_NANOSECONDS;
        Self(Timestamp::utc(
            at.seconds,
            milliseconds * MILLISECOND_NANOSECONDS,
        ))
    }

    /// Reads exactly the form that [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let time = Self::new(Timestamp::from_rfc3339(text)?);
        (time.to_string() == text).then_some(time)
    }

    /// The point in time.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = Timestamp::utc(self.0.seconds, 0).to_string();
        let milliseconds = self.0.nanoseconds / MILLISECOND_NANOSECONDS;
        write!(
            formatter,
            "{}.{milliseconds:03}Z",
            seconds.trim_end_matches('Z')
        )
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format!("`{text}` is no time like 2026-01-31T23:59:59.999Z"))
        })
    }
}

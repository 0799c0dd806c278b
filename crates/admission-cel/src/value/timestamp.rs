//! Points in time.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::library::time::{parse_timestamp, rfc3339};

/// A point in time between the years 1 and 9999. Two are equal when they are the same instant,
/// whatever their offsets.
#[derive(Clone, Copy, Debug)]
pub struct Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// 0..1_000_000_000, counted forwards.
    pub nanoseconds: u32,
    /// Seconds east of UTC, as written; `string()` prints it, everything else ignores it.
    pub offset_seconds: i32,
}

impl Timestamp {
    /// A point in time with offset `Z`.
    pub const fn utc(seconds: i64, nanoseconds: u32) -> Self {
        Self {
            seconds,
            nanoseconds,
            offset_seconds: 0,
        }
    }

    /// Reads RFC 3339, as CEL's `timestamp()` does; `None` when it is something else.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        parse_timestamp(text)
    }

    const fn instant(self) -> (i64, u32) {
        (self.seconds, self.nanoseconds)
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.instant() == other.instant()
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.instant().cmp(&other.instant())
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.instant().hash(state);
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339, in its own offset.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&rfc3339(*self))
    }
}

//! The time of day, for what libraries take as an argument.

use std::time::{SystemTime, UNIX_EPOCH};

use admission_cel::value::Timestamp;

/// Now, in UTC.
pub fn now() -> Timestamp {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => Timestamp::utc(
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            since.subsec_nanos(),
        ),
        // A clock before 1970 has not been set: later than everything, so that what expires has no
        // effect by it.
        Err(_) => Timestamp::utc(i64::MAX, 0),
    }
}

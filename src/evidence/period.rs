//! From when, until when.

use admission_cel::value::Timestamp;
use clap::Args;
use serde::Serialize;

use super::record::Time;

const DAY_SECONDS: i64 = 86_400;
const LAST_MILLISECOND_NANOSECONDS: u32 = 999_000_000;

/// Which records a document is about.
#[derive(Args, Clone, Debug)]
pub struct PeriodArguments {
    /// Leave out what was before: a date (the day begins in UTC), or a time such as
    /// `2026-11-23T12:00:00Z`
    #[arg(long, value_name = "TIME", value_parser = from)]
    from: Option<Time>,
    /// Leave out what came after: a date (the day ends in UTC), or a time
    #[arg(long, value_name = "TIME", value_parser = to)]
    to: Option<Time>,
}

impl PeriodArguments {
    /// Whether anything is left out.
    pub fn is_given(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// The period.
    ///
    /// # Errors
    /// It ends before it begins.
    pub fn period(&self) -> anyhow::Result<Period> {
        let Self { from, to } = *self;
        if let (Some(from), Some(to)) = (from, to) {
            anyhow::ensure!(from <= to, "--from {from} comes after --to {to}");
        }
        Ok(Period { from, to })
    }
}

/// What a document is about; both ends belong to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Period {
    /// From when; absent: from the first record on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// Until when; absent: until the last record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Time>,
}

impl Period {
    /// Whether a time lies in it.
    pub fn contains(&self, time: Time) -> bool {
        self.overlaps(time, time)
    }

    /// Whether a span and it have a time in common.
    pub fn overlaps(&self, first: Time, last: Time) -> bool {
        self.from.is_none_or(|from| last >= from) && !self.is_before(first)
    }

    /// Whether it is over at a time.
    pub fn is_before(&self, time: Time) -> bool {
        self.to.is_some_and(|to| time > to)
    }
}

/// A time, or the begin of a day.
fn from(text: &str) -> Result<Time, String> {
    parse(text, 0, 0)
}

/// A time, or the end of a day.
fn to(text: &str) -> Result<Time, String> {
    parse(text, DAY_SECONDS - 1, LAST_MILLISECOND_NANOSECONDS)
}

fn parse(text: &str, day_seconds: i64, day_nanoseconds: u32) -> Result<Time, String> {
    let day = Timestamp::from_rfc3339(&format!("{text}T00:00:00Z"));
    let time = match day {
        Some(day) => Some(Timestamp::utc(day.seconds + day_seconds, day_nanoseconds)),
        None => Timestamp::from_rfc3339(text),
    };
    time.map(Time::new).ok_or_else(|| {
        "give a date such as `2026-11-23`, or a time such as `2026-11-23T12:00:00Z`".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_whole_day_in_utc() {
        let (first, last) = (from("2026-02-28").unwrap(), to("2026-02-28").unwrap());
        assert_eq!(first.to_string(), "2026-02-28T00:00:00.000Z");
        assert_eq!(last.to_string(), "2026-02-28T23:59:59.999Z");
        let period = Period {
            from: Some(first),
            to: Some(last),
        };
        for (time, is_in) in [
            ("2026-02-27T23:59:59.999Z", false),
            ("2026-02-28T00:00:00.000Z", true),
            ("2026-02-28T23:59:59.999Z", true),
            ("2026-03-01T00:00:00.000Z", false),
        ] {
            assert_eq!(period.contains(Time::parse(time).unwrap()), is_in, "{time}");
        }
    }

    #[test]
    fn a_time_is_that_time_and_anything_else_an_error() {
        let time = from("2026-11-23T13:00:00+01:00").unwrap();
        assert_eq!(time.to_string(), "2026-11-23T12:00:00.000Z");
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-11-23 12:00",
            "20261123",
        ] {
            assert!(from(text).is_err(), "{text}");
        }
    }
}

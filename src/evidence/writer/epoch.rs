//! The name of a log within its replica: when it was opened, `20261123T005415123Z`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::{Date, Month, OffsetDateTime, Time};

/// The last moment that a name can have.
const MILLIS_MAX: u64 = 253_402_300_799_999;

/// The name of a log that is opened now, later than the one before it even if the clock is not.
pub fn after(now: SystemTime, before: Option<&str>) -> String {
    let now = millis(now);
    let before = before.and_then(parse).map(millis);
    let millis = before.map_or(now, |before| now.max(before.saturating_add(1)));
    name(millis.min(MILLIS_MAX))
}

/// When a log with this name was opened. `None` if no log is called so.
pub fn parse(text: &str) -> Option<SystemTime> {
    let (date, rest) = text.split_once('T')?;
    let rest = rest.strip_suffix('Z')?;
    if date.len() != 8 || rest.len() != 9 {
        return None;
    }
    let number =
        |text: &str, from: usize, to: usize| -> Option<u16> { text.get(from..to)?.parse().ok() };
    let byte = |text, from, to| u8::try_from(number(text, from, to)?).ok();
    let month = Month::try_from(byte(date, 4, 6)?).ok()?;
    let day = byte(date, 6, 8)?;
    let day = Date::from_calendar_date(i32::from(number(date, 0, 4)?), month, day).ok()?;
    let (hour, minute) = (byte(rest, 0, 2)?, byte(rest, 2, 4)?);
    let (second, milli) = (byte(rest, 4, 6)?, number(rest, 6, 9)?);
    let moment = Time::from_hms_milli(hour, minute, second, milli).ok()?;
    let moment = OffsetDateTime::new_utc(day, moment);
    let millis = u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).ok()?;
    (name(millis) == text).then(|| UNIX_EPOCH + Duration::from_millis(millis))
}

fn millis(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn name(millis: u64) -> String {
    let nanos = i128::from(millis) * 1_000_000;
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}{:03}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_when() {
        let at = UNIX_EPOCH + Duration::from_millis(1_795_395_255_123);
        let name = after(at, None);
        assert_eq!(name, "20261123T005415123Z");
        assert_eq!(parse(&name), Some(at));
    }

    #[test]
    fn a_later_log_has_a_later_name_whatever_the_clock_says() {
        let before = "20261123T235959999Z";
        assert_eq!(after(UNIX_EPOCH, Some(before)), "20261124T000000000Z");
    }

    #[test]
    fn other_texts_are_no_names() {
        for text in [
            "",
            "20261123T005415123",
            "20261323T005415123Z",
            "20261123T245415123Z",
            "2026112+T005415123Z",
            "20261123t005415123Z",
            "19691123T005415123Z",
            "20261123T005415123Z ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

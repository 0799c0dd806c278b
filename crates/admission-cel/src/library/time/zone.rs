//! Time zones by name or offset. The data is embedded; neither files nor the environment are read,
//! so `Local` is UTC, as in the API server's container.

use std::sync::LazyLock;

use jiff::tz::TimeZoneDatabase;

use super::civil::Civil;
use crate::error::EvaluationError;
use crate::library::go;
use crate::overload::Scope;
use crate::value::Timestamp;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// What calendar and clock show at a time in a zone: an IANA name, or an offset such as `+01:00`.
pub(super) fn civil_in<'a>(
    scope: Scope<'a, '_>,
    timestamp: Timestamp,
    zone: &str,
) -> Result<Civil, EvaluationError<'a>> {
    let offset = match zone.split_once(':') {
        Some((hours, minutes)) => fixed_offset(scope, zone, hours, minutes)?,
        None => named_offset(scope, timestamp, zone)?,
    };
    Ok(Civil::from_seconds(
        timestamp.seconds.saturating_add(offset),
    ))
}

/// Hours and minutes are any integers, and what a 64-bit count of nanoseconds makes of them.
fn fixed_offset<'a>(
    scope: Scope<'a, '_>,
    zone: &str,
    hours: &str,
    minutes: &str,
) -> Result<i64, EvaluationError<'a>> {
    let hours = parse_integer(scope, hours)?.wrapping_mul(60);
    let minutes = parse_integer(scope, minutes)?;
    let offset = if zone.starts_with('-') {
        hours.wrapping_sub(minutes)
    } else {
        hours.wrapping_add(minutes)
    };
    Ok(offset.wrapping_mul(60_000_000_000) / 1_000_000_000)
}

/// As `strconv.Atoi`.
fn parse_integer<'a>(scope: Scope<'a, '_>, text: &str) -> Result<i64, EvaluationError<'a>> {
    text.parse().or_else(|_| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let reason = if is_number {
            "value out of range"
        } else {
            "invalid syntax"
        };
        let text = go::quote(text);
        scope.fail(format_args!("strconv.Atoi: parsing {text}: {reason}"))
    })
}

fn named_offset<'a>(
    scope: Scope<'a, '_>,
    timestamp: Timestamp,
    name: &str,
) -> Result<i64, EvaluationError<'a>> {
    if matches!(name, "" | "UTC" | "Local") {
        return Ok(0);
    }
    if name.contains("..") || name.starts_with(['/', '\\']) {
        return scope.fail("time: invalid location name");
    }
    // The database ignores case; the files that Go looks for do not.
    let zone = ZONES
        .get(name)
        .ok()
        .filter(|zone| zone.iana_name() == Some(name));
    // The library ends a day before the year 10000; no rule begins in it.
    let seconds = timestamp.seconds.clamp(
        jiff::Timestamp::MIN.as_second(),
        jiff::Timestamp::MAX.as_second(),
    );
    let instant = jiff::Timestamp::from_second(seconds).ok();
    match zone.zip(instant) {
        Some((zone, instant)) => Ok(i64::from(zone.to_offset(instant).seconds())),
        None => scope.fail(format_args!("unknown time zone {name}")),
    }
}

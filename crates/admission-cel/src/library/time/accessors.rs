//! `getFullYear` and the other accessors.

use super::civil::Civil;
use super::duration::in_units;
use super::zone::civil_in;
use crate::library::arguments::{Outcome, duration, string, timestamp};
use crate::overload::Scope;
use crate::value::Value;

macro_rules! timestamp_accessors {
    ($($in_utc:ident, $in_zone:ident: $civil:ident => $read:expr;)*) => {$(
        pub(super) fn $in_utc<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
            let $civil = Civil::from_seconds(timestamp(arguments, 0)?.seconds);
            Ok(Value::Int($read))
        }

        pub(super) fn $in_zone<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
            let $civil = civil_in(scope, timestamp(arguments, 0)?, string(arguments, 1)?)?;
            Ok(Value::Int($read))
        }
    )*};
}

timestamp_accessors! {
    full_year, full_year_in: civil => civil.year;
    month, month_in: civil => civil.month - 1;
    day_of_year, day_of_year_in: civil => civil.day_of_year;
    day_of_month, day_of_month_in: civil => civil.day - 1;
    date, date_in: civil => civil.day;
    day_of_week, day_of_week_in: civil => civil.weekday;
    hours, hours_in: civil => civil.hour;
    minutes, minutes_in: civil => civil.minute;
    seconds, seconds_in: civil => civil.second;
}

pub(super) fn milliseconds<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let nanoseconds = timestamp(arguments, 0)?.nanoseconds;
    Ok(Value::Int(i64::from(nanoseconds / 1_000_000)))
}

/// The zone changes nothing but must exist.
pub(super) fn milliseconds_in<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    civil_in(scope, timestamp(arguments, 0)?, string(arguments, 1)?)?;
    milliseconds(scope, arguments)
}

/// Truncated, after a conversion through doubles as in Go.
fn whole_units<'a>(arguments: &[Value<'a>], unit: i64) -> Outcome<'a> {
    Ok(Value::Int(in_units(duration(arguments, 0)?, unit) as i64))
}

pub(super) fn duration_hours<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    whole_units(arguments, 3_600_000_000_000)
}

pub(super) fn duration_minutes<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    whole_units(arguments, 60_000_000_000)
}

pub(super) fn duration_seconds<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    whole_units(arguments, 1_000_000_000)
}

pub(super) fn duration_milliseconds<'a>(
    _scope: Scope<'a, '_>,
    arguments: &[Value<'a>],
) -> Outcome<'a> {
    Ok(Value::Int(duration(arguments, 0)? / 1_000_000))
}

//! Keys of maps: their order, and look-up across numeric types.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::{Value, runtime_name};
use crate::library::cidr::Cidr;

/// From how many entries on a map gets a sorted index; below it a linear search is faster, above
/// it a linear search would make a large map's look-ups slower than their cost says.
const INDEXED_FROM_ENTRIES: usize = 16;

/// Entries that have keys.
pub(super) trait Keyed<'a>: Copy {
    /// How many there are.
    fn count(self) -> usize;
    /// The key at a position.
    fn key(self, position: usize) -> Option<Value<'a>>;
}

/// A key in a form in which numerically equal keys are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum NormalKey<'a> {
    /// `null`
    Null,
    /// `bool`
    Bool(bool),
    /// A whole number of any numeric type.
    Whole(i128),
    /// Another `double`, by its bits.
    Fraction(u64),
    /// `string`
    String(&'a str),
    /// `google.protobuf.Duration`. It and what follows is no key in CEL's terms, but Go finds it.
    Duration(i64),
    /// `google.protobuf.Timestamp`, with its offset.
    Timestamp(i64, u32, i32),
    /// A type, by its name.
    Type(&'a str),
    /// `net.IP`
    Ip(IpAddr),
    /// `net.CIDR`
    Cidr(&'a Cidr),
    /// Anything else; never found.
    Other,
}

impl<'a> NormalKey<'a> {
    pub(crate) fn new(key: Value<'a>) -> Self {
        match key.plain() {
            Value::Null => NormalKey::Null,
            Value::Bool(flag) => NormalKey::Bool(flag),
            Value::Int(integer) => NormalKey::Whole(integer.into()),
            Value::Uint(integer) => NormalKey::Whole(integer.into()),
            Value::Double(number) => match whole(number) {
                Some(integer) => NormalKey::Whole(integer),
                None => NormalKey::Fraction(number.to_bits()),
            },
            Value::String(text) => NormalKey::String(text),
            Value::Duration(nanoseconds) => NormalKey::Duration(nanoseconds),
            Value::Timestamp(timestamp) => NormalKey::Timestamp(
                timestamp.seconds,
                timestamp.nanoseconds,
                timestamp.offset_seconds,
            ),
            Value::Type(named) => NormalKey::Type(runtime_name(named)),
            Value::Ip(address) => NormalKey::Ip(address),
            Value::Cidr(range) => NormalKey::Cidr(range),
            _ => NormalKey::Other,
        }
    }
}

/// The number as an integer when it is one of the range of `int` and `uint`.
fn whole(number: f64) -> Option<i128> {
    const RANGE: std::ops::RangeInclusive<f64> = i64::MIN as f64..=u64::MAX as f64;
    (number.trunc() == number && RANGE.contains(&number)).then_some(number as i128)
}

/// Positions ordered by key, when there are enough entries for that to pay.
pub(super) fn index<'a>(entries: impl Keyed<'a>) -> Option<Vec<u32>> {
    if entries.count() < INDEXED_FROM_ENTRIES {
        return None;
    }
    let mut keyed: Vec<(NormalKey<'a>, u32)> = (0..entries.count())
        .zip(0u32..)
        .filter_map(|(position, number)| Some((NormalKey::new(entries.key(position)?), number)))
        .collect();
    keyed.sort_unstable();
    Some(keyed.into_iter().map(|(_, position)| position).collect())
}

/// The position of a key: of the same type if there is one, otherwise numerically equal.
pub(super) fn find<'a>(
    entries: impl Keyed<'a>,
    by_key: &[u32],
    wanted: Value<'_>,
) -> Option<usize> {
    let normal = NormalKey::new(wanted);
    if normal == NormalKey::Other
        || matches!(wanted.plain(), Value::Double(number) if number.is_nan())
    {
        return None;
    }
    if by_key.is_empty() {
        return best(entries, wanted, normal, 0..entries.count());
    }
    let key_at = |position: &u32| {
        entries
            .key(*position as usize)
            .map_or(NormalKey::Other, NormalKey::new)
    };
    let start = by_key.partition_point(|position| key_at(position).cmp(&normal) == Ordering::Less);
    let same = by_key
        .iter()
        .skip(start)
        .take_while(|position| key_at(position) == normal)
        .map(|position| *position as usize);
    best(entries, wanted, normal, same)
}

fn best<'a>(
    entries: impl Keyed<'a>,
    wanted: Value<'_>,
    normal: NormalKey<'_>,
    positions: impl Iterator<Item = usize>,
) -> Option<usize> {
    let wanted = wanted.plain();
    let mut equal = None;
    for position in positions {
        let Some(key) = entries.key(position) else {
            continue;
        };
        if NormalKey::new(key) != normal {
            continue;
        }
        let key = key.plain();
        if std::mem::discriminant(&key) == std::mem::discriminant(&wanted) {
            return Some(position);
        }
        // An int or uint never finds a double key (map.go: "double keys are not supported").
        if !matches!(key, Value::Double(_)) && equal.is_none() {
            equal = Some(position);
        }
    }
    equal
}

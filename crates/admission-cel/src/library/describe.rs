//! Values in writing, with the name of its type at every level: `int:42`,
//! `list:[optional.none(), string:"a"]`. Values that look alike in JSON are told apart by it.

use std::fmt::Write as _;

use super::go::{general, quote, quote_bytes};
use super::time::rfc3339;
use crate::value::{StructValue, Value, runtime_name};

/// A value with its types. Scalars are written as Go writes them, entries of maps in the order of
/// their texts.
pub fn typed_text(value: Value<'_>) -> String {
    let value = value.plain();
    match value {
        Value::Optional(None) => "optional.none()".to_owned(),
        Value::Optional(Some(inner)) => format!("optional.of({})", typed_text(*inner)),
        Value::Struct(object) => structure(object),
        other => {
            if let Some(list) = other.as_list() {
                let items: Vec<String> = list.iter().map(typed_text).collect();
                format!("list:[{}]", items.join(", "))
            } else if let Some(map) = other.as_map() {
                let mut entries: Vec<String> = map
                    .iter()
                    .map(|(key, value)| format!("{}: {}", typed_text(key), typed_text(value)))
                    .collect();
                entries.sort_unstable();
                format!("map:{{{}}}", entries.join(", "))
            } else {
                format!("{}:{}", other.type_name(), scalar_text(other))
            }
        }
    }
}

/// A value that holds no others, as Go writes it.
pub(crate) fn scalar_text(value: Value<'_>) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(integer) => integer.to_string(),
        Value::Uint(integer) => integer.to_string(),
        Value::Double(number) => general(number),
        Value::String(text) => quote(text),
        Value::Bytes(bytes) => quote_bytes(bytes),
        Value::Duration(nanoseconds) => go_duration(nanoseconds),
        Value::Timestamp(timestamp) => rfc3339(timestamp),
        Value::Type(named) => runtime_name(named).to_owned(),
        Value::Quantity(quantity) => quantity.to_string(),
        Value::Ip(address) => address.to_string(),
        Value::Cidr(range) => range.to_string(),
        Value::Url(url) => url.to_string(),
        Value::Semver(version) => version.to_string(),
        Value::Format(format) => format.name().to_owned(),
        Value::Failure(text) => text.to_owned(),
        _ => "-".to_owned(),
    }
}

/// A patch with all of its members in order; other objects with those that are set.
fn structure(object: &StructValue<'_>) -> String {
    let field = |name: &str| {
        let mut fields = object.fields.iter();
        fields
            .find(|(set, _)| *set == name)
            .map(|(_, value)| *value)
    };
    if object.type_name != "JSONPatch" {
        let mut fields: Vec<String> = object
            .fields
            .iter()
            .map(|(name, value)| format!("{name}: {}", typed_text(*value)))
            .collect();
        fields.sort_unstable();
        return format!("{}:{{{}}}", object.type_name, fields.join(", "));
    }
    let text = |name| quote(field(name).and_then(Value::as_str).unwrap_or(""));
    let (op, path, from) = (text("op"), text("path"), text("from"));
    let value = field("value").map(|value| format!(", value: {}", typed_text(value)));
    let value = value.unwrap_or_default();
    format!("JSONPatch:{{op: {op}, path: {path}, from: {from}{value}}}")
}

/// A duration as Go's `time.Duration` prints itself: `1h0m0.5s`, `1.5µs`.
fn go_duration(nanoseconds: i64) -> String {
    let magnitude = nanoseconds.unsigned_abs();
    let mut text = String::from(if nanoseconds < 0 { "-" } else { "" });
    if magnitude == 0 {
        return "0s".to_owned();
    }
    if magnitude < 1_000_000_000 {
        let (unit, name) = match magnitude {
            0..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "µs"),
            _ => (1_000_000, "ms"),
        };
        push_decimal(&mut text, magnitude, unit);
        text.push_str(name);
        return text;
    }
    let seconds = magnitude / 1_000_000_000;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    // Writing to a `String` does not fail.
    if hours > 0 {
        let _ = write!(text, "{hours}h");
    }
    if hours > 0 || minutes > 0 {
        let _ = write!(text, "{minutes}m");
    }
    push_decimal(&mut text, magnitude % 60_000_000_000, 1_000_000_000);
    text.push('s');
    text
}

/// `amount / unit` without trailing zeros; `unit` is a power of ten.
fn push_decimal(text: &mut String, amount: u64, unit: u64) {
    let _ = write!(text, "{}", amount / unit);
    let fraction = amount % unit;
    if fraction > 0 {
        let width = unit.ilog10() as usize;
        let digits = format!("{fraction:0width$}");
        let _ = write!(text, ".{}", digits.trim_end_matches('0'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_go_writes_them() {
        for (nanoseconds, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_500, "1.5µs"),
            (-2_000_000, "-2ms"),
            (1_000_000_000, "1s"),
            (60_000_000_000, "1m0s"),
            (3_600_500_000_000, "1h0m0.5s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(go_duration(nanoseconds), text);
        }
    }

    #[test]
    fn types_show_at_every_level() {
        let inner = Value::Int(1);
        let items = [
            Value::Optional(Some(&inner)),
            Value::Uint(1),
            Value::String("a\n"),
        ];
        assert_eq!(
            typed_text(Value::List(&items)),
            r#"list:[optional.of(int:1), uint:1, string:"a\n"]"#
        );
    }
}

//! Doubles as Go's `encoding/json` and protobuf's `protojson` write them.

/// From this magnitude on the exponent is written out, and below the other.
const PLAIN: std::ops::Range<f64> = 1e-6..1e21;

/// The shortest text that reads back as the same number; `None` for what JSON cannot say.
pub(super) fn json(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    if number == 0.0 || PLAIN.contains(&number.abs()) {
        return Some(number.to_string());
    }
    let scientific = format!("{number:e}");
    Some(match scientific.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => scientific,
    })
}

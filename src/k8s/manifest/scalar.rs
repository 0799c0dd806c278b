//! Resolving plain scalars, as `sigs.k8s.io/yaml` does through its YAML 1.1 reader.

use admission_cel::json::Json;

/// Whether a plain scalar is a number that JSON cannot express.
pub fn is_not_finite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// The value of a plain scalar. Unresolved text is a string.
pub fn resolve<'a>(text: &'a str) -> Json<'a> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Json::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Json::Bool(false)
        }
        _ => number(text).unwrap_or(Json::String(text)),
    }
}

/// Whether a plain scalar is a number but not written as an integer.
pub fn is_fraction(text: &str) -> bool {
    let is_number = matches!(resolve(text), Json::Int(_) | Json::Double(_));
    let fits = |integer: i128| i64::try_from(integer).is_ok();
    is_number && !integer(&text.replace('_', "")).is_some_and(fits)
}

/// The text of a scalar that is a map key: keys are strings in JSON, whatever they look like.
pub fn key_text(text: &str) -> String {
    match resolve(text) {
        Json::Bool(flag) => flag.to_string(),
        Json::Int(integer) => integer.to_string(),
        Json::Double(number) => number.to_string(),
        _ => text.to_owned(),
    }
}

fn number<'a>(text: &str) -> Option<Json<'a>> {
    let first = text.bytes().next()?;
    if !(first.is_ascii_digit() || b"+-.".contains(&first)) {
        return None;
    }
    let plain = text.replace('_', "");
    match integer(&plain) {
        Some(integer) => i64::try_from(integer).map_or_else(
            |_| {
                u64::try_from(integer)
                    .ok()
                    .map(|large| Json::Double(large as f64))
            },
            |small| Some(Json::Int(small)),
        ),
        None => None,
    }
    .or_else(|| float(&plain).map(from_double))
}

/// A whole number is printed without a fraction on its way to JSON and read back as an integer.
fn from_double<'a>(number: f64) -> Json<'a> {
    let whole = number.fract() == 0.0 && number.abs() < WHOLE_MAX;
    if whole {
        Json::Int(number as i64)
    } else {
        Json::Double(number)
    }
}

/// From here on doubles no longer fit 64 bits as integers.
const WHOLE_MAX: f64 = 9_223_372_036_854_775_807.0;

fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = radix_of(digits);
    let valid = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    let magnitude = valid
        .then(|| i128::from_str_radix(digits, radix).ok())
        .flatten()?;
    Some(if negative { -magnitude } else { magnitude })
}

/// The base that a prefix announces, and the digits after it. A leading zero alone is octal, as in
/// file modes (`0644`).
fn radix_of(digits: &str) -> (u32, &str) {
    let prefixed = |prefixes: [&str; 2]| prefixes.iter().find_map(|p| digits.strip_prefix(p));
    if let Some(rest) = prefixed(["0x", "0X"]) {
        (16, rest)
    } else if let Some(rest) = prefixed(["0b", "0B"]) {
        (2, rest)
    } else if let Some(rest) = prefixed(["0o", "0O"]) {
        (8, rest)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, digits)
    } else {
        (10, digits)
    }
}

fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let shaped = unsigned.bytes().any(|byte| byte.is_ascii_digit())
        && unsigned
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    shaped
        .then(|| text.parse::<f64>().ok())
        .flatten()
        .filter(|number| number.is_finite())
}

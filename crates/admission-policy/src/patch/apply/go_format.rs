//! Values as Go prints them: structured-merge-diff shows them in its messages.

use std::fmt::Write as _;

use admission_cel::json::{Entry, Json};

/// As `%v` prints a value of structured-merge-diff: `&{x}`.
pub(super) fn shown(json: &Json<'_>) -> String {
    format!("&{{{}}}", plain(json))
}

/// As `%#v` prints it: `&value.valueUnstructured{Value:1}`.
pub(super) fn shown_with_type(json: &Json<'_>) -> String {
    format!("&value.valueUnstructured{{Value:{}}}", typed(json))
}

/// As `%T` prints what is in it.
pub(super) fn type_name(json: &Json<'_>) -> &'static str {
    match json {
        Json::Null => "<nil>",
        Json::Bool(_) => "bool",
        Json::Int(_) => "int64",
        Json::Double(_) => "float64",
        Json::String(_) => "string",
        Json::Array(_) => "[]interface {}",
        Json::Object(_) => "map[string]interface {}",
    }
}

/// As `%q` prints a string; exact for printable text.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            control if control.is_ascii_control() => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// As `value.ToString` of structured-merge-diff shows the value of a key.
pub(super) fn key_text(json: &Json<'_>) -> String {
    match json {
        Json::String(text) => quoted(text),
        Json::Double(number) => number.to_string(),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(key_text).collect();
            format!("[{}]", items.join(","))
        }
        Json::Object(object) => sorted(object.entries())
            .into_iter()
            .map(|entry| format!("{}={}", entry.key, key_text(&entry.value)))
            .collect(),
        other => other.to_string(),
    }
}

fn plain(json: &Json<'_>) -> String {
    match json {
        Json::Null => "<nil>".to_owned(),
        Json::String(text) => (*text).to_owned(),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            format!("[{}]", items.join(" "))
        }
        Json::Object(object) => {
            let entries = sorted(object.entries())
                .into_iter()
                .map(|entry| format!("{}:{}", entry.key, plain(&entry.value)));
            format!("map[{}]", entries.collect::<Vec<_>>().join(" "))
        }
        Json::Double(number) => number.to_string(),
        other => other.to_string(),
    }
}

fn typed(json: &Json<'_>) -> String {
    match json {
        Json::Null => "interface {}(nil)".to_owned(),
        Json::String(text) => quoted(text),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(typed).collect();
            format!("[]interface {{}}{{{}}}", items.join(", "))
        }
        Json::Object(object) => {
            let entries = sorted(object.entries())
                .into_iter()
                .map(|entry| format!("{}:{}", quoted(entry.key), typed(&entry.value)));
            format!(
                "map[string]interface {{}}{{{}}}",
                entries.collect::<Vec<_>>().join(", ")
            )
        }
        Json::Double(number) => number.to_string(),
        other => other.to_string(),
    }
}

fn sorted<'e, 'a>(entries: &'e [Entry<'a>]) -> Vec<&'e Entry<'a>> {
    let mut sorted: Vec<&Entry<'a>> = entries.iter().collect();
    sorted.sort_by_key(|entry| entry.key);
    sorted
}

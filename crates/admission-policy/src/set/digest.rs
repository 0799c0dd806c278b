//! The digest by which decisions name their policy set.

use admission_cel::json::Json;
use sha2::{Digest, Sha256};

/// What the API server adds to an object and what is no part of a policy's meaning: two copies of a
/// policy have one digest, whether they come from a file or from a cluster.
const SERVER_METADATA: &[&str] = &[
    "creationTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// The canonical form of a policy or binding: compact JSON with sorted keys, without `status` and
/// without what the API server sets in `metadata`.
pub(super) fn canonical(object: &Json<'_>) -> String {
    let mut text = String::new();
    write_object(
        object,
        &mut text,
        |key| key != "status",
        |key, value, text| {
            if key == "metadata" {
                write_object(
                    value,
                    text,
                    |key| !SERVER_METADATA.contains(&key),
                    |_, value, text| write(value, text),
                );
            } else {
                write(value, text);
            }
        },
    );
    text
}

/// SHA-256, in lower-case hex, over canonical forms in order, each followed by a newline.
pub(super) fn digest<'t>(canonical: impl Iterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in canonical {
        hash.update(text.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn write(value: &Json<'_>, text: &mut String) {
    match value {
        Json::Array(items) => {
            text.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Json::Object(_) => write_object(value, text, |_| true, |_, value, text| write(value, text)),
        scalar => text.push_str(&scalar.to_string()),
    }
}

fn write_object<'a>(
    value: &Json<'a>,
    text: &mut String,
    keep: impl Fn(&str) -> bool,
    member: impl Fn(&str, &Json<'a>, &mut String),
) {
    let Some(object) = value.as_object() else {
        return write(value, text);
    };
    let mut entries: Vec<_> = object
        .entries()
        .iter()
        .filter(|entry| keep(entry.key))
        .collect();
    entries.sort_by_key(|entry| entry.key);
    text.push('{');
    for (position, entry) in entries.into_iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        text.push_str(&Json::String(entry.key).to_string());
        text.push(':');
        member(entry.key, &entry.value, text);
    }
    text.push('}');
}

//! What makes a finding the same finding after its file has changed.
//!
//! Counted are the policy, the object (group, kind, namespace, name), the place in the object with
//! names in place of positions, and what was said. Not counted are the file, the line, the version
//! of the API, the binding, and what follows from the finding.

use std::fmt::Write as _;

use admission_cel::json::{Json, Path, PathSegment};
use admission_policy::finding::{Finding, Root};
use sha2::{Digest as _, Sha256};

use crate::audit::outcome::Subject;
use crate::audit::request::group_and_version;

/// Part of every fingerprint: another way to make them gets another number.
const VERSION: &str = "1";
/// Bytes of a fingerprint: enough that two findings never share one by chance.
pub const FINGERPRINT_BYTES: usize = 16;
/// Members by which Kubernetes tells the items of a list apart, the most telling first: several
/// mounts can name one volume, but not one path.
const NAMING_KEYS: [&str; 7] = [
    "mountPath",
    "devicePath",
    "name",
    "containerPort",
    "port",
    "ip",
    "topologyKey",
];

/// What stays the same about a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Lower-case hexadecimal, [`FINGERPRINT_BYTES`] bytes.
    pub fingerprint: String,
    /// The place in the object, with names in place of positions:
    /// `spec.containers[name=agent].image`.
    pub path: String,
}

impl Identity {
    /// Of a finding in an object. The message of a confidential policy is not part of it, since
    /// somebody could find out by trying what a fingerprint was made of.
    pub fn of(
        subject: &Subject,
        finding: &Finding,
        object: &Json<'_>,
        is_confidential: bool,
    ) -> Self {
        let path = finding.path.as_ref().map(|path| match finding.root {
            Root::Object => named(path, object),
            Root::OldObject => format!("{path} (before)"),
        });
        let path = path.unwrap_or_default();
        let (group, _) = group_and_version(&subject.api_version);
        let said = match is_confidential {
            true => format!("{}#{:?}", finding.reason, finding.validation),
            false => finding.message.clone(),
        };
        let parts = [
            VERSION,
            &finding.policy,
            group,
            &subject.kind,
            &subject.namespace,
            &subject.name,
            &path,
            &said,
        ];
        let mut hash = Sha256::new();
        for part in parts {
            // With its length, so that no two lists of parts are one text.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self {
            fingerprint: hexadecimal(hash.finalize().as_ref()),
            path,
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes.iter().take(FINGERPRINT_BYTES) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A path as printed, with `[name=agent]` for `[0]` where an item has a name of its own.
fn named(path: &Path, object: &Json<'_>) -> String {
    let mut text = String::new();
    let mut node = Some(object);
    for segment in &path.0 {
        let is_first = text.is_empty();
        match segment {
            PathSegment::Key(key) => {
                let one = Path::default().key(key).to_string();
                if !is_first && !one.starts_with('[') {
                    text.push('.');
                }
                text.push_str(&one);
                node = node.and_then(|node| node.get(key));
            }
            PathSegment::Index(index) => {
                let items = node.and_then(Json::as_array).unwrap_or_default();
                node = items.get(*index);
                text.push_str(&match name_among(items, *index) {
                    Some(name) => format!("[{name}]"),
                    None => format!("[{index}]"),
                });
            }
        }
    }
    text
}

/// What tells an item from all others, if anything does.
fn name_among(items: &[Json<'_>], index: usize) -> Option<String> {
    let item = items.get(index)?;
    NAMING_KEYS.iter().find_map(|key| {
        let value = scalar(item.get(key)?)?;
        let is_shared = |(other, found): (usize, &Json<'_>)| {
            other != index && found.get(key).and_then(scalar).as_ref() == Some(&value)
        };
        (!items.iter().enumerate().any(is_shared)).then(|| format!("{key}={value}"))
    })
}

fn scalar(value: &Json<'_>) -> Option<String> {
    match value.as_str() {
        Some(text) => Some(text.to_owned()),
        None => value.as_int().map(|number| number.to_string()),
    }
}

#[cfg(test)]
mod tests;

//! Digests of what decisions are about. Over which bytes each is: `docs/evidence/record-v1.md`.

use std::fmt;

use admission_cel::json::Json;
use admission_policy::patch::Operation;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use super::canonical::{digest, digest_of_patch, digest_of_shown};

const PREFIX: &str = "sha256:";
const TEXT_BYTES: usize = PREFIX.len() + 64;

/// A SHA-256 digest; as text `sha256:` and lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of bytes as they are.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The leaf hash of a log entry (RFC 6962, section 2.1).
    pub fn of_leaf(entry: &[u8]) -> Self {
        let mut hash = Sha256::new();
        hash.update([0]);
        hash.update(entry);
        Self(hash.finalize().into())
    }

    /// Of an object: what a client reads back unless somebody changed it.
    pub fn of_object(object: &Json<'_>) -> Self {
        let text = |key: &str| object.get(key).and_then(Json::as_str);
        let is_secret = (text("apiVersion"), text("kind")) == (Some("v1"), Some("Secret"));
        // Without what changes by itself, and without what could be guessed from a digest.
        Self(digest_of_shown(object, |parent, key| match (parent, key) {
            (None, "status") | (Some("metadata"), "managedFields" | "resourceVersion") => false,
            // An annotation of kubectl holds the data once more.
            (None, "data" | "stringData") | (Some("metadata"), "annotations") => !is_secret,
            _ => true,
        }))
    }

    /// Of the operations of a patch.
    pub fn of_patch(operations: &[Operation<'_>]) -> Self {
        Self(digest_of_patch(operations))
    }

    /// Of JSON in canonical form.
    pub fn of_json(value: &Json<'_>) -> Self {
        Self(digest(value))
    }

    /// From 64 hexadecimal digits, with the prefix or without.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(PREFIX).unwrap_or(text).as_bytes();
        let mut bytes = [0; 32];
        let (pairs, rest) = digits.as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = (nibble(*high)? << 4) | nibble(*low)?;
        }
        Some(Self(bytes))
    }

    /// Runs something with the text. Every record has some, and none needs memory of its own.
    fn with_text<T>(&self, run: impl FnOnce(&str) -> T) -> T {
        let mut text = [0; TEXT_BYTES];
        let (prefix, digits) = text.split_at_mut(PREFIX.len());
        prefix.copy_from_slice(PREFIX.as_bytes());
        let (pairs, _) = digits.as_chunks_mut::<2>();
        for (pair, byte) in pairs.iter_mut().zip(self.0) {
            *pair = [digit(byte >> 4), digit(byte & 0xf)];
        }
        // It is ASCII.
        run(std::str::from_utf8(&text).unwrap_or_default())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

fn digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + nibble - 10,
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| formatter.write_str(text))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.with_text(|text| serializer.serialize_str(text))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if !text.starts_with(PREFIX) {
            return Err(de::Error::custom(format!(
                "`{text}` is no digest: expected {PREFIX}…"
            )));
        }
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is no digest")))
    }
}

#[cfg(test)]
mod tests {
    use admission_cel::json::Json;
    use bumpalo::Bump;

    use super::Digest;

    fn of(text: &str) -> Digest {
        let arena = Bump::new();
        Digest::of_object(Json::parse(text.as_bytes(), &arena).unwrap())
    }

    #[test]
    fn what_the_api_server_and_controllers_change_is_left_out() {
        let admitted = of(
            r#"{"kind": "Job", "metadata": {"name": "a", "uid": "1"}, "spec": {"suspend": false}}"#,
        );
        let stored = of(
            r#"{"metadata": {"uid": "1", "name": "a", "resourceVersion": "7", "managedFields": []},
                "status": {"active": 1}, "spec": {"suspend": false}, "kind": "Job"}"#,
        );
        assert_eq!(admitted, stored);
        let changed = of(
            r#"{"kind": "Job", "metadata": {"name": "a", "uid": "1"}, "spec": {"suspend": true}}"#,
        );
        assert_ne!(admitted, changed);
        assert_eq!(
            admitted,
            Digest::of(
                br#"{"kind":"Job","metadata":{"name":"a","uid":"1"},"spec":{"suspend":false}}"#
            )
        );
    }

    #[test]
    fn data_of_secrets_cannot_be_guessed_from_a_digest() {
        let secret = |data: &str| {
            of(&format!(
                r#"{{"apiVersion": "v1", "kind": "Secret", "metadata": {{"name": "a",
                    "annotations": {{"kubectl.kubernetes.io/last-applied-configuration": "{data}"}}}},
                    "data": {{"key": "{data}"}}, "stringData": {{"key": "{data}"}}}}"#
            ))
        };
        assert_eq!(secret("aGVsbG8="), secret("MTIzNA=="));
    }

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let digest = Digest::of_leaf(b"");
        let text = digest.to_string();
        assert_eq!(
            text,
            "sha256:6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(Digest::parse(&text), Some(digest));
        let (short, long) = (text.trim_end_matches('d'), format!("{text}0"));
        for wrong in ["", "sha256:", "sha256:6E", short, &long] {
            assert_eq!(Digest::parse(wrong), None, "{wrong}");
        }
        let without = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        assert!(serde_json::from_value::<Digest>(without.into()).is_err());
    }
}

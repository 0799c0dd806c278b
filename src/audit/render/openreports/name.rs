//! Names and texts that an API server takes.

use sha2::{Digest as _, Sha256};

use crate::audit::render::PROGRAM;

/// Characters of kind and name in the name of a report; the name as a whole fits into a label.
const READABLE_MAX: usize = 40;
/// Bytes of the digest, two characters each.
const DIGEST_BYTES: usize = 5;

/// A DNS label that is always the same for the same object: kind and name for people, a digest of
/// what identifies the object for the rest.
pub fn of(kind: &str, name: &str, identity: &[&str]) -> String {
    let mut readable = String::new();
    let characters = kind.chars().chain(['-']).chain(name.chars());
    for character in characters.take(READABLE_MAX) {
        match character.to_ascii_lowercase() {
            taken @ ('a'..='z' | '0'..='9') => readable.push(taken),
            _ if readable.ends_with('-') || readable.is_empty() => {}
            _ => readable.push('-'),
        }
    }
    let mut parts = vec![PROGRAM.to_owned()];
    let readable = readable.trim_end_matches('-');
    if !readable.is_empty() {
        parts.push(readable.to_owned());
    }
    parts.push(digest(identity));
    parts.join("-")
}

fn digest(identity: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in identity {
        // With its length: what ends one part cannot begin the next.
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let bytes = hash.finalize();
    let bytes = bytes.iter().take(DIGEST_BYTES);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a namespace of this name can exist: a DNS label (RFC 1123).
pub fn can_be_namespace(name: &str) -> bool {
    let is_taken = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&name.len())
        && name.bytes().all(is_taken)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

/// At most so many bytes of a text, with a sign where something is missing.
pub fn cut(text: &str, bytes_max: usize) -> String {
    const SIGN: &str = "…";
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(bytes_max.saturating_sub(SIGN.len()));
    format!("{}{SIGN}", text.get(..end).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_labels_whatever_the_object_is_called() {
        let long = "x".repeat(500);
        for (kind, name) in [
            ("Job", "incident-agent"),
            ("CronJob", ""),
            ("Job", "a.b_c*"),
            ("Job", "<script>alert(1)</script>"),
            ("Job", "--"),
            ("", ""),
            ("Ünicode", "名前"),
            ("Pod", long.as_str()),
        ] {
            let report = of(kind, name, &[kind, name]);
            assert!(can_be_namespace(&report), "{report}");
            assert!(report.starts_with("cattlegrid-"), "{report}");
            assert!(!report.contains("--"), "{report}");
        }
        assert_eq!(
            of("Job", "incident-agent", &["batch"]),
            "cattlegrid-job-incident-agent-f3bd073f57"
        );
    }

    #[test]
    fn objects_that_read_alike_have_different_names() {
        let names = [["a", "bc"], ["ab", "c"], ["", "abc"]].map(|parts| of("Job", "a", &parts));
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[test]
    fn namespaces_that_cannot_exist_are_told_from_those_that_can() {
        let long = "a".repeat(64);
        for (name, expected) in [
            ("triage", true),
            ("a-1", true),
            ("", false),
            ("-a", false),
            ("a-", false),
            ("A", false),
            ("a.b", false),
            ("a b", false),
            (&long, false),
        ] {
            assert_eq!(can_be_namespace(name), expected, "{name}");
        }
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("ééééé", 8), "éé…");
    }
}

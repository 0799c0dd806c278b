//! What names, keys and label values may look like, after
//! `k8s.io/apimachinery/pkg/util/validation`. Each function gives the reason why a text is not
//! allowed.

use admission_cel::escape::RESERVED;

const SUBDOMAIN: &str = "must be lower-case letters, digits, `-` and `.`, begin and end with a \
                         letter or digit (an RFC 1123 subdomain), and have at most 253 characters";
const LABEL_1123: &str = "must be lower-case letters, digits and `-`, begin and end with a letter \
                          or digit (an RFC 1123 label), and have at most 63 characters";
const LABEL_1035: &str = "must be lower-case letters, digits and `-`, begin with a letter, end \
                          with a letter or digit (an RFC 1035 label), and have at most 63 characters";
const QUALIFIED: &str = "must be letters, digits, `-`, `_` and `.`, begin and end with a letter or \
                         digit, have at most 63 characters, and may have a DNS subdomain and `/` \
                         before it";
const LABEL_VALUE: &str = "must be letters, digits, `-`, `_` and `.`, begin and end with a letter \
                           or digit, and have at most 63 characters";

/// An RFC 1123 subdomain, as the names of policies are.
pub(super) fn dns_subdomain(text: &str) -> Option<&'static str> {
    let valid = text.len() <= 253 && text.split('.').all(|label| is_dns_label(label, false));
    (!valid).then_some(SUBDOMAIN)
}

/// An RFC 1123 label, as the names of namespaces are.
pub(super) fn dns_label(text: &str) -> Option<&'static str> {
    let valid = text.len() <= 63 && is_dns_label(text, false);
    (!valid).then_some(LABEL_1123)
}

/// An RFC 1035 label.
pub(super) fn dns_1035_label(text: &str) -> Option<&'static str> {
    let valid = text.len() <= 63 && is_dns_label(text, true);
    (!valid).then_some(LABEL_1035)
}

fn is_dns_label(label: &str, begins_with_letter: bool) -> bool {
    let inner = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let (Some(first), Some(last)) = (label.as_bytes().first(), label.as_bytes().last()) else {
        return false;
    };
    let starts = if begins_with_letter {
        first.is_ascii_lowercase()
    } else {
        inner(first)
    };
    starts && inner(last) && label.bytes().all(|byte| inner(&byte) || byte == b'-')
}

/// A name with an optional prefix, as label keys are.
pub(super) fn qualified_name(text: &str) -> Option<&'static str> {
    let (prefix, name) = match text.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    let valid = !name.is_empty()
        && is_name_part(name)
        && prefix.is_none_or(|prefix| dns_subdomain(prefix).is_none());
    (!valid).then_some(QUALIFIED)
}

/// A label's value; may be empty.
pub(super) fn label_value(text: &str) -> Option<&'static str> {
    let valid = text.is_empty() || is_name_part(text);
    (!valid).then_some(LABEL_VALUE)
}

fn is_name_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// A name that can be part of a URL path.
pub(super) fn path_segment(text: &str) -> Option<&'static str> {
    match text {
        "." | ".." => Some("must not be `.` or `..`"),
        text if text.contains(['/', '%']) => Some("must not contain `/` or `%`"),
        _ => None,
    }
}

/// A CEL identifier.
pub(super) fn cel_identifier(text: &str) -> Option<&'static str> {
    let letters = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let valid = text.bytes().next().is_some_and(letters)
        && text
            .bytes()
            .all(|byte| letters(byte) || byte.is_ascii_digit())
        && !RESERVED.contains(&text);
    (!valid).then_some("must be a valid CEL identifier")
}

#[cfg(test)]
mod tests;

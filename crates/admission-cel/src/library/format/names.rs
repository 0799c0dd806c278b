//! Names of Kubernetes objects and labels, with the texts of
//! `k8s.io/apimachinery/pkg/util/validation/validation.go` and `pkg/api/validate/content`. Names are
//! bytes here, since a prefix is cut at a byte.

const LABEL_BYTES_MAX: usize = 63;
const SUBDOMAIN_BYTES_MAX: usize = 253;

const DNS1123_LABEL: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const DNS1123_SUBDOMAIN: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const DNS1035_LABEL: &str = "[a-z]([-a-z0-9]*[a-z0-9])?";
const LABEL_KEY: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE: &str = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";

const LABEL_KEY_RULE: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must \
                              start and end with an alphanumeric character";
const LABEL_KEY_EXAMPLES: &[&str] = &["MyName", "my.name", "123-abc"];

/// What a trailing dash of a name prefix is replaced by before the name is judged, together with
/// the byte before it (`maskTrailingDash`).
pub(super) fn without_dash(name: &str) -> Vec<u8> {
    match name.as_bytes() {
        [head @ .., _, b'-'] => [head, b"a"].concat(),
        other => other.to_vec(),
    }
}

fn is_lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// Whether the first byte is a `start`, the last an `end`, and those between are `inner`.
fn is_framed(
    name: &[u8],
    start: fn(u8) -> bool,
    inner: fn(u8) -> bool,
    end: fn(u8) -> bool,
) -> bool {
    match name {
        [] => false,
        [only] => start(*only),
        [first, middle @ .., last] => {
            start(*first) && middle.iter().all(|byte| inner(*byte)) && end(*last)
        }
    }
}

fn matches_dns1123_label(name: &[u8]) -> bool {
    is_framed(
        name,
        is_lower_alphanumeric,
        |byte| is_lower_alphanumeric(byte) || byte == b'-',
        is_lower_alphanumeric,
    )
}

fn matches_dns1123_subdomain(name: &[u8]) -> bool {
    name.split(|byte| *byte == b'.').all(matches_dns1123_label)
}

fn matches_label_key(name: &[u8]) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_alphanumeric();
    is_framed(
        name,
        alphanumeric,
        |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'),
        alphanumeric,
    )
}

/// Whether a name is a DNS label (RFC 1123).
pub(crate) fn is_dns1123_label(name: &str) -> bool {
    dns1123_label(name.as_bytes()).is_empty()
}

/// Whether a name is a DNS subdomain (RFC 1123).
pub(crate) fn is_dns1123_subdomain(name: &str) -> bool {
    dns1123_subdomain(name.as_bytes()).is_empty()
}

fn too_long(name: &[u8], max: usize) -> Option<String> {
    (name.len() > max).then(|| format!("must be no more than {max} bytes"))
}

/// A rule with examples and the pattern that states it.
fn broken_rule(rule: &str, pattern: &str, examples: &[&str]) -> String {
    let mut text = format!("{rule} (e.g. ");
    for (position, example) in examples.iter().enumerate() {
        if position > 0 {
            text.push_str(" or ");
        }
        text.push_str(&format!("'{example}', "));
    }
    text.push_str(&format!("regex used for validation is '{pattern}')"));
    text
}

pub(super) fn dns1123_label(name: &[u8]) -> Vec<String> {
    let mut problems = Vec::from_iter(too_long(name, LABEL_BYTES_MAX));
    if !matches_dns1123_label(name) {
        problems.push(if matches_dns1123_subdomain(name) {
            "must not contain dots".to_owned()
        } else {
            broken_rule(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or \
                 '-', and must start and end with an alphanumeric character",
                DNS1123_LABEL,
                &["my-name", "123-abc"],
            )
        });
    }
    problems
}

pub(super) fn dns1123_subdomain(name: &[u8]) -> Vec<String> {
    let mut problems = Vec::from_iter(too_long(name, SUBDOMAIN_BYTES_MAX));
    if !matches_dns1123_subdomain(name) {
        problems.push(broken_rule(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \
             '-' or '.', and must start and end with an alphanumeric character",
            DNS1123_SUBDOMAIN,
            &["example.com"],
        ));
    }
    problems
}

pub(super) fn dns1035_label(name: &[u8]) -> Vec<String> {
    let mut problems = Vec::from_iter(too_long(name, LABEL_BYTES_MAX));
    let matches = is_framed(
        name,
        |byte| byte.is_ascii_lowercase(),
        |byte| is_lower_alphanumeric(byte) || byte == b'-',
        is_lower_alphanumeric,
    );
    if !matches {
        problems.push(broken_rule(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start \
             with an alphabetic character, and end with an alphanumeric character",
            DNS1035_LABEL,
            &["my-name", "abc-123"],
        ));
    }
    problems
}

/// A label key: a name, and before it perhaps a DNS subdomain and a slash.
pub(super) fn qualified_name(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let (prefix, name) = match text.split_once('/') {
        None => (None, text),
        Some((prefix, name)) if !name.contains('/') => (Some(prefix), name),
        Some(_) => {
            let rule = broken_rule(LABEL_KEY_RULE, LABEL_KEY, LABEL_KEY_EXAMPLES);
            return vec![format!(
                "a valid label key {rule} with an optional DNS subdomain prefix and '/' (e.g. \
                 'example.com/MyName')"
            )];
        }
    };
    match prefix {
        Some("") => problems.push("prefix part must be non-empty".to_owned()),
        Some(prefix) => problems.extend(
            dns1123_subdomain(prefix.as_bytes())
                .into_iter()
                .map(|problem| format!("prefix part {problem}")),
        ),
        None => {}
    }
    if name.is_empty() {
        problems.push("name part must be non-empty".to_owned());
    } else if let Some(problem) = too_long(name.as_bytes(), LABEL_BYTES_MAX) {
        problems.push(format!("name part {problem}"));
    }
    if !matches_label_key(name.as_bytes()) {
        let rule = broken_rule(LABEL_KEY_RULE, LABEL_KEY, LABEL_KEY_EXAMPLES);
        problems.push(format!("name part {rule}"));
    }
    problems
}

pub(super) fn label_value(text: &str) -> Vec<String> {
    let mut problems = Vec::from_iter(too_long(text.as_bytes(), LABEL_BYTES_MAX));
    if !text.is_empty() && !matches_label_key(text.as_bytes()) {
        problems.push(broken_rule(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', \
             '_' or '.', and must start and end with an alphanumeric character",
            LABEL_VALUE,
            &["MyValue", "my_value", "12345"],
        ));
    }
    problems
}

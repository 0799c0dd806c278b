use super::*;

/// Checks which texts a rule allows.
fn check(rule: fn(&str) -> Option<&'static str>, allowed: &[&str], refused: &[&str]) {
    for text in allowed {
        assert_eq!(rule(text), None, "`{text}`");
    }
    for text in refused {
        assert!(rule(text).is_some(), "`{text}`");
    }
}

#[test]
fn subdomains_are_dns_labels_with_dots_between() {
    let (fits, long) = ("a".repeat(253), "a".repeat(254));
    check(
        dns_subdomain,
        &["a", "a-b", "a.b.c", "1", "host-paths", &fits],
        &["", "A", "a_b", "-a", "a-", "a..b", ".a", "a.", "a b", &long],
    );
}

#[test]
fn rfc_1035_labels_begin_with_a_letter() {
    let (fits, long) = ("a".repeat(63), "a".repeat(64));
    check(
        dns_1035_label,
        &["v1", "a-b", &fits],
        &["", "1a", "a.b", "A", "a-", &long],
    );
}

#[test]
fn qualified_names_may_have_a_prefix() {
    let (fits, long) = ("a".repeat(63), "a".repeat(64));
    check(
        qualified_name,
        &["a", "A_b.c-d", "x.io/a", "x.io/A", "1", &fits],
        &["", "/a", "a/", "a/b/c", "X.io/a", "-a", "a b", &long],
    );
}

#[test]
fn label_values_may_be_empty() {
    check(
        label_value,
        &["", "a", "A_b.c-d"],
        &["-a", "a/b", "a b", "ä"],
    );
}

#[test]
fn path_segments_cannot_leave_their_directory() {
    check(
        path_segment,
        &["a", "a.b", "A:b"],
        &[".", "..", "a/b", "a%b"],
    );
}

#[test]
fn identifiers_are_no_reserved_words() {
    check(
        cel_identifier,
        &["a", "_a1", "In"],
        &["", "1a", "a-b", "in", "if", "namespace"],
    );
}

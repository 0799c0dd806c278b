//! The format, both ways.

use super::*;

fn entry(object: &str, times: usize, digit: char) -> Entry {
    Entry {
        policy: "host-paths".to_owned(),
        object: object.to_owned(),
        path: "spec.volumes[name=x: y].hostPath".to_owned(),
        message: "the agent would get the node's /run; use an in-memory emptyDir".to_owned(),
        action: Action::Deny,
        times,
        fingerprint: digit.to_string().repeat(2 * FINGERPRINT_BYTES),
    }
}

#[test]
fn what_is_written_is_read_back_from_yaml_and_json() {
    let entries = [entry("Job a/b", 1, 'a'), entry("Job a/c-*", 2, '0')];
    for name in ["accepted.yaml", "accepted.json"] {
        let text = text(Path::new(name), &entries).unwrap();
        assert_eq!(parse(&text).unwrap(), entries, "{text}");
    }
}

#[test]
fn what_nobody_can_have_meant_is_refused() {
    let fingerprint = "a".repeat(2 * FINGERPRINT_BYTES);
    let entry = format!("{{policy: p, object: o, action: deny, fingerprint: {fingerprint}}}");
    let file = |findings: &str| format!("version: accepted/v1\nfindings: [{findings}]\n");
    for (text, expected) in [
        ("", ""),
        ("[]", ""),
        ("version: accepted/v2\nfindings: []\n", "accepted/v2"),
        (&file(&format!("{entry}, {entry}")), "twice"),
        (&file(&entry.replace(&fingerprint, "abc")), "no fingerprint"),
        (&file(&entry.replace("deny", "refuse")), "refuse"),
        (
            &file(&entry.replace("{policy", "{times: 0, policy")),
            "`times` is 0",
        ),
        (&file(&entry.replace("{policy", "{line: 4, policy")), "line"),
    ] {
        let error = format!("{:#}", parse(text).unwrap_err());
        assert!(error.contains(expected), "{text}: {error}");
    }
    assert!(parse(&file(&entry)).is_ok());
}

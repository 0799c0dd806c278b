//! Findings as lines of text.

use admission_policy::finding::{Finding, Root, Verdict};

/// One line per finding: `[policy] path: message`. Line breaks inside are folded, since kubectl
/// shows the first line only; what would steer a terminal is escaped, since paths and messages
/// repeat what a user wrote.
pub fn line(finding: &Finding) -> String {
    let message = match &finding.verdict {
        Verdict::NotEvaluated(why) => format!("not evaluated: {why}"),
        _ => finding.message.clone(),
    };
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = match (&finding.path, finding.root) {
        (Some(path), Root::Object) if !path.0.is_empty() => {
            format!("[{}] {path}: {message}", finding.policy)
        }
        (Some(path), Root::OldObject) if !path.0.is_empty() => {
            format!("[{}] {path} (before): {message}", finding.policy)
        }
        _ => format!("[{}] {message}", finding.policy),
    };
    without_controls(line)
}

/// A text with what would steer a terminal escaped, line breaks included.
pub(crate) fn without_controls(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_nothing_that_steers_a_terminal() {
        let finding = Finding {
            policy: "volumes".into(),
            binding: "volumes".into(),
            validation: None,
            verdict: Verdict::Fail,
            root: Root::Object,
            path: Some(admission_cel::json::Path::default().key("no\n[forged] fs")),
            reason: String::new(),
            message: "no \u{1b}[2J\nhere".to_owned(),
            remediation: None,
            exception: None,
        };
        assert_eq!(
            line(&finding),
            "[volumes] [no\\n[forged] fs]: no \\u{1b}[2J here"
        );
    }
}

//! Findings as lines of text.

use admission_policy::finding::{Finding, Root, Verdict};

/// One line per finding: `[policy] path: message`. Line breaks inside are folded, since kubectl
/// shows the first line only.
pub fn line(finding: &Finding) -> String {
    let message = match &finding.verdict {
        Verdict::NotEvaluated(why) => format!("not evaluated: {why}"),
        _ => finding.message.clone(),
    };
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match (&finding.path, finding.root) {
        (Some(path), Root::Object) if !path.0.is_empty() => {
            format!("[{}] {path}: {message}", finding.policy)
        }
        (Some(path), Root::OldObject) if !path.0.is_empty() => {
            format!("[{}] {path} (before): {message}", finding.policy)
        }
        _ => format!("[{}] {message}", finding.policy),
    }
}

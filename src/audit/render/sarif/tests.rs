//! What is kept where there is too much.

use admission_policy::finding::{Finding, Root, Verdict};

use super::*;
use crate::audit::accepted::identity::Identity;

fn found(severity: Severity, is_accepted: bool) -> Found {
    Found {
        severity,
        action: severity,
        is_accepted,
        is_confidential: false,
        hidden_lines: None,
        identity: Identity::default(),
        finding: Finding {
            policy: severity.name().into(),
            binding: "".into(),
            validation: Some(0),
            verdict: Verdict::Fail,
            root: Root::Object,
            path: None,
            reason: String::new(),
            message: "no".to_owned(),
            remediation: None,
            exception: None,
        },
        place: None,
    }
}

fn add(results: &mut Results, severity: Severity, is_accepted: bool) {
    let location = model::Location {
        physical_location: None,
        logical_locations: Vec::new(),
    };
    let found = found(severity, is_accepted);
    results.add(&found, result(&found, "", location));
}

#[test]
fn the_gravest_results_are_kept_whatever_came_first() {
    let mut results = Results::default();
    add(&mut results, Severity::Deny, true);
    for _ in 0..RESULTS_MAX {
        add(&mut results, Severity::Audit, false);
    }
    for _ in 0..3 {
        add(&mut results, Severity::Deny, false);
    }
    add(&mut results, Severity::Audit, false);
    let numbers: Vec<_> = results
        .by_gravity
        .iter()
        .map(|(gravity, results)| (*gravity, results.len()))
        .collect();
    assert_eq!(
        numbers,
        [
            ((false, Severity::Deny), 3),
            ((false, Severity::Audit), RESULTS_MAX - 3)
        ]
    );
    assert_eq!((results.kept, results.left_out), (RESULTS_MAX, 5));
}

#[test]
fn many_notifications_are_counted() {
    let mut notifications = Notifications::default();
    for _ in 0..NOTIFICATIONS_MAX + 7 {
        let one = model::Notification::new("unreadable", "error", String::new(), Vec::new());
        notifications.add(one);
    }
    assert_eq!(notifications.left_out, 7);
    assert_eq!(notifications.all("inputs").len(), NOTIFICATIONS_MAX + 1);
}

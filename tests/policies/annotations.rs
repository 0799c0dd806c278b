//! The annotations that reference pages and evidence are made from.

use serde_json::Value;

use crate::folders;

/// Every policy has them.
const REQUIRED: [&str; 4] = [
    "cattlegrid.dev/title",
    "cattlegrid.dev/rationale",
    "cattlegrid.dev/remediation",
    "cattlegrid.dev/controls",
];

fn annotation<'p>(policy: &'p Value, key: &str) -> &'p str {
    let value = policy["metadata"]["annotations"][key].as_str();
    value.unwrap_or_else(|| panic!("{} has no annotation {key}", policy["metadata"]["name"]))
}

#[test]
fn every_policy_says_what_it_does_why_what_to_do_and_which_controls_it_supports() {
    for folder in folders::all() {
        for key in REQUIRED {
            let text = annotation(&folder.policy, key);
            assert!(!text.trim().is_empty(), "{key} of {} is empty", folder.id);
            assert_eq!(
                text.trim(),
                text,
                "{key} of {}: spaces around it",
                folder.id
            );
        }
    }
}

#[test]
fn a_title_is_one_sentence_without_a_full_stop() {
    for folder in folders::all() {
        let title = annotation(&folder.policy, "cattlegrid.dev/title");
        assert!(
            !title.ends_with('.') && !title.contains(". "),
            "{}: {title}",
            folder.id
        );
        assert!(
            !title.contains('\n') && title.chars().count() <= 100,
            "{}: {title}",
            folder.id
        );
        assert!(
            title.starts_with(char::is_uppercase),
            "{}: {title}",
            folder.id
        );
    }
}

#[test]
fn controls_are_ids_of_nist_sp_800_53() {
    let id = regex::Regex::new(r"^[A-Z]{2}-[1-9][0-9]?(\([1-9][0-9]?\))?( \(supplemental\))?$");
    let id = id.unwrap();
    for folder in folders::all() {
        let controls = annotation(&folder.policy, "cattlegrid.dev/controls");
        let ids: Vec<&str> = controls.split(", ").collect();
        for control in &ids {
            assert!(id.is_match(control), "{}: `{control}`", folder.id);
        }
        let mut sorted = ids.clone();
        sorted.dedup();
        assert_eq!(sorted, ids, "{}: a control is named twice", folder.id);
    }
}

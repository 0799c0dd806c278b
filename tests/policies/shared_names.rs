//! What has the same name has the same text in every policy.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::folders;

/// Match conditions of every policy.
const CONDITIONS_OF_ALL: [&str; 2] = ["not-a-mirror-pod", "changed"];

/// Names by text by policies that have it.
type Texts = BTreeMap<String, BTreeMap<String, Vec<String>>>;

fn collect(field: &str) -> Texts {
    let mut texts = Texts::new();
    for folder in folders::all() {
        let entries = folder.policy["spec"][field]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for entry in &entries {
            let text = |key: &str| entry[key].as_str().unwrap().to_owned();
            let policies = texts.entry(text("name")).or_default();
            policies
                .entry(text("expression"))
                .or_default()
                .push(folder.id.clone());
        }
    }
    texts
}

fn assert_one_text_each(texts: &Texts) {
    let mut different = Vec::new();
    for (name, variants) in texts.iter().filter(|(_, variants)| variants.len() > 1) {
        for (text, policies) in variants {
            different.push(format!("`{name}` in {}:\n{text}", policies.join(", ")));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n\n"));
}

#[test]
fn variables_of_the_same_name_have_the_same_expression() {
    assert_one_text_each(&collect("variables"));
}

#[test]
fn match_conditions_of_the_same_name_have_the_same_expression() {
    assert_one_text_each(&collect("matchConditions"));
}

#[test]
fn every_policy_leaves_out_mirror_pods_and_updates_that_change_nothing_judged() {
    for folder in folders::all() {
        let conditions = folder.policy["spec"]["matchConditions"].as_array().unwrap();
        let names: Vec<&Value> = conditions
            .iter()
            .map(|condition| &condition["name"])
            .collect();
        for wanted in CONDITIONS_OF_ALL {
            assert!(
                names.iter().any(|name| *name == wanted),
                "{} lacks {wanted}",
                folder.id
            );
        }
    }
}

#[test]
fn the_variables_that_policies_share_are_documented() {
    let readme = std::fs::read_to_string(folders::root().join("README.md")).unwrap();
    for (name, variants) in collect("variables") {
        let policies: usize = variants.values().map(Vec::len).sum();
        let documented = readme.lines().any(|line| {
            line.starts_with('|')
                && line.split('|').nth(1).is_some_and(|cell| {
                    cell.split(',')
                        .any(|word| word.trim() == format!("`{name}`"))
                })
        });
        assert!(
            policies < 3 || documented,
            "`{name}` is in {policies} policies and not in policies/README.md"
        );
    }
}

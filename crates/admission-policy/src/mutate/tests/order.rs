//! Who sees what: the order of mutations and policies, and their repetition.

use super::*;

fn label(name: &str, value: &str) -> Value {
    configuration(&format!(
        "Object{{metadata: Object.metadata{{labels: {{'{name}': {value}}}}}}}"
    ))
}

const COUNT: &str = "string(size(object.metadata.labels))";

#[test]
fn mutations_and_policies_see_what_earlier_ones_did() {
    let mut documents = policy("b", json!({"mutations": [label("third", COUNT)]}));
    documents.extend(policy(
        "a",
        json!({"mutations": [label("first", COUNT), label("second", COUNT)]}),
    ));
    let result = run(&set_of(&documents), &World::creating(pod(json!({}))));
    let expected = json!({"first": "0", "second": "1", "third": "2"});
    assert_eq!(result.labels(), &expected);
    assert_eq!(result.applied, ["a", "b"]);
}

#[test]
fn variables_are_evaluated_anew_for_every_mutation() {
    let set = set_of(&policy(
        "p",
        json!({
            "variables": [{"name": "count", "expression": COUNT}],
            "mutations": [label("first", "variables.count"), label("second", "variables.count")],
        }),
    ));
    let result = run(&set, &World::creating(pod(json!({}))));
    assert_eq!(result.labels(), &json!({"first": "0", "second": "1"}));
}

#[test]
fn match_conditions_see_what_earlier_policies_did() {
    let mut documents = policy("a", json!({"mutations": [label("first", "'yes'")]}));
    documents.extend(policy(
        "b",
        json!({
            "matchConditions": [
                {"name": "first", "expression": "has(object.metadata.labels.first)"},
            ],
            "mutations": [label("second", "'yes'")],
        }),
    ));
    let result = run(&set_of(&documents), &World::creating(pod(json!({}))));
    assert_eq!(result.labels(), &json!({"first": "yes", "second": "yes"}));
}

/// Policy `a` copies what policy `b` sets.
fn copying(reinvocation: &str) -> PolicySet {
    let mut documents = policy(
        "a",
        json!({
            "reinvocationPolicy": reinvocation,
            "mutations": [label("copied", "object.metadata.labels[?'set'].orValue('nothing')")],
        }),
    );
    documents.extend(policy(
        "b",
        json!({"mutations": [label("set", "'something'")]}),
    ));
    set_of(&documents)
}

#[test]
fn a_policy_is_repeated_if_it_asks_for_it() {
    for (reinvocation, copied) in [("Never", "nothing"), ("IfNeeded", "something")] {
        let result = run(&copying(reinvocation), &World::creating(pod(json!({}))));
        assert_eq!(
            result.labels(),
            &json!({"copied": copied, "set": "something"}),
            "{reinvocation}"
        );
        assert_eq!(result.applied, ["a", "b"]);
    }
}

#[test]
fn a_policy_that_is_repeated_runs_twice_at_most() {
    let set = set_of(&policy(
        "p",
        json!({
            "reinvocationPolicy": "IfNeeded",
            "mutations": [configuration(
                "Object{metadata: Object.metadata{labels: {
                    'n': object.metadata.labels[?'n'].orValue('') + 'x'}}}",
            )],
        }),
    ));
    let result = run(&set, &World::creating(pod(json!({}))));
    assert_eq!(result.labels(), &json!({"n": "xx"}));
}

#[test]
fn what_matches_only_after_mutation_waits_for_the_next_request() {
    let mut documents = policy(
        "a",
        json!({
            "reinvocationPolicy": "IfNeeded",
            "matchConditions": [
                {"name": "set", "expression": "has(object.metadata.labels.set)"},
            ],
            "mutations": [label("late", "'yes'")],
        }),
    );
    documents.extend(policy("b", json!({"mutations": [label("set", "'yes'")]})));
    let result = run(&set_of(&documents), &World::creating(pod(json!({}))));
    assert_eq!(result.labels(), &json!({"set": "yes"}));
}

use serde_json::{Value, json};

use super::pod;
use crate::finding::Verdict;
use crate::set::PolicySet;
use crate::testing::{World, binding, messages, policy, set_of};

/// A policy that compares `params.limit`, bound with this `paramRef`.
fn limited(param_ref: Value) -> PolicySet {
    set_of(&[
        policy(json!({
            "paramKind": {"apiVersion": "example.com/v1", "kind": "Limit"},
            "validations": [{"expression": "size(object.spec.containers) <= params.limit"}]
        })),
        binding(json!({"paramRef": param_ref})),
    ])
}

fn limit(name: &str, namespace: &str, limit: i64) -> Value {
    json!({
        "metadata": {"name": name, "namespace": namespace, "labels": {"name": name}},
        "limit": limit
    })
}

fn world(params: &[Value]) -> World {
    World {
        params: params.to_vec(),
        ..World::creating(pod())
    }
}

/// Names of the parameter objects used and what each led to.
fn outcomes(set: &PolicySet, world: &World) -> Vec<(Option<String>, Vec<Verdict>)> {
    world
        .judge(set)
        .policies
        .into_iter()
        .map(|policy| (policy.param, policy.verdicts))
        .collect()
}

#[test]
fn a_parameter_object_is_found_by_name() {
    let set = limited(json!({"name": "two", "parameterNotFoundAction": "Deny"}));
    let world = world(&[limit("one", "", 1), limit("two", "", 2)]);
    assert_eq!(
        outcomes(&set, &world),
        [(Some("two".to_owned()), vec![Verdict::Pass])]
    );
}

#[test]
fn a_selector_evaluates_once_for_each_object_in_the_order_of_names() {
    let set = limited(json!({"selector": {}, "parameterNotFoundAction": "Deny"}));
    let world = world(&[limit("two", "", 2), limit("one", "", 1)]);
    assert_eq!(
        outcomes(&set, &world),
        [
            (Some("one".to_owned()), vec![Verdict::Fail]),
            (Some("two".to_owned()), vec![Verdict::Pass]),
        ]
    );
}

#[test]
fn a_missing_parameter_object_is_treated_as_the_binding_says() {
    let absent = |action: &str| limited(json!({"name": "x", "parameterNotFoundAction": action}));
    let world = world(&[]);
    assert!(world.judge(&absent("Allow")).policies.is_empty());
    assert_eq!(
        messages(&world.judge(&absent("Deny"))),
        [
            "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction"
        ]
    );
}

#[test]
fn a_missing_parameter_object_denies_whatever_the_binding_says_unless_errors_are_ignored() {
    let set = set_of(&[
        policy(json!({
            "paramKind": {"apiVersion": "example.com/v1", "kind": "Limit"},
            "validations": [{"expression": "true"}]
        })),
        binding(json!({
            "validationActions": ["Audit"],
            "paramRef": {"name": "x", "parameterNotFoundAction": "Deny"}
        })),
    ]);
    let evaluation = world(&[]).judge(&set);
    assert!(evaluation.policies[0].actions.deny);
    assert!(!evaluation.policies[0].ignores_errors);
}

#[test]
fn namespaced_parameters_are_those_of_the_request_or_of_the_reference() {
    let objects = [limit("l", "agents", 2), limit("l", "other", 1)];
    let world = World {
        params_namespaced: Some(true),
        ..world(&objects)
    };
    let own = limited(json!({"name": "l", "parameterNotFoundAction": "Deny"}));
    assert_eq!(outcomes(&own, &world)[0].1, [Verdict::Pass]);
    let other = limited(json!({
        "name": "l", "namespace": "other", "parameterNotFoundAction": "Deny"
    }));
    assert_eq!(outcomes(&other, &world)[0].1, [Verdict::Fail]);
}

#[test]
fn scopes_that_do_not_fit_are_errors() {
    let named = json!({"name": "l", "parameterNotFoundAction": "Allow"});
    let elsewhere = json!({"name": "l", "namespace": "n", "parameterNotFoundAction": "Allow"});
    #[rustfmt::skip]
    let table = [
        (&named, "", Some(true), "failed to configure binding: cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"),
        (&elsewhere, "agents", Some(false), "failed to configure binding: paramRef.namespace must not be provided for a cluster-scoped `paramKind`"),
        (&named, "agents", None, "failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Limit'"),
    ];
    for (param_ref, namespace, params_namespaced, expected) in table {
        let world = World {
            namespace,
            params_namespaced,
            ..world(&[])
        };
        assert_eq!(
            messages(&world.judge(&limited(param_ref.clone()))),
            [expected]
        );
    }
}

#[test]
fn without_a_reference_params_is_null() {
    let set = set_of(&[
        policy(json!({
            "paramKind": {"apiVersion": "example.com/v1", "kind": "Limit"},
            "validations": [{"expression": "params == null"}]
        })),
        binding(json!({})),
    ]);
    assert_eq!(outcomes(&set, &world(&[])), [(None, vec![Verdict::Pass])]);
}

//! What policies share is evaluated once, and nothing that they say shows it.

use serde_json::{Value, json};

use crate::finding::PolicyEvaluation;
use crate::testing::{World, binding, policy, set_of};

/// Policies `a`, `b`, … of these specs, each with its binding.
fn documents(specs: &[Value]) -> Vec<[Value; 2]> {
    let of = |(spec, name): (&Value, char)| {
        let (mut policy, mut binding) = (policy(spec.clone()), binding(json!({})));
        policy["metadata"]["name"] = json!(name);
        binding["metadata"]["name"] = json!(name);
        binding["spec"]["policyName"] = json!(name);
        [policy, binding]
    };
    specs.iter().zip('a'..='z').map(of).collect()
}

/// `variables` that are read before, after and through others, ask the authorizer, need a namespace,
/// and fail.
fn variables() -> Value {
    json!([
        {"name": "items", "expression": "object.items.filter(i, i != 0)"},
        {"name": "pairs", "expression": "variables.items.map(a, variables.items.map(b, [a, b]))"},
        {"name": "may", "expression": "authorizer.path('/a').check('get').allowed()"},
        {"name": "mayToo", "expression": "variables.may && variables.items.size() > 0"},
        {"name": "label", "expression": "namespaceObject.metadata.labels['a']"},
        {"name": "broken", "expression": "object.absent"}
    ])
}

fn validating(expressions: &[&str]) -> Value {
    let validations = expressions.iter().map(|expression| {
        let message = "string(variables.mayToo) + string(variables.items.size())";
        json!({"expression": expression, "messageExpression": message})
    });
    json!({
        "variables": variables(),
        "matchConditions": [{"name": "some", "expression": "object.items.exists(i, i > 2)"}],
        "validations": validations.collect::<Vec<Value>>(),
        "auditAnnotations": [{"key": "items", "valueExpression": "string(variables.pairs.size())"}]
    })
}

/// The same conditions, and validations that each take so much of the budget.
fn spending(checks: usize) -> Value {
    let check = "authorizer.path('/a').check('get').allowed()";
    let twice = [check; 2].join(" && ");
    let costly = |name| json!({"name": name, "expression": twice});
    let read = |_| json!({"expression": "variables.first && variables.second"});
    let mut validations: Vec<Value> = (0..checks).map(read).collect();
    let own = json!({"expression": twice});
    validations.extend(vec![own; checks]);
    json!({"variables": [costly("first"), costly("second")], "validations": validations})
}

#[test]
fn policies_say_together_what_each_says_alone() {
    let specs = [
        validating(&["variables.pairs == []", "variables.may"]),
        validating(&[
            "variables.mayToo && variables.pairs.size() == 2",
            "variables.broken == true",
        ]),
        validating(&[
            "variables.label == 'x'",
            "!variables.mayToo",
            "variables.items == []",
        ]),
        validating(&[
            "variables.broken == 1",
            "dyn(variables).exists(v, v == true)",
        ]),
        // The first two fit the budget of 10,000,000, the others do not.
        spending(1),
        spending(12),
        spending(13),
        spending(14),
    ];
    let mut known = World::creating(json!({"items": [0, 1, 3]}));
    known.namespace_object = Ok(json!({"metadata": {"labels": {"a": "x"}}}));
    let mut unknown = World::creating(json!({"items": [0, 1, 3]}));
    unknown.namespace_object = Err(());
    let excluded = World::creating(json!({"items": [0]}));
    let faulty = World::creating(json!({"items": 1}));
    for world in [known, unknown, excluded, faulty] {
        for specs in [specs.to_vec(), specs.iter().rev().cloned().collect()] {
            let documents = documents(&specs);
            let each = documents.iter().map(|documents| set_of(documents));
            let alone: Vec<PolicyEvaluation> =
                each.flat_map(|set| world.judge(&set).policies).collect();
            assert!(!alone.is_empty());
            let together = world.judge(&set_of(&documents.concat())).policies;
            assert_eq!(format!("{together:#?}"), format!("{alone:#?}"));
        }
    }
}

/// How many different variables and conditions there are.
fn shared(specs: &[Value]) -> (usize, usize) {
    let counts = set_of(&documents(specs).concat()).validating_shared();
    (counts.variables, counts.conditions)
}

#[test]
fn what_differs_is_not_shared() {
    let variable = |name: &str, expression: &str| json!({"name": name, "expression": expression});
    let policy = |variables: &[Value]| {
        json!({
            "variables": variables,
            "matchConditions": [{"name": "c", "expression": "object.a == 1"}],
            "validations": [{"expression": "true"}]
        })
    };
    let a = variable("a", "object.a");
    let b = variable("b", "variables.a");
    for (first, second, expected) in [
        (vec![a.clone()], vec![a.clone()], 1),
        (vec![a.clone(), b.clone()], vec![a.clone(), b.clone()], 2),
        // Its position does not matter.
        (vec![variable("x", "1"), a.clone()], vec![a.clone()], 2),
        // Errors tell the name.
        (vec![a.clone()], vec![variable("c", "object.a")], 2),
        // What is read is something else.
        (
            vec![a.clone(), b.clone()],
            vec![variable("a", "object.b"), b.clone()],
            4,
        ),
        // It can read whatever its policy has, and so can what reads it.
        (
            vec![variable("a", "dyn(variables)['b']"), b.clone()],
            vec![variable("a", "dyn(variables)['b']"), b.clone()],
            4,
        ),
    ] {
        let counts = shared(&[policy(&first), policy(&second)]);
        assert_eq!(counts, (expected, 1), "{first:?} {second:?}");
    }
}

#[test]
fn policies_with_parameters_share_nothing_with_those_without() {
    let spec = json!({
        "variables": [{"name": "a", "expression": "object.a"}],
        "matchConditions": [{"name": "c", "expression": "object.a == 1"}],
        "validations": [{"expression": "true"}]
    });
    let mut with_params = spec.clone();
    with_params["paramKind"] = json!({"apiVersion": "v1", "kind": "ConfigMap"});
    assert_eq!(shared(&[spec, with_params]), (2, 2));
}

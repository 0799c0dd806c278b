use serde_json::{Value, json};

use super::*;
use crate::testing::{World, binding, policy, set_of};

/// Whether a policy with these match constraints matches.
fn matched(constraints: Value, world: &World) -> Matched {
    let set = set_of(&[
        policy(json!({
            "matchConstraints": constraints,
            "auditAnnotations": [{"key": "k", "valueExpression": "'v'"}]
        })),
        binding(json!({})),
    ]);
    let constraints = &set.validating()[0].definition.constraints;
    world.ask(|request, context| constraints.matches(request, context.namespace))
}

fn rule(groups: &[&str], versions: &[&str], operations: &[&str], resources: &[&str]) -> Value {
    json!({
        "apiGroups": groups, "apiVersions": versions,
        "operations": operations, "resources": resources
    })
}

fn pods() -> Value {
    json!([rule(&[""], &["v1"], &["*"], &["*/*"])])
}

fn pod(labels: Value) -> World {
    World::creating(json!({"metadata": {"name": "x", "labels": labels}}))
}

fn in_namespace(labels: Value) -> World {
    World {
        namespace_object: Ok(json!({"metadata": {"name": "agents", "labels": labels}})),
        ..pod(json!({}))
    }
}

#[test]
fn rules_cover_groups_versions_operations_and_resources() {
    let create = &["CREATE"][..];
    #[rustfmt::skip]
    let table: &[(Value, bool)] = &[
        (rule(&[""], &["v1"], create, &["pods"]), true),
        (rule(&["*"], &["*"], &["*"], &["*"]), true),
        (rule(&[""], &["v1"], &["UPDATE", "CREATE"], &["jobs", "pods"]), true),
        (rule(&["batch"], &["v1"], create, &["pods"]), false),
        (rule(&[""], &["v1"], &["UPDATE"], &["pods"]), false),
        (rule(&[""], &["v1"], create, &["jobs"]), false),
        (rule(&[""], &["v1"], create, &["pods/exec"]), false),
        (rule(&[""], &["v1"], create, &["pods/*"]), true),
        (rule(&[""], &["v1"], create, &["*/*"]), true),
        (rule(&[""], &["v1"], create, &["*/exec"]), false),
    ];
    for (rule, expected) in table {
        let constraints = json!({"resourceRules": [rule]});
        assert_eq!(
            matched(constraints, &pod(json!({}))),
            (*expected).into(),
            "{rule}"
        );
    }
}

#[test]
fn rules_without_subresource_leave_subresources_out() {
    let world = World {
        subresource: "exec",
        ..pod(json!({}))
    };
    let cases = [
        ("pods", false),
        ("*", false),
        ("pods/exec", true),
        ("pods/*", true),
        ("*/exec", true),
    ];
    for (resource, expected) in cases {
        let constraints = json!({"resourceRules": [rule(&[""], &["v1"], &["*"], &[resource])]});
        assert_eq!(matched(constraints, &world), expected.into(), "{resource}");
    }
}

#[test]
fn scope_tells_namespaced_from_cluster_scoped_and_counts_namespaces_as_cluster_scoped() {
    let cluster_role = World {
        resource: ("rbac.authorization.k8s.io", "v1", "clusterroles"),
        namespace: "",
        ..pod(json!({}))
    };
    let namespace = World {
        resource: ("", "v1", "namespaces"),
        kind: "Namespace",
        ..pod(json!({}))
    };
    let cases = [
        (pod(json!({})), true, false),
        (cluster_role, false, true),
        (namespace, false, true),
    ];
    for (world, namespaced, cluster) in cases {
        for (scope, expected) in [
            ("*", true),
            ("Namespaced", namespaced),
            ("Cluster", cluster),
        ] {
            let mut rule = rule(&["*"], &["*"], &["*"], &["*"]);
            rule["scope"] = json!(scope);
            let constraints = json!({"resourceRules": [rule]});
            assert_eq!(
                matched(constraints, &world),
                expected.into(),
                "{} {scope}",
                world.kind
            );
        }
    }
}

#[test]
fn exclude_rules_win() {
    let constraints = json!({
        "resourceRules": pods(),
        "excludeResourceRules": [rule(&[""], &["*"], &["CREATE"], &["pods"])]
    });
    assert_eq!(matched(constraints, &pod(json!({}))), Matched::No);
}

#[test]
fn resource_names_narrow_a_rule() {
    let mut rule = rule(&[""], &["v1"], &["*"], &["pods"]);
    rule["resourceNames"] = json!(["a", "b"]);
    for (name, expected) in [("b", true), ("c", false), ("", false)] {
        let world = World {
            name,
            ..pod(json!({}))
        };
        let constraints = json!({"resourceRules": [rule]});
        assert_eq!(matched(constraints, &world), expected.into(), "{name}");
    }
}

#[test]
fn equivalent_resources_match_unless_the_policy_is_exact() {
    let apps = rule(&["apps"], &["v1"], &["*"], &["deployments"]);
    let cases = [
        (("apps", "v1", "deployments"), true, true),
        (("apps", "v1beta2", "deployments"), true, false),
        (("extensions", "v1beta1", "deployments"), true, false),
        (("example.com", "v1", "deployments"), false, false),
    ];
    for (resource, equivalent, exact) in cases {
        let world = World {
            resource,
            ..pod(json!({}))
        };
        for (policy, expected) in [("Equivalent", equivalent), ("Exact", exact)] {
            let constraints = json!({"resourceRules": [apps], "matchPolicy": policy});
            assert_eq!(
                matched(constraints, &world),
                expected.into(),
                "{resource:?} {policy}"
            );
        }
    }
}

#[test]
fn selectors_combine_labels_and_expressions() {
    let expression = |key: &str, operator: &str, values: &[&str]| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
    #[rustfmt::skip]
    let table = [
        (json!({}), true),
        (json!({"matchLabels": {"a": "1"}}), true),
        (json!({"matchLabels": {"a": "2"}}), false),
        (json!({"matchLabels": {"a": "1", "b": "1"}}), false),
        (expression("a", "In", &["0", "1"]), true),
        (expression("b", "In", &["1"]), false),
        (expression("a", "NotIn", &["1"]), false),
        (expression("b", "NotIn", &["1"]), true),
        (expression("a", "Exists", &[]), true),
        (expression("b", "Exists", &[]), false),
        (expression("a", "DoesNotExist", &[]), false),
        (expression("b", "DoesNotExist", &[]), true),
    ];
    for (selector, expected) in table {
        let by_object = json!({"resourceRules": pods(), "objectSelector": selector});
        assert_eq!(
            matched(by_object, &pod(json!({"a": "1"}))),
            expected.into(),
            "{selector}"
        );
        let by_namespace = json!({"resourceRules": pods(), "namespaceSelector": selector});
        assert_eq!(
            matched(by_namespace, &in_namespace(json!({"a": "1"}))),
            expected.into()
        );
    }
}

#[test]
fn the_old_object_can_be_what_is_selected() {
    let world = World {
        operation: Operation::Update,
        old_object: Some(json!({"metadata": {"labels": {"agent": "yes"}}})),
        ..pod(json!({}))
    };
    let selector = json!({"matchLabels": {"agent": "yes"}});
    let constraints = json!({"resourceRules": pods(), "objectSelector": selector});
    assert_eq!(matched(constraints, &world), Matched::Yes);
}

#[test]
fn objects_without_metadata_are_never_selected_not_even_by_negation() {
    let world = World {
        operation: Operation::Connect,
        subresource: "exec",
        object: Some(json!({"kind": "PodExecOptions", "command": ["sh"]})),
        ..pod(json!({}))
    };
    for selector in [
        json!({"matchLabels": {"a": "1"}}),
        json!({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}),
    ] {
        let constraints = json!({"resourceRules": pods(), "objectSelector": selector});
        assert_eq!(matched(constraints, &world), Matched::No);
    }
    assert_eq!(
        matched(json!({"resourceRules": pods()}), &world),
        Matched::Yes
    );
}

#[test]
fn cluster_scoped_objects_are_never_exempted_by_namespace() {
    let world = World {
        namespace: "",
        ..pod(json!({}))
    };
    let selector = json!({"matchLabels": {"a": "1"}});
    let constraints = json!({"resourceRules": pods(), "namespaceSelector": selector});
    assert_eq!(matched(constraints, &world), Matched::Yes);
}

#[test]
fn namespaces_are_selected_by_their_own_new_labels_and_when_deleted_by_the_stored_ones() {
    let labelled = json!({"metadata": {"name": "n", "labels": {"a": "1"}}});
    let bare = json!({"metadata": {"name": "n"}});
    let selector = json!({"matchLabels": {"a": "1"}});
    let cases = [
        (Operation::Create, Some(&labelled), None, true),
        (Operation::Update, Some(&bare), Some(&labelled), false),
        (Operation::Delete, None, Some(&labelled), true),
    ];
    for (operation, object, old, expected) in cases {
        let world = World {
            operation,
            resource: ("", "v1", "namespaces"),
            kind: "Namespace",
            namespace: "n",
            object: object.cloned(),
            old_object: old.cloned(),
            namespace_object: Err(()),
            ..pod(json!({}))
        };
        let constraints = json!({"resourceRules": pods(), "namespaceSelector": selector});
        assert_eq!(
            matched(constraints, &world),
            expected.into(),
            "{operation:?}"
        );
    }
}

#[test]
fn an_unknown_namespace_leaves_undecided_what_depends_on_its_labels() {
    let unknown = World {
        namespace_object: Err(()),
        ..pod(json!({"agent": "yes"}))
    };
    let by_namespace = json!({"matchLabels": {"a": "1"}});
    let unlabelled = json!({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]});
    let agents = json!({"matchLabels": {"agent": "yes"}});
    let others = json!({"matchLabels": {"agent": "no"}});
    let by_name = |operator: &str, name: &str| {
        let key = "kubernetes.io/metadata.name";
        json!({"matchExpressions": [{"key": key, "operator": operator, "values": [name]}]})
    };
    let named = |name| by_name("In", name);
    let not_named = |name| by_name("NotIn", name);
    let all = pods();
    #[rustfmt::skip]
    let table = [
        (json!({"resourceRules": all}), Matched::Yes),
        (json!({"resourceRules": all, "namespaceSelector": by_namespace}), Matched::Unknown),
        (json!({"resourceRules": all, "namespaceSelector": unlabelled}), Matched::Unknown),
        (json!({"resourceRules": all, "namespaceSelector": unlabelled, "objectSelector": agents}), Matched::Yes),
        (json!({"resourceRules": all, "namespaceSelector": by_namespace, "objectSelector": agents}), Matched::Unknown),
        (json!({"resourceRules": all, "namespaceSelector": named("agents")}), Matched::Yes),
        (json!({"resourceRules": all, "namespaceSelector": named("other")}), Matched::No),
        (json!({"resourceRules": all, "namespaceSelector": not_named("kube-system")}), Matched::Yes),
        (json!({"resourceRules": all, "namespaceSelector": not_named("agents")}), Matched::No),
        (json!({"resourceRules": all, "namespaceSelector": by_namespace, "objectSelector": others}), Matched::No),
    ];
    for (constraints, expected) in table {
        assert_eq!(
            matched(constraints.clone(), &unknown),
            expected,
            "{constraints}"
        );
    }
}

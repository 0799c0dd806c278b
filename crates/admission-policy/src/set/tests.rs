use serde_json::{Value, json};

use super::*;
use crate::finding::Actions;
use crate::matching::rule::{Operations, Scope};
use crate::testing::{binding, bound, compile, errors_of, policy, set_of};

fn validations() -> Value {
    json!([{"expression": "true"}])
}

fn plain() -> Value {
    policy(json!({"validations": validations()}))
}

/// The errors of a policy with these fields, bound.
fn policy_errors(spec: Value) -> Vec<String> {
    errors_of(&[policy(spec), binding(json!({}))])
}

fn binding_errors(spec: Value) -> Vec<String> {
    errors_of(&[plain(), binding(spec)])
}

fn rule_errors(rule: Value) -> Vec<String> {
    policy_errors(json!({
        "matchConstraints": {"resourceRules": [rule]},
        "validations": validations()
    }))
}

#[test]
fn defaults_are_those_of_the_api() {
    let set = bound(json!({"validations": validations()}));
    let policy = &set.validating()[0];
    let definition = &policy.definition;
    assert!(!definition.ignores_errors);
    assert_eq!(definition.constraints.match_policy, Default::default());
    assert!(definition.constraints.namespace_selector.is_empty());
    let rule = &definition.constraints.rules[0];
    assert_eq!((rule.scope, rule.operations), (Scope::All, Operations::ALL));
    assert_eq!(policy.validations[0].reason, "Invalid");
    let deny = Actions {
        deny: true,
        ..Actions::default()
    };
    assert_eq!(policy.bindings[0].actions, deny);
}

#[test]
fn every_fault_of_every_document_is_reported_at_once_and_in_order() {
    let faulty = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "Not_A_Name", "colour": "red"},
        "spec": {
            "failurePolicy": "Maybe",
            "matchConstraints": {"resourceRules": [], "extra": 1},
            "matchConditions": [{"expression": "true"}],
            "variables": [{"name": "if", "expression": "true"}],
            "validations": [{"expression": 1, "reason": "Unauthorised"}],
            "unknown": {}
        }
    });
    let errors = errors_of(&[
        faulty,
        binding(json!({"policyName": "absent", "validationActions": []})),
    ]);
    let paths: Vec<&str> = errors
        .iter()
        .map(|error| error.split_once(": ").map_or("", |(path, _)| path))
        .collect();
    assert_eq!(
        paths,
        [
            "metadata.name",
            "metadata.colour",
            "spec.failurePolicy",
            "spec.matchConstraints.extra",
            "spec.matchConstraints.resourceRules",
            "spec.matchConditions[0].name",
            "spec.variables[0].name",
            "spec.validations[0].expression",
            "spec.validations[0].reason",
            "spec.unknown",
            "spec.validationActions",
            "spec.policyName",
        ]
    );
}

#[test]
fn an_error_says_which_document_it_is_in() {
    let errors = compile(&[plain(), binding(json!({"policyName": "q"}))]).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(
        (errors[0].source_name.as_str(), errors[0].index),
        ("policies.yaml", 1)
    );
}

#[test]
fn faults_of_policies_are_refused() {
    let many: Vec<Value> = (0..21)
        .map(|n| json!({"key": format!("k{n}"), "valueExpression": "''"}))
        .collect();
    #[rustfmt::skip]
    let table = [
        (json!({}), "spec.validations: is required, unless there are auditAnnotations"),
        (json!({"validations": [{}]}), "spec.validations[0].expression: is required"),
        (json!({"validations": [{"expression": " "}]}), "spec.validations[0].expression: is required"),
        (json!({"validations": "true"}), "spec.validations: must be an array"),
        (json!({"validations": [{"expression": "true", "message": "a\nb"}]}), "spec.validations[0].message: must not contain line breaks"),
        (json!({"validations": [{"expression": "true", "message": " "}]}), "spec.validations[0].message: must not be blank"),
        (json!({"validations": [{"expression": "true", "messageExpression": " "}]}), "spec.validations[0].messageExpression: must not be blank"),
        (json!({"validations": [{"expression": "true", "reason": "Gone"}]}), "spec.validations[0].reason: `Gone` is not supported; use `Forbidden`, `Invalid`, `RequestEntityTooLarge`"),
        (json!({"validations": validations(), "paramKind": {"apiVersion": "v1"}}), "spec.paramKind.kind: is required"),
        (json!({"validations": validations(), "paramKind": {"apiVersion": "a/b/c", "kind": "K"}}), "spec.paramKind.apiVersion: `a/b/c` must be `group/version` or `version`"),
        (json!({"validations": validations(), "matchConstraints": null}), "spec.matchConstraints: is required"),
        (json!({"auditAnnotations": many}), "spec.auditAnnotations: at most 20 are allowed"),
        (json!({"auditAnnotations": [{"key": "k", "valueExpression": "''"}, {"key": "k", "valueExpression": "''"}]}), "spec.auditAnnotations[1].key: `k` is there already"),
    ];
    for (spec, expected) in table {
        let errors = policy_errors(spec.clone());
        assert!(errors.iter().any(|e| e == expected), "{spec}: {errors:?}");
    }
}

#[test]
fn names_of_conditions_and_variables_are_unique() {
    let twice = |value: Value| json!([value, value]);
    let errors = policy_errors(json!({
        "matchConditions": twice(json!({"name": "c", "expression": "true"})),
        "variables": twice(json!({"name": "v", "expression": "true"})),
        "validations": validations()
    }));
    assert_eq!(
        errors,
        [
            "spec.matchConditions[1].name: `c` is there already",
            "spec.variables[1].name: `v` is there already",
        ]
    );
}

#[test]
fn an_audit_annotation_key_and_its_policy_make_a_qualified_name() {
    let errors =
        policy_errors(json!({"auditAnnotations": [{"key": "a b", "valueExpression": "''"}]}));
    assert_eq!(errors.len(), 1);
    assert!(
        errors[0].starts_with("spec.auditAnnotations[0].key: `a b` must be"),
        "{errors:?}"
    );
}

#[test]
fn faults_of_rules_are_refused() {
    let rule = |changes: Value| {
        let mut rule = json!({
            "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]
        });
        for (key, value) in changes.as_object().unwrap() {
            rule[key] = value.clone();
        }
        rule
    };
    #[rustfmt::skip]
    let table = [
        (json!({"apiGroups": []}), ".apiGroups: is required"),
        (json!({"apiGroups": ["*", "batch"]}), ".apiGroups: nothing else may stand beside `*`"),
        (json!({"apiVersions": [""]}), ".apiVersions[0]: must not be empty"),
        (json!({"operations": []}), ".operations: is required"),
        (json!({"operations": ["PATCH"]}), ".operations[0]: `PATCH` is not supported; use `*`, `CONNECT`, `CREATE`, `DELETE`, `UPDATE`"),
        (json!({"operations": ["*", "CREATE"]}), ".operations: nothing else may stand beside `*`"),
        (json!({"resources": []}), ".resources: is required"),
        (json!({"resources": ["*/*", "pods"]}), ".resources: nothing else may stand beside `*/*`"),
        (json!({"resources": ["*", "pods"]}), ".resources: no other resource may stand beside `*`"),
        (json!({"resources": ["pods/*", "pods/exec"]}), ".resources[1]: `pods/*` is there already and covers `pods/exec`"),
        (json!({"resources": ["*/scale", "jobs/scale"]}), ".resources[1]: `*/scale` is there already and covers `jobs/scale`"),
        (json!({"scope": "Cluster-wide"}), ".scope: `Cluster-wide` is not supported; use `*`, `Cluster`, `Namespaced`"),
        (json!({"resourceNames": ["a/b"]}), ".resourceNames[0]: `a/b` must not contain `/` or `%`"),
        (json!({"resourceNames": ["a", "a"]}), ".resourceNames[1]: `a` is there already"),
        (json!({"verbs": ["get"]}), ".verbs: unknown field; the fields here are apiGroups, apiVersions, operations, resourceNames, resources, scope"),
    ];
    for (changes, expected) in table {
        let errors = rule_errors(rule(changes.clone()));
        let expected = format!("spec.matchConstraints.resourceRules[0]{expected}");
        assert_eq!(errors, [expected], "{changes}");
    }
}

#[test]
fn faults_of_selectors_are_refused() {
    let expression = |value: Value| json!({"matchExpressions": [value]});
    #[rustfmt::skip]
    let table = [
        (json!({"matchLabels": {"a b": "1"}}), ".matchLabels[a b]: label key `a b` must be"),
        (json!({"matchLabels": {"a": "b c"}}), ".matchLabels.a: `b c` must be"),
        (json!({"matchLabels": {"a": 1}}), ".matchLabels.a: must be a string"),
        (expression(json!({"key": "a", "operator": "in", "values": ["1"]})), ".matchExpressions[0].operator: `in` is not supported"),
        (expression(json!({"key": "a", "operator": "In"})), ".matchExpressions[0].values: is required with"),
        (expression(json!({"key": "a", "operator": "Exists", "values": ["1"]})), ".matchExpressions[0].values: is not allowed with"),
        (expression(json!({"operator": "Exists"})), ".matchExpressions[0].key: is required"),
    ];
    for (selector, expected) in table {
        for key in ["namespaceSelector", "objectSelector"] {
            let errors = binding_errors(json!({"matchResources": {key: selector}}));
            let expected = format!("spec.matchResources.{key}{expected}");
            assert!(
                errors.len() == 1 && errors[0].starts_with(&expected),
                "{errors:?}"
            );
        }
    }
}

#[test]
fn faults_of_bindings_are_refused() {
    let param_ref = |value: Value| json!({"paramRef": value});
    #[rustfmt::skip]
    let table = [
        (json!({"policyName": null}), "spec.policyName: is required"),
        (json!({"policyName": "q"}), "spec.policyName: there is no ValidatingAdmissionPolicy `q` among the given files, so the binding has no effect; add the policy or remove the binding"),
        (json!({"validationActions": ["Deny", "Warn"]}), "spec.validationActions: Deny and Warn exclude each other: a refusal says everything that a warning would"),
        (json!({"validationActions": ["Deny", "Deny"]}), "spec.validationActions[1]: `Deny` is there already"),
        (json!({"validationActions": ["Block"]}), "spec.validationActions[0]: `Block` is not supported; use `Deny`, `Warn`, `Audit`"),
        (param_ref(json!({"parameterNotFoundAction": "Deny"})), "spec.paramRef: one of name and selector is required"),
        (param_ref(json!({"name": "a", "selector": {}, "parameterNotFoundAction": "Deny"})), "spec.paramRef: name and selector exclude each other"),
        (param_ref(json!({"name": "a"})), "spec.paramRef.parameterNotFoundAction: is required: `Allow` or `Deny`"),
        (param_ref(json!({"name": "a", "parameterNotFoundAction": "Fail"})), "spec.paramRef.parameterNotFoundAction: `Fail` is not supported; use `Allow`, `Deny`"),
        (param_ref(json!({"name": "..", "parameterNotFoundAction": "Deny"})), "spec.paramRef.name: `..` must not be `.` or `..`"),
    ];
    for (spec, expected) in table {
        assert_eq!(binding_errors(spec.clone()), [expected], "{spec}");
    }
}

#[test]
fn a_name_can_be_given_once_per_kind() {
    let errors = errors_of(&[plain(), binding(json!({})), plain()]);
    assert_eq!(
        errors,
        [
            "metadata.name: there is already a ValidatingAdmissionPolicy `p`, in policies.yaml, document 1"
        ]
    );
}

#[test]
fn what_has_no_effect_is_warned_of() {
    let mut unbound = plain();
    unbound["metadata"]["name"] = json!("lonely");
    let set = set_of(&[
        plain(),
        binding(json!({"paramRef": {"name": "a", "parameterNotFoundAction": "Deny"}})),
        unbound,
    ]);
    let warnings: Vec<String> = set.warnings().iter().map(LoadError::to_string).collect();
    assert_eq!(
        warnings,
        [
            "policies.yaml: spec.paramRef: is ignored, since the policy has no paramKind",
            "policies.yaml: metadata.name: no binding names this policy, so it has no effect; add one",
        ]
    );
    assert_eq!(set.validating()[1].bindings[0].param_ref, None);
}

#[test]
fn expressions_are_checked_in_the_environment_of_their_field() {
    let validation = |value: Value| json!({"validations": [value]});
    #[rustfmt::skip]
    let table = [
        (validation(json!({"expression": "1"})), "must evaluate to bool but got int"),
        (validation(json!({"expression": "object.a"})), "must evaluate to bool but got dyn"),
        (validation(json!({"expression": "true", "messageExpression": "1"})), "must evaluate to string but got int"),
        (json!({"auditAnnotations": [{"key": "k", "valueExpression": "1"}]}), "must evaluate to one of [string null_type] but got int"),
        (validation(json!({"expression": "params.a == 1"})), "undeclared reference to 'params' (in container '')"),
        (validation(json!({"expression": "variables.a == 1"})), "undeclared reference to 'variables' (in container '')"),
        (validation(json!({"expression": "true", "messageExpression": "authorizer.path('/').check('get').reason()"})), "undeclared reference to 'authorizer' (in container '')"),
        (json!({"validations": validations(), "variables": [{"name": "a", "expression": "1"}], "matchConditions": [{"name": "c", "expression": "variables.a == 1"}]}), "undeclared reference to 'variables' (in container '')"),
        (validation(json!({"expression": "request.uid == ''"})), "undefined field 'uid'"),
        (validation(json!({"expression": "namespaceObject.metadata.managedFields == []"})), "undefined field 'managedFields'"),
    ];
    for (spec, expected) in table {
        let errors = policy_errors(spec.clone());
        assert!(
            errors.len() == 1 && errors[0].ends_with(expected),
            "{spec}: {errors:?}"
        );
    }
}

#[test]
fn a_fault_inside_an_expression_has_its_offset() {
    let spec = json!({"validations": [{"expression": "object.a == 1 && nonsense"}]});
    let errors = compile(&[policy(spec), binding(json!({}))]).unwrap_err();
    assert_eq!(errors[0].path.to_string(), "spec.validations[0].expression");
    assert_eq!(errors[0].offset, Some(17));
}

#[test]
fn a_variable_sees_those_before_it_and_a_broken_one_is_reported_once() {
    let chain = json!({
        "variables": [
            {"name": "one", "expression": "1"},
            {"name": "two", "expression": "variables.one + 1"}
        ],
        "validations": [{"expression": "variables.two == 2"}]
    });
    assert_eq!(bound(chain).validating()[0].definition.variables.len(), 2);
    let broken = json!({
        "variables": [{"name": "one", "expression": "1 +"}],
        "validations": [{"expression": "variables.one == 2"}]
    });
    let errors = policy_errors(broken);
    assert!(
        errors
            .iter()
            .all(|e| e.starts_with("spec.variables[0].expression: ")),
        "{errors:?}"
    );
}

fn mutating(spec: Value) -> Value {
    let mut policy = policy(json!({"reinvocationPolicy": "Never"}));
    policy["kind"] = json!("MutatingAdmissionPolicy");
    for (key, value) in spec.as_object().unwrap() {
        policy["spec"][key] = value.clone();
    }
    policy
}

fn mutating_binding() -> Value {
    let mut binding = binding(json!({}));
    binding["kind"] = json!("MutatingAdmissionPolicyBinding");
    binding["spec"]
        .as_object_mut()
        .unwrap()
        .remove("validationActions");
    binding
}

#[test]
fn mutating_policies_are_read_with_their_mutations() {
    let set = set_of(&[
        mutating(json!({
            "reinvocationPolicy": "IfNeeded",
            "mutations": [
                {"patchType": "JSONPatch", "jsonPatch": {"expression": "[JSONPatch{op: 'remove', path: '/a'}]"}},
                {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": "Object{metadata: Object.metadata{labels: {'a': 'b'}}}"}}
            ]
        })),
        mutating_binding(),
    ]);
    let policy = &set.mutating()[0];
    assert!(policy.reinvoke_if_needed);
    assert!(matches!(
        policy.mutations[..],
        [
            compiled::Mutation::JsonPatch(_),
            compiled::Mutation::ApplyConfiguration(_)
        ]
    ));
    assert_eq!(policy.bindings.len(), 1);
}

#[test]
fn faults_of_mutating_policies_are_refused() {
    let patch = json!({"patchType": "JSONPatch", "jsonPatch": {"expression": "[JSONPatch{op: 'remove', path: '/a'}]"}});
    #[rustfmt::skip]
    let table = [
        (json!({}), "spec.mutations: is required"),
        (json!({"reinvocationPolicy": null, "mutations": [patch]}), "spec.reinvocationPolicy: is required"),
        (json!({"mutations": [{"patchType": "Merge"}]}), "spec.mutations[0].patchType: `Merge` is not supported; use `ApplyConfiguration`, `JSONPatch`"),
        (json!({"mutations": [{"patchType": "JSONPatch"}]}), "spec.mutations[0].jsonPatch: is required by this patchType"),
        (json!({"mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": "[{}]"}}]}), "spec.mutations[0].jsonPatch.expression: must evaluate to list(JSONPatch) but got list(map(dyn, dyn))"),
        (json!({"mutations": [patch], "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["DELETE"], "resources": ["pods"]}]}}), "spec.matchConstraints.resourceRules[0].operations[0]: `DELETE` is not supported; use `*`, `CONNECT`, `CREATE`, `UPDATE`"),
    ];
    for (spec, expected) in table {
        assert_eq!(
            errors_of(&[mutating(spec.clone()), mutating_binding()]),
            [expected],
            "{spec}"
        );
    }
}

#[test]
fn other_documents_are_ignored_and_lists_are_opened() {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        plain(),
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}},
        binding(json!({"validationActions": []}))
    ]});
    let errors = errors_of(&[json!({"kind": "Pod"}), json!(1), list]);
    assert_eq!(
        errors,
        ["items[2].spec.validationActions: at least one action is required"]
    );
}

#[test]
fn older_api_versions_are_read_with_their_defaults() {
    let mut old_policy = policy(
        json!({"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"}, "validations": validations()}),
    );
    let mut old_binding = binding(json!({"paramRef": {"name": "a"}}));
    for document in [&mut old_policy, &mut old_binding] {
        document["apiVersion"] = json!("admissionregistration.k8s.io/v1alpha1");
    }
    let set = set_of(&[old_policy, old_binding]);
    assert!(
        set.validating()[0].bindings[0]
            .param_ref
            .as_ref()
            .unwrap()
            .must_exist
    );
    let mut future = plain();
    future["apiVersion"] = json!("admissionregistration.k8s.io/v2");
    assert_eq!(
        errors_of(&[future, binding(json!({}))]),
        [
            "apiVersion: `admissionregistration.k8s.io/v2` is not supported; use `admissionregistration.k8s.io/v1`"
        ]
    );
}

#[test]
fn the_digest_depends_on_meaning_and_not_on_order_or_status() {
    let digest = |documents: &[Value]| set_of(documents).digest().to_owned();
    let original = digest(&[plain(), binding(json!({}))]);
    assert_eq!(original.len(), 64);
    let mut from_cluster = plain();
    from_cluster["status"] = json!({"observedGeneration": 1});
    from_cluster["metadata"]["uid"] = json!("5d1c");
    assert_eq!(digest(&[binding(json!({})), from_cluster]), original);
    let audited = binding(json!({"validationActions": ["Audit"]}));
    assert_ne!(digest(&[plain(), audited]), original);
}

#[test]
fn remediation_and_annotations_are_kept() {
    let mut annotated = plain();
    annotated["metadata"]["annotations"] = json!({REMEDIATION: "use an emptyDir", "a.b/c": "d"});
    let set = set_of(&[annotated, binding(json!({}))]);
    let policies: Vec<Policy<'_>> = set.policies().collect();
    assert_eq!(
        policies[0].definition.remediation.as_deref(),
        Some("use an emptyDir")
    );
    assert_eq!(policies[0].definition.annotations["a.b/c"], "d");
    assert!(!policies[0].mutating);
}

//! Mutations that cannot be applied.

use super::*;
use crate::finding::Verdict;

#[test]
fn the_message_is_the_native_one() {
    let cases = [
        (
            configuration("Object{spec: Object.spec{nodeSelector: {'a': 'b'}}}"),
            "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps \
             or structs: .spec.nodeSelector",
        ),
        (
            configuration("Object{spec: Object.spec{hostnam: 'h'}}"),
            "error applying patch: failed to convert patch object to typed object: .spec.hostnam: \
             field not declared in schema",
        ),
        (
            configuration("Object{spec: Object.metadata{}}"),
            "type mismatch: unexpected type name \"Object.metadata\", expected \"Object.spec\", \
             which matches field name path from root Object type",
        ),
        (
            patch("[JSONPatch{op: 'remove', path: '/spec/hostname'}]"),
            "JSON Patch: error in remove for path: '/spec/hostname': Unable to remove nonexistent \
             key: hostname: missing value",
        ),
        (
            patch("[JSONPatch{op: 'frobnicate', path: '/spec'}]"),
            "JSON Patch: Unexpected kind: frobnicate",
        ),
        (
            patch("[JSONPatch{op: 'copy', path: '/spec/hostname'}]"),
            "JSON Patch: copy operation failed to decode from: operation, missing from field: \
             missing value",
        ),
        (
            patch("[JSONPatch{op: 'add', path: '/metadata/labels', value: {1: 'a'}}]"),
            "JSONPath valueExpression evaluated to a type that could not marshal to JSON: \
             unsupported type conversion from 'int' to string",
        ),
        (
            patch("[JSONPatch{op: 'replace', path: '/kind', value: 'Job'}]"),
            "JSON Patch: the object's apiVersion and kind may not be changed or removed",
        ),
        (
            configuration("Object{metadata: Object.metadata{name: object.absent}}"),
            "expression 'Object{metadata: Object.metadata{name: object.absent}}' resulted in error: \
             no such key: absent",
        ),
    ];
    for (mutation, expected) in cases {
        let result = run(&mutations(&[mutation]), &World::creating(pod(json!({}))));
        assert_eq!(result.messages(), [expected]);
        assert!(result.is_the_very_same);
        let failure = &result.failures[0];
        assert_eq!(failure.verdict, Verdict::Error(expected.to_owned()));
        assert_eq!((&*failure.policy, &*failure.binding), ("p", "p"));
        assert_eq!(
            (failure.validation, failure.reason.as_str()),
            (Some(0), "Invalid")
        );
    }
}

#[test]
fn a_failure_does_not_keep_the_others_from_being_applied() {
    let result = run(
        &mutations(&[
            patch("[JSONPatch{op: 'remove', path: '/absent'}]"),
            configuration("Object{metadata: Object.metadata{labels: {'a': 'b'}}}"),
        ]),
        &World::creating(pod(json!({}))),
    );
    assert_eq!(result.failures.len(), 1);
    assert_eq!(result.labels(), &json!({"a": "b"}));
}

#[test]
fn a_policy_that_ignores_errors_leaves_none() {
    let set = set_of(&policy(
        "p",
        json!({
            "failurePolicy": "Ignore",
            "mutations": [
                patch("[JSONPatch{op: 'remove', path: '/absent'}]"),
                configuration("Object{metadata: Object.metadata{labels: {'a': 'b'}}}"),
            ],
        }),
    ));
    let result = run(&set, &World::creating(pod(json!({}))));
    assert_eq!(result.messages(), [""; 0]);
    assert_eq!(result.labels(), &json!({"a": "b"}));
}

#[test]
fn match_conditions_that_fail_refuse_the_request() {
    let set = set_of(&policy(
        "p",
        json!({
            "matchConditions": [{"name": "c", "expression": "object.absent == 1"}],
            "mutations": [patch("[JSONPatch{op: 'remove', path: '/spec'}]")],
        }),
    ));
    let result = run(&set, &World::creating(pod(json!({}))));
    assert_eq!(
        result.messages(),
        ["expression 'object.absent == 1' resulted in error: no such key: absent"]
    );
    assert_eq!(result.failures[0].validation, None);
}

#[test]
fn missing_parameters_refuse_the_request() {
    let mut documents = policy(
        "p",
        json!({
            "paramKind": {"apiVersion": "example.com/v1", "kind": "Label"},
            "mutations": [patch("[JSONPatch{op: 'remove', path: '/spec'}]")],
        }),
    );
    documents[1]["spec"]["paramRef"] = json!({"name": "x", "parameterNotFoundAction": "Deny"});
    let result = run(&set_of(&documents), &World::creating(pod(json!({}))));
    assert_eq!(
        result.messages(),
        [
            "failed to configure binding: no params found for policy binding with `Deny` \
          parameterNotFoundAction"
        ]
    );
    assert_eq!(result.failures[0].reason, "Forbidden");
}

#[test]
fn what_is_unknown_is_said_once_and_is_no_error() {
    let set = set_of(&policy(
        "p",
        json!({
            "failurePolicy": "Ignore",
            "reinvocationPolicy": "IfNeeded",
            "mutations": [
                configuration("Object{metadata: Object.metadata{labels: {
                    'team': namespaceObject.metadata.labels.team}}}"),
                configuration("Object{metadata: Object.metadata{labels: {'a': 'b'}}}"),
            ],
        }),
    ));
    let world = World {
        namespace_object: Err(()),
        ..World::creating(pod(json!({})))
    };
    let result = run(&set, &world);
    assert!(
        matches!(&result.failures[..], [only] if matches!(only.verdict, Verdict::NotEvaluated(_))),
        "{:?}",
        result.failures
    );
    assert_eq!(result.labels(), &json!({"a": "b"}));
}

#[test]
fn a_kind_without_schema_takes_json_patches_only() {
    let rule = json!({
        "apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["secrets"],
    });
    let set = |mutation: Value| {
        set_of(&policy(
            "p",
            json!({"matchConstraints": {"resourceRules": [rule]}, "mutations": [mutation]}),
        ))
    };
    let world = World {
        resource: ("", "v1", "secrets"),
        kind: "Secret",
        ..World::creating(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}))
    };
    let patched = run(
        &set(patch(
            "[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': 'b'}}]",
        )),
        &world,
    );
    assert_eq!(patched.labels(), &json!({"a": "b"}));
    let refused = run(
        &set(configuration(
            "Object{metadata: Object.metadata{labels: {'a': 'b'}}}",
        )),
        &world,
    );
    assert!(refused.messages()[0].contains("use a JSONPatch mutation"));
}

use bumpalo::Bump;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::finding::Finding;
use crate::set::PolicySet;
use crate::testing::{World, set_of};

mod failures;
mod order;

/// A policy of this name for Pods, with this spec besides, and its binding.
fn policy(name: &str, spec: Value) -> Vec<Value> {
    let mut whole = json!({
        "matchConstraints": {"resourceRules": [{
            "apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["pods"],
        }]},
        "reinvocationPolicy": "Never",
    });
    whole
        .as_object_mut()
        .unwrap()
        .extend(spec.as_object().unwrap().clone());
    vec![
        document("MutatingAdmissionPolicy", name, whole),
        document(
            "MutatingAdmissionPolicyBinding",
            name,
            json!({"policyName": name}),
        ),
    ]
}

fn document(kind: &str, name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec,
    })
}

fn configuration(expression: &str) -> Value {
    json!({"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}})
}

fn patch(expression: &str) -> Value {
    json!({"patchType": "JSONPatch", "jsonPatch": {"expression": expression}})
}

/// A set of one policy with these mutations.
fn mutations(mutations: &[Value]) -> PolicySet {
    set_of(&policy("p", json!({"mutations": mutations})))
}

fn pod(labels: Value) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "agent", "labels": labels},
        "spec": {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]},
    })
}

/// What became of the object, which policies changed it, and what failed.
struct Result {
    object: Option<Value>,
    applied: Vec<String>,
    failures: Vec<Finding>,
    is_the_very_same: bool,
}

impl Result {
    fn labels(&self) -> &Value {
        &self.object.as_ref().unwrap()["metadata"]["labels"]
    }

    fn messages(&self) -> Vec<&str> {
        self.failures
            .iter()
            .map(|finding| finding.message.as_str())
            .collect()
    }
}

fn run(set: &PolicySet, world: &World) -> Result {
    run_without(set, world, "")
}

fn run_without(set: &PolicySet, world: &World, skipped: &str) -> Result {
    let arena = Bump::new();
    world.ask_in(&arena, |request, context| {
        let mutation = mutate(set, request, context, &|name| name == skipped, &arena);
        let pointer =
            |object: Option<&Json<'_>>| object.map(|json| json as *const Json<'_> as usize);
        Result {
            object: mutation
                .object
                .map(|json| serde_json::to_value(json).unwrap()),
            applied: mutation.applied.iter().map(ToString::to_string).collect(),
            is_the_very_same: pointer(mutation.object) == pointer(request.object),
            failures: mutation.failures,
        }
    })
}

#[test]
fn an_apply_configuration_completes_every_container() {
    let set = mutations(&[configuration(
        "Object{spec: Object.spec{
            volumes: [Object.spec.volumes{name: 'tmp', emptyDir: Object.spec.volumes.emptyDir{
                medium: 'Memory'}}],
            containers: object.spec.containers.map(c, Object.spec.containers{
                name: c.name,
                volumeMounts: [Object.spec.containers.volumeMounts{
                    name: 'tmp', mountPath: '/tmp'}],
                resources: Object.spec.containers.resources{limits: {'memory': '1Gi'}}})}}",
    )]);
    let result = run(&set, &World::creating(pod(json!({}))));
    let container = |name: &str, image: &str| {
        json!({
            "name": name,
            "image": image,
            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
            "resources": {"limits": {"memory": "1Gi"}},
        })
    };
    assert_eq!(result.messages(), [""; 0]);
    assert_eq!(
        result.object.unwrap()["spec"],
        json!({
            "containers": [container("a", "x"), container("b", "y")],
            "volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory"}}],
        })
    );
    assert_eq!(result.applied, ["p"]);
}

#[test]
fn optional_fields_that_are_not_there_are_not_set() {
    let set = mutations(&[configuration(
        "Object{
            ?spec: optional.none(),
            metadata: Object.metadata{
                ?labels: object.metadata[?'labels'],
                ?annotations: object.metadata[?'annotations']}}",
    )]);
    let result = run(&set, &World::creating(pod(json!({"a": "b"}))));
    assert!(result.is_the_very_same, "{:?}", result.failures);
    assert_eq!(result.applied, [""; 0]);
}

#[test]
fn a_json_patch_sets_what_is_atomic() {
    let set = mutations(&[patch(
        "[JSONPatch{op: 'add', path: '/spec/containers/0/command', value: ['run', '--fast']},
          JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('example.com/a'),
            value: 'b'},
          JSONPatch{op: 'add', path: '/spec/containers/-', value: Object.spec.containers{
            name: 'c', env: [Object.spec.containers.env{name: 'E', value: '1'}]}},
          JSONPatch{op: 'remove', path: '/spec/containers/1'}]",
    )]);
    let result = run(&set, &World::creating(pod(json!({}))));
    assert_eq!(result.messages(), [""; 0]);
    assert_eq!(result.labels(), &json!({"example.com/a": "b"}));
    assert_eq!(
        result.object.unwrap()["spec"]["containers"],
        json!([
            {"name": "a", "image": "x", "command": ["run", "--fast"]},
            {"name": "c", "env": [{"name": "E", "value": "1"}]},
        ])
    );
}

#[test]
fn a_field_that_is_set_to_null_is_not_there() {
    let set = mutations(&[
        patch(
            "[JSONPatch{op: 'add', path: '/spec/priority', value: null},
              JSONPatch{op: 'replace', path: '/spec/containers/0/image'}]",
        ),
        configuration(
            "Object{metadata: Object.metadata{labels: {
                'priority': has(object.spec.priority) ? 'yes' : 'no'}}}",
        ),
    ]);
    let result = run(&set, &World::creating(pod(json!({}))));
    assert_eq!(result.messages(), [""; 0]);
    assert_eq!(result.labels(), &json!({"priority": "no"}));
    let spec = &result.object.as_ref().unwrap()["spec"];
    assert_eq!(spec["containers"][0], json!({"name": "a"}));
}

#[test]
fn a_patch_whose_test_fails_does_nothing() {
    let set = mutations(&[patch(
        "[JSONPatch{op: 'add', path: '/metadata/labels/a', value: 'b'},
          JSONPatch{op: 'test', path: '/spec/containers/0/image', value: 'z'},
          JSONPatch{op: 'frobnicate', path: '/'}]",
    )]);
    let result = run(&set, &World::creating(pod(json!({}))));
    assert!(result.is_the_very_same);
    assert_eq!(result.messages(), [""; 0]);
}

#[test]
fn an_object_that_is_as_it_should_be_is_the_very_same() {
    let set = mutations(&[
        configuration("Object{metadata: Object.metadata{labels: {'a': 'b'}}}"),
        patch("[JSONPatch{op: 'replace', path: '/metadata/labels/a', value: 'b'}]"),
        patch("has(object.metadata.labels.a) ? [] : [JSONPatch{op: 'remove', path: '/metadata'}]"),
    ]);
    let result = run(&set, &World::creating(pod(json!({"a": "b"}))));
    assert!(result.is_the_very_same);
    assert_eq!(result.applied, [""; 0]);
}

#[test]
fn only_what_is_written_is_mutated() {
    let set = mutations(&[configuration(
        "Object{metadata: Object.metadata{labels: {'a': request.operation}}}",
    )]);
    for (operation, is_mutated) in [
        (Operation::Create, true),
        (Operation::Update, true),
        (Operation::Connect, false),
        (Operation::Delete, false),
    ] {
        let world = World {
            operation,
            ..World::creating(pod(json!({})))
        };
        assert_eq!(
            !run(&set, &world).is_the_very_same,
            is_mutated,
            "{operation:?}"
        );
    }
    let without_object = World {
        object: None,
        ..World::creating(json!({}))
    };
    assert_eq!(run(&set, &without_object).object, None);
}

#[test]
fn a_policy_that_is_switched_off_does_nothing() {
    let set = mutations(&[configuration(
        "Object{metadata: Object.metadata{labels: {'a': 'b'}}}",
    )]);
    let world = World::creating(pod(json!({})));
    assert!(run_without(&set, &world, "p").is_the_very_same);
    assert!(!run_without(&set, &world, "q").is_the_very_same);
}

#[test]
fn parameters_are_there_one_after_the_other() {
    let mut documents = policy(
        "p",
        json!({
            "paramKind": {"apiVersion": "example.com/v1", "kind": "Label"},
            "mutations": [configuration(
                "Object{metadata: Object.metadata{labels: {params.label: string(
                    size(object.metadata.labels))}}}",
            )],
        }),
    );
    documents[1]["spec"]["paramRef"] = json!({"selector": {}, "parameterNotFoundAction": "Deny"});
    let param = |name: &str| json!({"metadata": {"name": name}, "label": name});
    let world = World {
        params: vec![param("y"), param("x")],
        ..World::creating(pod(json!({})))
    };
    let result = run(&set_of(&documents), &world);
    assert_eq!(result.labels(), &json!({"x": "0", "y": "1"}));
    assert_eq!(result.applied, ["p"]);
}

/// Completes whatever the Pod leaves open, as the policies that ship do.
fn completing() -> PolicySet {
    let mut documents = policy(
        "bounds",
        json!({
            "reinvocationPolicy": "IfNeeded",
            "variables": [{"name": "deadline", "expression":
                "has(object.spec.activeDeadlineSeconds) ? object.spec.activeDeadlineSeconds : 900",
            }],
            "mutations": [
                configuration("Object{spec: Object.spec{
                    activeDeadlineSeconds: variables.deadline,
                    containers: object.spec.containers.map(c, Object.spec.containers{
                        name: c.name,
                        resources: Object.spec.containers.resources{
                            limits: {'memory': c[?'resources'].limits.memory.orValue('1Gi')}}})}}"),
                patch("has(object.metadata.labels) ? [] :
                    [JSONPatch{op: 'add', path: '/metadata/labels', value: {'phase': 'shadow'}}]"),
            ],
        }),
    );
    documents.extend(policy(
        "identity",
        json!({
            "reinvocationPolicy": "IfNeeded",
            "mutations": [configuration("Object{spec: Object.spec{
                serviceAccountName: 'agent-' + object.metadata.labels[?'phase'].orValue('shadow'),
                volumes: [Object.spec.volumes{name: 'token'}],
                containers: object.spec.containers.map(c, Object.spec.containers{
                    name: c.name,
                    volumeMounts: [Object.spec.containers.volumeMounts{
                        name: 'token', mountPath: '/var/run/token'}]})}}")],
        }),
    ));
    set_of(&documents)
}

fn generated_pod() -> impl Strategy<Value = Value> {
    let container = (prop::option::of("[a-c]{1,2}"), prop::option::of(1..4i64));
    (
        prop::collection::btree_map("[a-d]", container, 1..4),
        prop::option::of(prop::collection::btree_map(
            "phase|team",
            "[a-z]{1,3}",
            0..3,
        )),
        prop::option::of(1..900i64),
        any::<bool>(),
    )
        .prop_map(|(containers, labels, deadline, novel)| {
            let containers = containers.into_iter().map(|(name, (image, memory))| {
                let mut container = json!({"name": name, "futureField": [name]});
                if let Some(image) = image {
                    container["image"] = json!(image);
                }
                if let Some(memory) = memory {
                    container["resources"] = json!({"limits": {"memory": format!("{memory}Gi")}});
                }
                container
            });
            let mut pod = pod(json!({}));
            pod["spec"]["containers"] = containers.collect();
            match labels {
                Some(labels) => pod["metadata"]["labels"] = json!(labels),
                None => drop(pod["metadata"].as_object_mut().unwrap().remove("labels")),
            }
            if let Some(deadline) = deadline {
                pod["spec"]["activeDeadlineSeconds"] = json!(deadline);
            }
            if novel {
                pod["novel"] = json!({"kept": true});
            }
            pod
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_completed_object_is_complete(object in generated_pod()) {
        let set = completing();
        let once = run(&set, &World::creating(object.clone()));
        prop_assert_eq!(once.messages(), [""; 0]);
        let completed = once.object.unwrap();
        let twice = run(&set, &World::creating(completed.clone()));
        prop_assert!(twice.is_the_very_same);
        prop_assert_eq!(&completed["novel"], &object["novel"]);
        for (before, after) in object["spec"]["containers"].as_array().unwrap().iter()
            .zip(completed["spec"]["containers"].as_array().unwrap())
        {
            prop_assert_eq!(&before["futureField"], &after["futureField"]);
        }
    }
}

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::patch::schema::schema_of;

fn pod(spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "agent"}, "spec": spec})
}

fn merged(target: &Value, configuration: &Value) -> Result<Value, String> {
    let arena = Bump::new();
    let target = arena.alloc(Json::from_serde(target, &arena));
    let configuration = arena.alloc(Json::from_serde(configuration, &arena));
    let (group, version, kind) = kind_of(target);
    let schema = schema_of(group, version, kind).unwrap();
    apply_configuration(schema, target, configuration, &arena)
        .map(|json| serde_json::to_value(json).unwrap())
        .map_err(|error| error.to_string())
}

fn kind_of<'a>(object: &Json<'a>) -> (&'a str, &'a str, &'a str) {
    let text = |key| object.get(key).and_then(Json::as_str).unwrap();
    let api_version = text("apiVersion");
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    (group, version, text("kind"))
}

/// Name, spec of the target Pod, spec of the configuration, spec of the result.
#[test]
fn pods_are_completed() {
    let cases: &[(&str, Value, Value, Value)] = &[
        (
            "every container gets a mount, and the Pod its volume",
            json!({"containers": [
                {"name": "a", "image": "x", "volumeMounts": [{"name": "w", "mountPath": "/w"}]},
                {"name": "b", "image": "y"},
            ]}),
            json!({
                "volumes": [{"name": "token", "emptyDir": {"medium": "Memory"}}],
                "containers": [
                    {"name": "a", "volumeMounts": [{"name": "token", "mountPath": "/t"}]},
                    {"name": "b", "volumeMounts": [{"name": "token", "mountPath": "/t"}]},
                ],
            }),
            json!({
                "volumes": [{"name": "token", "emptyDir": {"medium": "Memory"}}],
                "containers": [
                    {"name": "a", "image": "x", "volumeMounts": [
                        {"name": "w", "mountPath": "/w"},
                        {"name": "token", "mountPath": "/t"},
                    ]},
                    {"name": "b", "image": "y", "volumeMounts": [
                        {"name": "token", "mountPath": "/t"},
                    ]},
                ],
            }),
        ),
        (
            "limits are set one by one",
            json!({"containers": [
                {"name": "a", "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}},
            ]}),
            json!({"containers": [
                {"name": "a", "resources": {"limits": {"cpu": "2", "memory": "1Gi"}}},
            ]}),
            json!({"containers": [{"name": "a", "resources": {
                "limits": {"cpu": "2", "memory": "1Gi"}, "requests": {"cpu": "1"},
            }}]}),
        ),
        (
            "a new init container comes after the others",
            json!({"initContainers": [{"name": "i"}], "containers": [{"name": "a"}]}),
            json!({"initContainers": [{"name": "j", "image": "x"}]}),
            json!({
                "initContainers": [{"name": "i"}, {"name": "j", "image": "x"}],
                "containers": [{"name": "a"}],
            }),
        ),
        (
            "variables keep their place, new ones come last",
            json!({"containers": [{"name": "a", "env": [
                {"name": "A", "value": "1"}, {"name": "B", "value": "2"},
            ]}]}),
            json!({"containers": [{"name": "a", "env": [
                {"name": "C", "value": "3"}, {"name": "B", "value": "4"},
            ]}]}),
            json!({"containers": [{"name": "a", "env": [
                {"name": "A", "value": "1"},
                {"name": "C", "value": "3"},
                {"name": "B", "value": "4"},
            ]}]}),
        ),
        (
            "shared items follow the configuration's order",
            json!({"containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}),
            json!({"containers": [{"name": "c"}, {"name": "a"}]}),
            json!({"containers": [{"name": "b"}, {"name": "c"}, {"name": "a"}]}),
        ),
        (
            "ports without protocol are TCP",
            json!({"containers": [{"name": "a", "ports": [
                {"containerPort": 80, "protocol": "TCP"}, {"containerPort": 80, "protocol": "UDP"},
            ]}]}),
            json!({"containers": [{"name": "a", "ports": [{"containerPort": 80, "name": "web"}]}]}),
            json!({"containers": [{"name": "a", "ports": [
                {"containerPort": 80, "protocol": "TCP", "name": "web"},
                {"containerPort": 80, "protocol": "UDP"},
            ]}]}),
        ),
        (
            "items that share a key are replaced by the configuration's",
            json!({"containers": [{"name": "a", "env": [
                {"name": "A", "value": "1"}, {"name": "A", "value": "2"},
            ]}]}),
            json!({"containers": [{"name": "a", "env": [{"name": "A", "value": "3"}]}]}),
            json!({"containers": [{"name": "a", "env": [{"name": "A", "value": "3"}]}]}),
        ),
        (
            "unknown fields survive at every level",
            json!({"future": {"x": [1]}, "containers": [
                {"name": "a", "novel": [{"y": 2}], "resources": {"later": true}},
            ]}),
            json!({"containers": [{"name": "a", "resources": {"limits": {"cpu": "1"}}}]}),
            json!({"future": {"x": [1]}, "containers": [{
                "name": "a", "novel": [{"y": 2}],
                "resources": {"later": true, "limits": {"cpu": "1"}},
            }]}),
        ),
        (
            "nothing is removed by leaving it out or by saying that it is empty",
            json!({"hostname": "h", "containers": [{"name": "a", "ports": [{"containerPort": 1}]}]}),
            json!({"securityContext": {}, "containers": [{"name": "a", "ports": []}]}),
            json!({
                "hostname": "h",
                "securityContext": {},
                "containers": [{"name": "a", "ports": [{"containerPort": 1}]}],
            }),
        ),
    ];
    for (name, target, configuration, expected) in cases {
        let result = merged(&pod(target.clone()), &json!({"spec": configuration}));
        assert_eq!(result, Ok(pod(expected.clone())), "{name}");
    }
}

#[test]
fn sets_are_united() {
    let target = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"finalizers": ["a", "b"]},
    });
    let configuration = json!({"metadata": {"finalizers": ["c", "a"]}});
    let result = merged(&target, &configuration).unwrap();
    // Shared values follow the configuration's order.
    assert_eq!(
        result["metadata"]["finalizers"],
        json!(["c", "a", "b"]),
        "{result}"
    );
}

#[test]
fn templates_merge_like_pods() {
    let target = json!({
        "apiVersion": "batch/v1", "kind": "CronJob",
        "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}}},
    });
    let configuration = json!({
        "spec": {"jobTemplate": {"spec": {
            "backoffLimit": 0,
            "template": {"spec": {"containers": [{"name": "a", "image": "x"}]}},
        }}},
    });
    let result = merged(&target, &configuration).unwrap();
    assert_eq!(
        result["spec"]["jobTemplate"]["spec"],
        json!({
            "backoffLimit": 0,
            "template": {"spec": {"containers": [{"name": "a", "image": "x"}]}},
        })
    );
}

#[test]
fn the_type_of_the_object_is_not_changed() {
    let target = pod(json!({"containers": [{"name": "a"}]}));
    let configuration = json!({"apiVersion": "v2", "kind": "Job", "spec": {"hostname": "h"}});
    let result = merged(&target, &configuration).unwrap();
    assert_eq!(
        (&result["apiVersion"], &result["kind"]),
        (&json!("v1"), &json!("Pod"))
    );
}

/// Spec of the configuration, and the error.
#[test]
fn what_cannot_be_merged_is_refused() {
    let cases: &[(Value, &str)] = &[
        (
            json!({"containers": [{"name": "a", "command": ["x"], "env": [
                {"name": "X", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            ]}]}),
            "invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: \
             .spec.containers[0].command, .spec.containers[0].env[0].valueFrom.fieldRef",
        ),
        (
            json!({"nodeSelector": {"a": "b"}, "tolerations": []}),
            "invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: \
             .spec.nodeSelector, .spec.tolerations",
        ),
        (
            json!({"containers": [{"name": "a", "imge": "x"}]}),
            "failed to convert patch object to typed object: .spec.containers[name=\"a\"].imge: \
             field not declared in schema",
        ),
        (
            json!({"containers": [{"name": "a"}, {"name": "a"}]}),
            "failed to convert patch object to typed object: .spec.containers: duplicate entries \
             for key [name=\"a\"]",
        ),
        (
            json!({"containers": [{"name": "a", "ports": [
                {"containerPort": 80}, {"containerPort": 80, "protocol": "TCP"},
            ]}]}),
            "failed to convert patch object to typed object: .spec.containers[name=\"a\"].ports: \
             duplicate entries for key [containerPort=80,protocol=\"TCP\"]",
        ),
        (
            json!({"containers": "x"}),
            "failed to convert patch object to typed object: .spec.containers: expected list, got \
             &{x}",
        ),
        (
            json!({"containers": [{"name": 1}]}),
            "failed to convert patch object to typed object: .spec.containers[name=1].name: \
             expected string, got &value.valueUnstructured{Value:1}",
        ),
        (
            json!({"hostNetwork": "yes", "priority": "high"}),
            "failed to convert patch object to typed object: errors:\n  \
             .spec.hostNetwork: expected boolean, got &{yes}\n  \
             .spec.priority: expected numeric (int or float), got string",
        ),
        (
            json!({"containers": [null]}),
            "failed to convert patch object to typed object: .spec.containers: element 0: \
             associative list with keys may not have a null element",
        ),
        (
            json!({"containers": [{"name": "a", "resources": {"limits": {"cpu": {"a": [1]}}}}]}),
            "failed to convert patch object to typed object: \
             .spec.containers[name=\"a\"].resources.limits.cpu: expected any scalar, got \
             &{map[a:[1]]}",
        ),
    ];
    for (configuration, expected) in cases {
        let target = pod(json!({"containers": [{"name": "a"}]}));
        let result = merged(&target, &json!({"spec": configuration}));
        assert_eq!(result, Err((*expected).to_owned()));
    }
}

#[test]
fn a_target_whose_items_have_no_identity_is_refused() {
    let target = pod(json!({"containers": ["a"]}));
    let result = merged(&target, &json!({"spec": {"containers": [{"name": "a"}]}}));
    let expected = "failed to convert original object to typed object: .spec.containers: element 0: \
                    associative list with keys may not have non-map elements";
    assert_eq!(result, Err(expected.to_owned()));
}

#[test]
fn what_is_not_changed_keeps_its_address() {
    let arena = Bump::new();
    let schema = schema_of("", "v1", "Pod").unwrap();
    let target = pod(json!({"volumes": [{"name": "v"}], "containers": [{"name": "a"}]}));
    let target: &Json<'_> = arena.alloc(Json::from_serde(&target, &arena));
    let parse = |value: Value| &*arena.alloc(Json::from_serde(&value, &arena));

    let same = parse(json!({"spec": {"containers": [{"name": "a"}]}}));
    let unchanged = apply_configuration(schema, target, same, &arena).unwrap();
    assert!(std::ptr::eq(unchanged, target));

    let other = parse(json!({"spec": {"containers": [{"name": "a", "image": "x"}]}}));
    let changed = apply_configuration(schema, target, other, &arena).unwrap();
    assert!(std::ptr::eq(volumes(changed), volumes(target)));
}

fn volumes<'a>(pod: &Json<'a>) -> &'a [Json<'a>] {
    let spec = pod.get("spec").unwrap();
    spec.get("volumes").and_then(Json::as_array).unwrap()
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "c", "d"])
}

/// Distinct items of a list that is keyed by `key`.
fn items(
    key: &'static str,
    more: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec((name(), more), 0..4).prop_map(move |items| {
        let mut seen = std::collections::HashSet::new();
        let distinct = items.into_iter().filter(|(name, _)| seen.insert(*name));
        distinct
            .map(|(name, mut item)| {
                item[key] = json!(name);
                item
            })
            .collect()
    })
}

fn container() -> impl Strategy<Value = Value> {
    let variable = prop::option::of(name()).prop_map(|value| json!({"value": value.unwrap_or("")}));
    let mount = name().prop_map(|name| json!({"name": name}));
    let limits = prop::collection::vec((name(), 0..3i64), 0..3).prop_map(|limits| {
        Value::Object(
            limits
                .into_iter()
                .map(|(name, limit)| (name.to_owned(), json!(limit)))
                .collect(),
        )
    });
    (items("name", variable), items("mountPath", mount), limits).prop_map(
        |(env, mounts, limits)| {
            json!({"env": env, "volumeMounts": mounts, "resources": {"limits": limits}})
        },
    )
}

fn spec() -> impl Strategy<Value = Value> {
    let volume = Just(json!({"emptyDir": {}}));
    (items("name", container()), items("name", volume))
        .prop_map(|(containers, volumes)| json!({"containers": containers, "volumes": volumes}))
}

proptest! {
    #[test]
    fn applying_twice_is_applying_once(target in spec(), configuration in spec()) {
        let configuration = json!({"spec": configuration});
        let once = merged(&pod(target), &configuration).unwrap();
        let twice = merged(&once, &configuration).unwrap();
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn everything_that_is_configured_is_in_the_result(target in spec(), configuration in spec()) {
        let result = merged(&pod(target), &json!({"spec": configuration.clone()})).unwrap();
        for container in configuration["containers"].as_array().unwrap() {
            let containers = result["spec"]["containers"].as_array().unwrap();
            let found = containers.iter().find(|c| c["name"] == container["name"]).unwrap();
            for variable in container["env"].as_array().unwrap() {
                prop_assert!(found["env"].as_array().unwrap().contains(variable));
            }
            for (name, limit) in container["resources"]["limits"].as_object().unwrap() {
                prop_assert_eq!(&found["resources"]["limits"][name], limit);
            }
        }
    }

    #[test]
    fn nothing_that_is_unknown_is_lost(
        mut target in spec(),
        configuration in spec(),
        unknown in prop::collection::vec(name(), 1..3),
    ) {
        for (index, text) in unknown.iter().enumerate() {
            target[format!("future{index}")] = json!({"list": [text]});
            for container in target["containers"].as_array_mut().unwrap() {
                container[format!("novel{index}")] = json!(text);
            }
        }
        let before = target.clone();
        let result = merged(&pod(target), &json!({"spec": configuration})).unwrap();
        for (index, text) in unknown.iter().enumerate() {
            prop_assert_eq!(&result["spec"][format!("future{index}")], &json!({"list": [text]}));
            for container in before["containers"].as_array().unwrap() {
                let containers = result["spec"]["containers"].as_array().unwrap();
                let found = containers.iter().find(|c| c["name"] == container["name"]).unwrap();
                prop_assert_eq!(&found[format!("novel{index}")], &json!(text));
            }
        }
    }
}

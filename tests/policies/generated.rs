//! Generated Jobs, CronJobs and Pods: what people write, in all combinations, with fields that no
//! build knows.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Starts the names of fields that no Kubernetes has.
const UNKNOWN: &str = "xFuture";
const IMAGE: &str = "registry.example/agent@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A Job, CronJob or Pod, mostly one that policies have something to say about.
pub fn workload() -> BoxedStrategy<Value> {
    (labels(), unknown(), pod_spec(container()), job_fields())
        .prop_flat_map(assemble)
        .boxed()
}

/// A Job, CronJob or Pod that leaves to completion what it completes.
pub fn modest_workload() -> BoxedStrategy<Value> {
    let labels = option::of(prop_oneof![
        Just(json!({"cattlegrid.dev/profile": "small"})),
        Just(json!({"cattlegrid.dev/phase": "read-only", "team": "support"})),
    ]);
    let container = (
        1..1000u32,
        option::of(Just(json!([{"name": "MODEL", "value": "large"}]))),
    )
        .prop_map(|(_, env)| members([("image", Some(json!(IMAGE))), ("env", env)]));
    let spec = (vec(container, 1..4), vec(option::of(Just("memory")), 0..2)).prop_map(
        |(containers, volumes)| {
            let volumes: Vec<Value> = (0..volumes.len())
                .map(|n| json!({"name": format!("scratch-{n}"), "emptyDir": {"medium": "Memory"}}))
                .collect();
            json!({"restartPolicy": "Never", "containers": named("c", containers),
                   "volumes": volumes})
        },
    );
    (labels, Just(json!({})), spec, Just(json!({})))
        .prop_flat_map(assemble)
        .boxed()
}

/// The fields with unknown names: JSON pointer and value.
pub fn unknown_fields(object: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    search(object, String::new(), &mut found);
    found
}

fn search(value: &Value, pointer: String, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                if key.starts_with(UNKNOWN) {
                    found.push((pointer, member.clone()));
                } else {
                    search(member, pointer, found);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                search(item, format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn assemble(
    (labels, unknown, spec, job): (Option<Value>, Value, Value, Value),
) -> impl Strategy<Value = Value> {
    prop_oneof![Just("Job"), Just("Pod"), Just("CronJob")].prop_map(move |kind| {
        let mut metadata = members([("labels", labels.clone())]);
        merge(&mut metadata, &unknown);
        let template = json!({"metadata": metadata.clone(), "spec": spec});
        let mut job_spec = json!({"template": template});
        merge(&mut job_spec, &job);
        metadata["name"] = json!("generated");
        match kind {
            "Pod" => {
                json!({"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec})
            }
            "Job" => json!({
                "apiVersion": "batch/v1", "kind": kind, "metadata": metadata, "spec": job_spec,
            }),
            _ => json!({
                "apiVersion": "batch/v1", "kind": kind, "metadata": metadata,
                "spec": {"schedule": "5 4 * * *", "jobTemplate": {"spec": job_spec}},
            }),
        }
    })
}

fn merge(object: &mut Value, other: &Value) {
    for (key, value) in other.as_object().unwrap() {
        object[key] = value.clone();
    }
}

fn members<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let present = members
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}

fn unknown() -> impl Strategy<Value = Value> + Clone {
    let scalar = prop_oneof![
        any::<i64>().prop_map(|n| json!(n)),
        "[a-z /~\"é]{0,12}".prop_map(|s| json!(s)),
        Just(json!(true)),
        // More than a double holds exactly.
        Just(json!(9_007_199_254_740_993_i64)),
        Just(json!({"nested": [{"deep": {}}, []]})),
    ];
    vec(scalar, 0..2).prop_map(|values| {
        let fields = values.into_iter().enumerate();
        Value::Object(
            fields
                .map(|(n, value)| (format!("{UNKNOWN}{n}"), value))
                .collect(),
        )
    })
}

fn labels() -> impl Strategy<Value = Option<Value>> {
    let one_of = |values: &'static [&'static str]| {
        option::of(proptest::sample::select(values).prop_map(|value| json!(value)))
    };
    let labels = (
        one_of(&["agent"]),
        one_of(&["shadow", "read-only", "autonomous", "no-such-phase"]),
        one_of(&["small", "medium", "large", "no-such-profile"]),
        one_of(&["ticket-4711-triage", "short"]),
        one_of(&["triage"]),
    );
    option::of(
        labels.prop_map(|(workload, phase, profile, investigation, account)| {
            members([
                ("cattlegrid.dev/workload", workload),
                ("cattlegrid.dev/phase", phase),
                ("cattlegrid.dev/profile", profile),
                ("cattlegrid.dev/investigation", investigation),
                ("cattlegrid.dev/account", account),
            ])
        }),
    )
}

fn job_fields() -> impl Strategy<Value = Value> {
    let number = |values: &'static [i64]| {
        option::of(proptest::sample::select(values).prop_map(|value| json!(value)))
    };
    (
        number(&[0, 3]),
        number(&[30, 600, 9000]),
        number(&[1, 4]),
        number(&[0, 60]),
        unknown(),
    )
        .prop_map(|(backoff, deadline, parallelism, ttl, unknown)| {
            let mut fields = members([
                ("backoffLimit", backoff),
                ("activeDeadlineSeconds", deadline),
                ("parallelism", parallelism),
                ("ttlSecondsAfterFinished", ttl),
            ]);
            merge(&mut fields, &unknown);
            fields
        })
}

fn pod_spec(container: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
    let account = option::of(proptest::sample::select(
        &["default", "agent-shadow", "custom"][..],
    ));
    let scalars = (
        account,
        option::of(any::<bool>()),
        option::of(proptest::sample::select(&["Never", "OnFailure"][..])),
        option::of(proptest::sample::select(&[60i64, 7200][..])),
    );
    (
        scalars,
        vec(container.clone(), 1..4),
        vec(container, 0..2),
        vec(volume(), 0..4),
        unknown(),
    )
        .prop_map(
            |((account, automount, restart, deadline), main, init, volumes, unknown)| {
                let mut spec = members([
                    ("serviceAccountName", account.map(|name| json!(name))),
                    (
                        "automountServiceAccountToken",
                        automount.map(|flag| json!(flag)),
                    ),
                    ("restartPolicy", restart.map(|policy| json!(policy))),
                    (
                        "activeDeadlineSeconds",
                        deadline.map(|seconds| json!(seconds)),
                    ),
                    (
                        "initContainers",
                        (!init.is_empty()).then(|| named("i", init)),
                    ),
                    (
                        "volumes",
                        (!volumes.is_empty()).then(|| named("v", volumes)),
                    ),
                ]);
                spec["containers"] = named("c", main);
                merge(&mut spec, &unknown);
                spec
            },
        )
}

fn named(prefix: &str, items: Vec<Value>) -> Value {
    let items = items.into_iter().enumerate().map(|(number, mut item)| {
        item["name"] = json!(format!("{prefix}{number}"));
        item
    });
    items.collect()
}

fn container() -> impl Strategy<Value = Value> + Clone {
    let image = proptest::sample::select(&[IMAGE, "registry.example/tool:latest"][..]);
    let environment = option::of(prop_oneof![
        Just(json!([{"name": "MODEL", "value": "large"}])),
        Just(json!([{"name": "CATTLEGRID_INVESTIGATION", "value": "mine"}])),
        Just(json!([{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}])),
    ]);
    let mounts = option::of(Just(json!([{"name": "v0", "mountPath": "/data"}])));
    (
        image,
        environment,
        mounts,
        option::of(resources()),
        unknown(),
    )
        .prop_map(|(image, environment, mounts, resources, unknown)| {
            let mut container = members([
                ("image", Some(json!(image))),
                ("env", environment),
                ("volumeMounts", mounts),
                ("resources", resources),
            ]);
            merge(&mut container, &unknown);
            container
        })
}

fn resources() -> impl Strategy<Value = Value> + Clone {
    let amount = |values: &'static [&'static str]| {
        option::of(proptest::sample::select(values).prop_map(|value| json!(value)))
    };
    let list = move || {
        (
            amount(&["100m", "0.25", "2"]),
            amount(&["64Mi", "1e8", "8Gi"]),
            amount(&["1Gi"]),
        )
            .prop_map(|(cpu, memory, storage)| {
                members([
                    ("cpu", cpu),
                    ("memory", memory),
                    ("ephemeral-storage", storage),
                ])
            })
    };
    (option::of(list()), option::of(list()), unknown()).prop_map(|(limits, requests, unknown)| {
        let mut resources = members([("limits", limits), ("requests", requests)]);
        merge(&mut resources, &unknown);
        resources
    })
}

fn volume() -> impl Strategy<Value = Value> {
    let source = proptest::sample::select(vec![
        json!({}),
        json!({"emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}),
        json!({"hostPath": {"path": "/run"}}),
        json!({"persistentVolumeClaim": {"claimName": "memory"}}),
        json!({"configMap": {"name": "prompts"}}),
        json!({"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}),
        json!({"xFutureSource": {"a": 1}}),
    ]);
    (source, unknown()).prop_map(|(mut volume, unknown)| {
        merge(&mut volume, &unknown);
        volume
    })
}

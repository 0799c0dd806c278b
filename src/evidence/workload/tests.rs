use admission_cel::json::Json;
use bumpalo::Bump;
use serde_json::{Value, json};

use super::{Templated, describe};
use crate::evidence::bounds::Bounds;
use crate::k8s::manifest;

/// The first template of an object, as JSON.
fn of(object: &Value) -> Value {
    let arena = Bump::new();
    let text = object.to_string();
    let tree = Json::parse(text.as_bytes(), &arena).unwrap();
    let mut bounds = Bounds::default();
    let template = Templated::of(tree).template.expect("it has a Pod template");
    let described = describe(&template, &mut bounds);
    assert_eq!(bounds.into_truncated(), []);
    serde_json::to_value(&described).unwrap()
}

fn pod(spec: &Value) -> Value {
    of(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}))
}

/// A Pod with one volume, mounted by a container with a read-only root file system.
fn mounted(volume: &Value, mount: &Value) -> Value {
    let mut volume = volume.clone();
    volume["name"] = "v".into();
    let mut mount = mount.clone();
    mount["name"] = "v".into();
    mount["mountPath"] = "/v".into();
    pod(&json!({
        "containers": [{"name": "c", "securityContext": {"readOnlyRootFilesystem": true}, "volumeMounts": [mount]}],
        "volumes": [volume],
    }))
}

#[test]
fn each_type_of_volume_says_where_its_data_is_and_what_it_ends_with() {
    let table = [
        (
            json!({"emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}}),
            json!({"cap": {"by": "sizeLimit", "quantity": "64Mi"}, "lifetime": "pod", "medium": "memory", "type": "emptyDir"}),
        ),
        (
            json!({"emptyDir": {"sizeLimit": 1024}}),
            json!({"cap": {"by": "sizeLimit", "quantity": "1024"}, "lifetime": "pod", "medium": "node-disk", "type": "emptyDir"}),
        ),
        (
            json!({"emptyDir": {"sizeLimit": "0"}}),
            json!({"lifetime": "pod", "medium": "node-disk", "type": "emptyDir"}),
        ),
        (
            json!({"emptyDir": {"medium": "HugePages-2Mi"}}),
            json!({"lifetime": "pod", "medium": "huge-pages", "type": "emptyDir"}),
        ),
        (
            json!({}),
            json!({"lifetime": "pod", "medium": "node-disk", "type": "emptyDir"}),
        ),
        (
            json!({"hostPath": {"path": "/run"}}),
            json!({"lifetime": "node", "medium": "node-disk", "source": "/run", "type": "hostPath"}),
        ),
        (
            json!({"persistentVolumeClaim": {"claimName": "memory"}}),
            json!({"cap": {"by": "claim"}, "lifetime": "claim", "medium": "unknown", "source": "memory", "type": "persistentVolumeClaim"}),
        ),
        (
            json!({"ephemeral": {"volumeClaimTemplate": {"spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "1Gi"}}}}}}),
            json!({"cap": {"by": "claim", "quantity": "1Gi"}, "lifetime": "pod", "medium": "unknown", "source": "fast", "type": "ephemeral"}),
        ),
        (
            json!({"csi": {"driver": "store.example"}}),
            json!({"lifetime": "pod", "medium": "unknown", "source": "store.example", "type": "csi"}),
        ),
        (
            json!({"nfs": {"server": "files.example", "path": "/a"}}),
            json!({"lifetime": "external", "medium": "network", "source": "files.example", "type": "nfs"}),
        ),
        (
            json!({"later": {"a": 1}}),
            json!({"lifetime": "unknown", "medium": "unknown", "type": "later"}),
        ),
    ];
    for (volume, expected) in table {
        let mut expected = expected;
        expected["kind"] = "volume".into();
        expected["volume"] = "v".into();
        expected["mounts"] = json!([{"access": "write", "container": "c", "path": "/v"}]);
        assert_eq!(
            mounted(&volume, &json!({}))["surfaces"],
            json!([expected]),
            "{volume}"
        );
    }
}

#[test]
fn what_nobody_can_write_to_is_no_surface() {
    for volume in [
        json!({"configMap": {"name": "a"}}),
        json!({"secret": {"secretName": "a"}}),
        json!({"projected": {"sources": []}}),
        json!({"downwardAPI": {}}),
        json!({"image": {"reference": "a"}}),
        json!({"csi": {"driver": "csi.spiffe.io", "readOnly": true}}),
    ] {
        assert_eq!(
            mounted(&volume, &json!({}))["surfaces"],
            Value::Null,
            "{volume}"
        );
    }
    assert_eq!(
        mounted(&json!({"emptyDir": {}}), &json!({"readOnly": true}))["surfaces"],
        Value::Null
    );
}

#[test]
fn readers_of_a_writable_volume_are_named() {
    let template = pod(&json!({
        "initContainers": [{"name": "writes", "securityContext": {"readOnlyRootFilesystem": true},
            "volumeMounts": [{"name": "v", "mountPath": "/out", "subPath": "a"}]}],
        "containers": [{"name": "reads", "securityContext": {"readOnlyRootFilesystem": true},
            "volumeMounts": [{"name": "v", "mountPath": "/in", "readOnly": true}]}],
        "volumes": [{"name": "v", "emptyDir": {"medium": "Memory"}}],
    }));
    assert_eq!(
        template["surfaces"][0]["mounts"],
        json!([
            {"access": "write", "container": "writes", "path": "/out", "subPath": "a"},
            {"access": "read", "container": "reads", "path": "/in"},
        ])
    );
}

#[test]
fn an_unsized_volume_is_capped_by_what_limits_the_pod() {
    let with = |containers: &Value, pod_limits: &Value| {
        let mut spec = json!({"containers": containers, "volumes": [{"name": "v", "emptyDir": {"medium": "Memory"}}]});
        spec["resources"] = json!({"limits": pod_limits});
        let surfaces = pod(&spec)["surfaces"].clone();
        let is_volume = |surface: &&Value| surface["kind"] == "volume";
        surfaces.as_array().unwrap().iter().find(is_volume).unwrap()["cap"].clone()
    };
    let container = |name: &str, memory: Option<&str>| {
        json!({"name": name, "volumeMounts": [{"name": "v", "mountPath": "/v"}],
            "resources": {"limits": memory.map(|memory| json!({"memory": memory})).unwrap_or_default()}})
    };
    let one = json!([container("a", Some("1Gi"))]);
    let two = json!([container("a", Some("1Gi")), container("b", Some("2Gi"))]);
    let open = json!([container("a", Some("1Gi")), container("b", None)]);
    let none = json!({});
    assert_eq!(
        with(&one, &none),
        json!({"by": "memory", "quantity": "1Gi"})
    );
    assert_eq!(with(&two, &none), json!({"by": "memory"}));
    assert_eq!(with(&open, &none), Value::Null);
    assert_eq!(
        with(&open, &json!({"memory": "3Gi"})),
        json!({"by": "memory", "quantity": "3Gi"})
    );
}

#[test]
fn root_file_systems_devices_and_volumes_of_others_are_surfaces() {
    let template = pod(&json!({"containers": [{
        "name": "c",
        "resources": {"limits": {"ephemeral-storage": "1Gi"}},
        "volumeMounts": [{"name": "gone", "mountPath": "/gone"}],
        "volumeDevices": [{"name": "disk", "devicePath": "/dev/xvda"}],
    }]}));
    let kinds: Vec<(&str, &str)> = template["surfaces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|surface| {
            (
                surface["kind"].as_str().unwrap(),
                surface["type"].as_str().unwrap_or(""),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("rootFilesystem", ""),
            ("volume", "unknown"),
            ("device", "")
        ]
    );
    assert_eq!(
        template["surfaces"][0]["cap"],
        json!({"by": "ephemeral-storage", "quantity": "1Gi"})
    );
}

#[test]
fn each_door_of_a_credential_is_found_by_name() {
    let spec = json!({
        "automountServiceAccountToken": false,
        "imagePullSecrets": [{"name": "registry"}],
        "containers": [{"name": "c",
            "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "llm", "key": "a"}}},
                    {"name": "B", "valueFrom": {"secretKeyRef": {"name": "llm", "key": "b"}}},
                    {"name": "C", "value": "not-to-be-seen"}],
            "envFrom": [{"secretRef": {"name": "all"}}],
            "args": ["not-to-be-seen"],
            "volumeMounts": [{"name": "token", "mountPath": "/token", "readOnly": true}]}],
        "volumes": [
            {"name": "token", "projected": {"sources": [
                {"serviceAccountToken": {"audience": "cattlegrid.dev/shadow", "expirationSeconds": 600, "path": "token"}},
                {"serviceAccountToken": {"path": "api"}},
                {"podCertificate": {"signerName": "example.com/agents", "keyType": "ED25519"}},
                {"secret": {"name": "projected", "items": [{"key": "k", "path": "p"}]}}]}},
            {"name": "file", "secret": {"secretName": "file"}},
            {"name": "spiffe", "csi": {"driver": "csi.spiffe.io", "readOnly": true}},
            {"name": "store", "csi": {"driver": "secrets-store.csi.k8s.io", "nodePublishSecretRef": {"name": "creds"},
                "volumeAttributes": {"secretProviderClass": "vault", "other": "not-to-be-seen"}}},
            {"name": "files", "azureFile": {"secretName": "azure", "shareName": "s"}},
            {"name": "rbd", "rbd": {"secretRef": {"name": "ceph"}}}],
    });
    let template = pod(&spec);
    let reader = json!([{"container": "c", "path": "/token"}]);
    let only = json!([{"container": "c"}]);
    assert_eq!(
        template["credentials"],
        json!([
            {"domain": "cattlegrid.dev/shadow", "endsWithPod": true, "kind": "service-account-token",
                "lifetimeSeconds": 600, "mounts": reader, "name": "token", "via": "projected"},
            {"domain": "kubernetes", "endsWithPod": true, "kind": "service-account-token",
                "lifetimeSeconds": 3600, "mounts": reader, "name": "token", "via": "projected"},
            {"domain": "example.com/agents", "kind": "pod-certificate", "lifetimeSeconds": 86400,
                "mounts": reader, "name": "token", "via": "projected"},
            {"keys": ["k"], "kind": "secret", "mounts": reader, "name": "projected", "via": "projected"},
            {"kind": "secret", "name": "file", "via": "volume"},
            {"kind": "csi", "name": "csi.spiffe.io", "via": "csi"},
            {"domain": "vault", "kind": "csi", "name": "secrets-store.csi.k8s.io", "via": "csi"},
            {"kind": "secret", "name": "creds", "via": "csi"},
            {"kind": "secret", "name": "azure", "via": "azureFile"},
            {"kind": "secret", "name": "ceph", "via": "rbd"},
            {"keys": ["a", "b"], "kind": "secret", "mounts": only, "name": "llm", "via": "env"},
            {"kind": "secret", "mounts": only, "name": "all", "via": "envFrom"},
            {"kind": "image-pull-secret", "name": "registry", "via": "imagePullSecrets"},
        ])
    );
    assert!(!template.to_string().contains("not-to-be-seen"));
}

#[test]
fn a_template_that_does_not_refuse_the_default_token_gets_it() {
    let job = |spec: Value| {
        of(
            &json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {},
            "spec": {"template": {"spec": spec}}}),
        )["credentials"]
            .clone()
    };
    let token = json!([{"domain": "kubernetes", "endsWithPod": true, "kind": "automounted-token",
        "lifetimeSeconds": 3607, "via": "automount"}]);
    assert_eq!(job(json!({"containers": []})), token);
    assert_eq!(job(json!({"automountServiceAccountToken": true})), token);
    assert_eq!(
        job(json!({"automountServiceAccountToken": false})),
        Value::Null
    );
    // In a Pod the API server has put it by now, or has not.
    assert_eq!(pod(&json!({"containers": []}))["credentials"], Value::Null);
}

#[test]
fn vault_and_cloud_identities_are_named_without_what_they_hand_out() {
    let template = of(
        &json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {},
        "spec": {"jobTemplate": {"spec": {"activeDeadlineSeconds": 60, "template": {
            "metadata": {
                "labels": {"azure.workload.identity/use": "true"},
                "annotations": {
                    "vault.hashicorp.com/role": "agents",
                    "vault.hashicorp.com/agent-inject-secret-db": "secret/data/not-to-be-seen",
                    "vault.hashicorp.com/agent-inject-template-db": "not-to-be-seen",
                    "vault.hashicorp.com/agent-inject-token": "not-to-be-seen",
                }},
            "spec": {"automountServiceAccountToken": false, "activeDeadlineSeconds": 90}}}}}}),
    );
    assert_eq!(
        template,
        json!({
            "credentials": [
                {"domain": "agents", "kind": "vault", "name": "agents", "secrets": ["db"], "via": "annotation"},
                {"kind": "cloud-identity", "name": "azure.workload.identity", "via": "label"},
            ],
            "deadlineSeconds": 60,
            "path": "spec.jobTemplate.spec.template.spec",
        })
    );
}

#[test]
fn a_state_of_record_is_named_without_anything_that_authenticates() {
    let table = [
        (
            "https://changes.example/a?token=x#y",
            json!("https://changes.example/a"),
        ),
        (
            "git+ssh://code.example:22/a.git",
            json!("git+ssh://code.example:22/a.git"),
        ),
        ("none", json!("none")),
        ("https://user:password@changes.example/a", Value::Null),
        ("password", Value::Null),
        ("://x", Value::Null),
    ];
    for (annotation, expected) in table {
        let template = of(&json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"annotations": {"cattlegrid.dev/state-of-record": annotation}}, "spec": {}}));
        assert_eq!(template["externals"][0]["kind"], "state-of-record");
        assert_eq!(template["externals"][0]["uri"], expected, "{annotation}");
    }
}

#[test]
fn the_shipped_examples_have_the_surfaces_that_their_texts_tell() {
    let surfaces = |file: &str| {
        let arena = Bump::new();
        let objects: Vec<_> = manifest::parse(file, &arena).map(Result::unwrap).collect();
        let found = objects
            .iter()
            .filter_map(|object| Templated::of(object.json).template)
            .flat_map(|template| {
                let described = describe(&template, &mut Bounds::default());
                serde_json::to_value(described).unwrap()["surfaces"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default()
            });
        found
            .map(|surface| {
                let text = |key: &str| surface[key].as_str().unwrap_or("").to_owned();
                format!(
                    "{} {} {} {}",
                    text("kind"),
                    text("volume"),
                    text("medium"),
                    text("lifetime")
                )
            })
            .collect::<Vec<_>>()
    };
    let cattle = include_str!("../../../manifests/examples/incident-investigation/job.yaml");
    assert_eq!(
        surfaces(cattle),
        [
            "rootFilesystem  node-disk container",
            "volume scratch memory pod"
        ]
    );
    let pet = include_str!("../../../manifests/examples/incident-investigation/pet.yaml");
    assert_eq!(
        surfaces(pet),
        [
            "rootFilesystem  node-disk container",
            "volume memory unknown claim"
        ]
    );
}

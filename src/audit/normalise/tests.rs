use serde_json::{Value, json};

use super::*;

fn normalised(object: &Value) -> Value {
    let arena = Bump::new();
    let object = arena.alloc(Json::from_serde(object, &arena));
    serde_json::to_value(normalise(object, &arena)).unwrap()
}

#[test]
fn a_job_gets_its_defaults_and_keeps_what_is_set() {
    let job = normalised(&json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"},
        "spec": {"backoffLimit": 0, "template": {
            "metadata": {"labels": {"app": "agent"}},
            "spec": {"restartPolicy": "Never", "serviceAccount": "agent-shadow",
                     "containers": [{"name": "c", "image": "r.example/agent:latest"}]},
        }},
    }));
    assert_eq!(job["metadata"]["labels"], json!({"app": "agent"}));
    assert_eq!(job["spec"]["backoffLimit"], 0);
    assert_eq!(job["spec"]["completions"], 1);
    assert_eq!(job["spec"]["parallelism"], 1);
    let spec = &job["spec"]["template"]["spec"];
    assert_eq!(spec["restartPolicy"], "Never");
    assert_eq!(spec["terminationGracePeriodSeconds"], 30);
    assert_eq!(spec["serviceAccountName"], "agent-shadow");
    assert_eq!(spec["containers"][0]["imagePullPolicy"], "Always");
    assert_eq!(
        spec["volumes"],
        Value::Null,
        "the token is mounted in Pods only"
    );
}

#[test]
fn completions_stay_open_when_only_parallelism_is_set() {
    let job = normalised(&json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {}, "spec": {"parallelism": 2},
    }));
    assert_eq!(job["spec"]["completions"], Value::Null);
}

#[test]
fn a_pod_gets_the_default_account_and_its_token_unless_refused() {
    let pod = |spec: Value| {
        normalised(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": spec}))
    };
    let containers = json!([{"name": "c", "image": "i@sha256:0"}]);
    let mounted = pod(json!({"containers": containers}));
    assert_eq!(mounted["spec"]["serviceAccountName"], "default");
    let token = &mounted["spec"]["volumes"][0]["projected"]["sources"][0]["serviceAccountToken"];
    assert_eq!(token["expirationSeconds"], 3607);
    let refused = pod(json!({"containers": containers, "automountServiceAccountToken": false}));
    assert_eq!(refused["spec"]["volumes"], Value::Null);
    assert_eq!(
        refused["spec"]["containers"][0]["imagePullPolicy"],
        "IfNotPresent"
    );
}

#[test]
fn a_volume_without_source_is_an_empty_dir() {
    let pod = normalised(
        &json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": {
            "volumes": [{"name": "scratch"}, {"name": "s", "secret": {"secretName": "x"}}],
        }}),
    );
    assert_eq!(
        pod["spec"]["volumes"][0],
        json!({"name": "scratch", "emptyDir": {}})
    );
    assert_eq!(pod["spec"]["volumes"][1]["secret"]["defaultMode"], 420);
}

#[test]
fn requests_default_to_limits_in_pods_but_not_in_templates() {
    let containers = json!([{"name": "c", "resources": {"limits": {"cpu": "1", "memory": "1Gi"},
                                                        "requests": {"cpu": "500m"}}}]);
    let pod = normalised(&json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": {"containers": containers},
    }));
    let requests = &pod["spec"]["containers"][0]["resources"]["requests"];
    assert_eq!(*requests, json!({"cpu": "500m", "memory": "1Gi"}));
    let job = normalised(&json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {},
        "spec": {"template": {"spec": {"containers": containers}}},
    }));
    let resources = &job["spec"]["template"]["spec"]["containers"][0]["resources"];
    assert_eq!(resources["requests"], json!({"cpu": "500m"}));
}

#[test]
fn members_that_hold_nothing_are_left_out_and_those_that_say_no_stay() {
    let pod = normalised(&json!({"apiVersion": "v1", "kind": "Pod", "spec": {
        "volumes": null, "hostNetwork": false, "nodeName": "", "initContainers": [],
        "automountServiceAccountToken": false, "nodeSelector": {},
        "containers": [{"name": "c", "image": "i@sha256:0", "args": [],
                        "securityContext": {"privileged": false}}],
    }, "metadata": {"labels": {"kept": ""}, "annotations": {}}}));
    let spec = pod["spec"].as_object().unwrap();
    for key in [
        "volumes",
        "hostNetwork",
        "nodeName",
        "initContainers",
        "nodeSelector",
    ] {
        assert!(!spec.contains_key(key), "{key}");
    }
    assert_eq!(spec["automountServiceAccountToken"], false);
    assert_eq!(
        spec["containers"][0]["securityContext"]["privileged"],
        false
    );
    assert_eq!(spec["containers"][0].get("args"), None);
    assert_eq!(pod["metadata"], json!({"labels": {"kept": ""}}));
}

#[test]
fn quantities_are_written_in_one_way() {
    let job = normalised(
        &json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {}, "spec": {
            "template": {"spec": {"containers": [{"name": "c", "resources": {
                "limits": {"cpu": 1, "memory": "1024Mi"}, "requests": {"cpu": 0.5},
            }}]}},
        }}),
    );
    let resources = &job["spec"]["template"]["spec"]["containers"][0]["resources"];
    assert_eq!(resources["limits"], json!({"cpu": "1", "memory": "1Gi"}));
    assert_eq!(resources["requests"], json!({"cpu": "500m"}));
}

#[test]
fn kinds_that_are_not_known_here_stay_as_they_are() {
    let object = json!({"apiVersion": "example.dev/v1", "kind": "Thing", "spec": {}});
    assert_eq!(normalised(&object), object);
}

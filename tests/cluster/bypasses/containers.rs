//! What is put into Pods after, beside or below what was judged.

use serde_json::{Value, json};

use super::{Attempt, allowed, grid, refused, with_metadata};
use crate::grid::{IMAGE, cron_job, host_path, job, named, pod, with};

#[tokio::test(flavor = "multi_thread")]
async fn ephemeral_containers_and_kubectl_debug() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "debug").await;
    let stored = attempt.stores(&job(json!({}))).await;
    let agent = attempt.agents.pod_of(&stored).await;
    let debugger = |more: Value| {
        let container = with(json!({"name": "debugger", "image": IMAGE}), more);
        json!({"spec": {"ephemeralContainers": [container]}})
    };
    let token = json!([{"name": "cattlegrid-token", "mountPath": "/token"}]);
    for (container, policy) in [
        (json!({}), "interactive-access"),
        (json!({"volumeMounts": token}), "service-account-tokens"),
        (
            json!({"securityContext": {"privileged": true}}),
            "pod-hardening",
        ),
        (
            json!({"image": "docker.io/library/busybox:latest"}),
            "image-provenance",
        ),
    ] {
        let answer = attempt
            .changes(&agent, "ephemeralcontainers", &debugger(container))
            .await;
        refused(&answer, policy);
    }
    // `kubectl debug --copy-to`: the same Pod without its labels and its owner.
    let copy = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "copy"},
                      "spec": agent["spec"]});
    refused(&attempt.creates(&copy).await, "invocation-shape");
    // `kubectl debug node/…`: a Pod with the node's file system.
    let node = pod(json!({"hostPID": true, "nodeName": "node-1", "volumes": [
        {"name": "host-root", "hostPath": {"path": "/"}},
    ]}));
    let answer = attempt.creates(&node).await;
    refused(&answer, "host-paths");
    refused(&answer, "pod-hardening");
}

#[tokio::test(flavor = "multi_thread")]
async fn pods_resize() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "resize").await;
    let stored = attempt.stores(&job(json!({}))).await;
    let agent = attempt.agents.pod_of(&stored).await;
    let name = &agent["spec"]["containers"][0]["name"];
    let resize = |memory: &str| {
        let resources = json!({"limits": {"memory": memory}, "requests": {"memory": memory}});
        json!({"spec": {"containers": [{"name": name, "resources": resources}]}})
    };
    let path = format!(
        "{}/{}/resize?dryRun=All",
        attempt.under("pods"),
        agent["metadata"]["name"].as_str().unwrap()
    );
    let mut larger = agent.clone();
    larger["spec"]["containers"][0]["resources"] =
        resize("8Gi")["spec"]["containers"][0]["resources"].clone();
    larger["spec"]["containers"][0]["resources"]["limits"]["cpu"] =
        agent["spec"]["containers"][0]["resources"]["limits"]["cpu"].clone();
    larger["spec"]["containers"][0]["resources"]["limits"]["ephemeral-storage"] =
        agent["spec"]["containers"][0]["resources"]["limits"]["ephemeral-storage"].clone();
    let requests = agent["spec"]["containers"][0]["resources"]["requests"].clone();
    larger["spec"]["containers"][0]["resources"]["requests"] =
        with(requests, json!({"memory": "8Gi"}));
    refused(
        &attempt.sends("PUT", &path, Some(&larger)).await,
        "resources",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_pod_update() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "pod-update").await;
    let stored = attempt.stores(&job(json!({}))).await;
    let agent = attempt.agents.pod_of(&stored).await;
    let mut container = agent["spec"]["containers"][0].clone();
    container["image"] = json!("docker.io/library/redis:7");
    let answer = attempt
        .changes(&agent, "", &json!({"spec": {"containers": [container]}}))
        .await;
    refused(&answer, "image-provenance");
    refused(&answer, "local-state-stores");
}

#[tokio::test(flavor = "multi_thread")]
async fn init_containers_and_native_sidecars() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "init").await;
    let beside = |more: Value| {
        let container = with(json!({"name": "helper", "image": IMAGE}), more);
        job(json!({"initContainers": [container]}))
    };
    allowed(&attempt.creates(&beside(json!({}))).await);
    for (container, policy) in [
        (
            json!({"securityContext": {"privileged": true}}),
            "pod-hardening",
        ),
        (
            json!({"image": "registry.example/helper:1"}),
            "image-provenance",
        ),
        (
            json!({"resources": {"limits": {"memory": "64Gi"}}}),
            "resources",
        ),
        (
            json!({"restartPolicy": "Always", "resources": {"limits": {"memory": "64Gi"}}}),
            "resources",
        ),
        (
            json!({"command": ["redis-server"], "restartPolicy": "Always"}),
            "local-state-stores",
        ),
    ] {
        refused(&attempt.creates(&beside(container)).await, policy);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mirror_pods() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "mirror").await;
    let annotations = json!({"annotations": {"kubernetes.io/config.mirror": "0"}});
    let spec = json!({"volumes": [host_path()], "nodeName": "node-1"});
    let pet = with_metadata(pod(spec), annotations);
    // Anybody may write the annotation; only a node's own Pods are its own. It is completed like
    // any other Pod, which makes the API server refuse it even before it is judged.
    let answer = attempt.creates(&pet).await;
    assert!(
        answer
            .message()
            .contains("a mirror pod may not reference service accounts"),
        "{}",
        answer.body
    );
    // Where nothing is completed, it is judged.
    let warned = Attempt::labelled(
        &grid,
        "mirror-warn",
        json!({"cattlegrid.dev/agents": "warn"}),
    );
    let answer = warned.await.creates(&pet).await;
    assert!(
        answer
            .warnings
            .iter()
            .any(|line| line.starts_with("[host-paths]")),
        "{:?} {}",
        answer.warnings,
        answer.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn generate_name() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "generated").await;
    let unnamed =
        |object: Value| with_metadata(object, json!({"name": null, "generateName": "agent-"}));
    allowed(&attempt.creates(&unnamed(job(json!({})))).await);
    let volumes = json!({"volumes": [host_path()]});
    for object in [
        job(volumes.clone()),
        cron_job(volumes.clone()),
        pod(volumes),
    ] {
        refused(&attempt.creates(&unnamed(object)).await, "host-paths");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_owner_references() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "forged").await;
    let stored = attempt.stores(&job(json!({}))).await;
    let agent = attempt.agents.pod_of(&stored).await;
    let forged = with(
        named(pod(json!({"volumes": [host_path()]})), "forged"),
        json!({"metadata": {"ownerReferences": agent["metadata"]["ownerReferences"],
                            "labels": agent["metadata"]["labels"]}}),
    );
    let answer = attempt.creates(&forged).await;
    refused(&answer, "invocation-shape");
    refused(&answer, "host-paths");
}

/// The Pod is where rules hold, whoever makes it from whatever template.
#[tokio::test(flavor = "multi_thread")]
async fn templates_in_custom_resources() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "made-by-others").await;
    let owner = json!([{"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "name": "w",
                        "uid": "0f3cd1dc-7b3f-4f6c-9f4e-0b1f5d6d2f00", "controller": true}]);
    let made = with_metadata(
        pod(json!({"volumes": [host_path()], "serviceAccountName": "default"})),
        json!({"ownerReferences": owner}),
    );
    let controller = "system:serviceaccount:argo:workflow-controller";
    users_allow(&attempt, controller).await;
    let answer = attempt
        .by(
            controller,
            &["system:serviceaccounts", "system:authenticated"],
        )
        .creates(&made)
        .await;
    for policy in ["host-paths", "invocation-shape"] {
        refused(&answer, policy);
    }
}

async fn users_allow(attempt: &Attempt<'_>, user: &str) {
    crate::users::allow(&attempt.grid.cluster, "bypasses-workflows", [user]).await;
}

//! Pod templates inside custom resources, with a kind that the shipped table describes.

use serde_json::{Value, json};

use crate::api::{Cluster, cluster, documents, eventually, repository};
use crate::bypasses::{Attempt, grid, refused};
use crate::grid::{IMAGE, host_path, named, with};

/// JobSets as the API server sees them; what is in them matters to us alone.
async fn define_job_sets(cluster: &Cluster) {
    let any = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "jobsets.jobset.x-k8s.io"},
        "spec": {
            "group": "jobset.x-k8s.io",
            "scope": "Namespaced",
            "names": {"kind": "JobSet", "listKind": "JobSetList", "plural": "jobsets", "singular": "jobset"},
            "versions": [{
                "name": "v1alpha2", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": any}}},
            }],
        },
    });
    cluster.ensure(&definition, "").await;
    eventually("JobSets are served", async || {
        let answer = cluster.get("/apis/jobset.x-k8s.io/v1alpha2/jobsets").await;
        if answer.is_success() {
            Ok(())
        } else {
            Err(answer.body.to_string())
        }
    })
    .await;
}

fn job_set(labels: Value, volumes: Value) -> Value {
    json!({
        "apiVersion": "jobset.x-k8s.io/v1alpha2",
        "kind": "JobSet",
        "metadata": {"name": "evaluation"},
        "spec": {"replicatedJobs": [{
            "name": "workers",
            "template": {"spec": {"template": {
                "metadata": {"labels": labels},
                "spec": {
                    "restartPolicy": "Never",
                    "containers": [{"name": "worker", "image": IMAGE}],
                    "volumes": volumes,
                },
            }}},
        }]},
    })
}

fn in_memory() -> Value {
    json!([{"name": "scratch", "emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}}])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_in_a_custom_resource_is_judged_when_it_is_written() {
    let grid = grid().await;
    define_job_sets(&grid.cluster).await;
    let attempt = Attempt::new(&grid, "written-templates").await;
    let agents = &attempt.agents;
    let line = "[host-paths] spec.replicatedJobs[0].template.spec.template.spec.volumes[0].hostPath: \
                the agent would get the node's /run/containerd/containerd.sock; use an in-memory \
                emptyDir";
    agents
        .rejects(&job_set(json!({}), json!([host_path()])), line)
        .await;
    let stored = agents.accepts(&job_set(json!({}), in_memory())).await;
    // It stays what its author wrote: its Jobs are completed, not the templates.
    assert_eq!(
        stored["spec"],
        job_set(json!({}), in_memory())["spec"],
        "{stored}"
    );
    let changed = job_set(json!({}), json!([host_path()]));
    agents
        .rejects_change(&stored, &json!({"spec": changed["spec"]}), line)
        .await;
    let annotated = json!({"metadata": {"annotations": {"a": "b"}}});
    agents.change(&stored, "", &annotated).await.object();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_in_a_custom_resource_starts_no_phase_above_its_author() {
    let grid = grid().await;
    define_job_sets(&grid.cluster).await;
    let attempt = Attempt::new(&grid, "template-phases").await;
    let phase = json!({"cattlegrid.dev/phase": "autonomous"});
    let answer = attempt.creates(&job_set(phase, in_memory())).await;
    refused(&answer, "phase-authority");
    let shadow = named(job_set(json!({}), in_memory()), "shadow");
    attempt.creates(&shadow).await.object();
}

#[tokio::test(flavor = "multi_thread")]
async fn elsewhere_templates_of_labelled_objects_are_judged() {
    let grid = grid().await;
    define_job_sets(&grid.cluster).await;
    let attempt = Attempt::labelled(&grid, "labelled-templates", json!({})).await;
    let pet = job_set(json!({}), json!([host_path()]));
    attempt.creates(&pet).await.object();
    let label = json!({"metadata": {"labels": {"cattlegrid.dev/workload": "agent"}}});
    refused(&attempt.creates(&with(pet, label)).await, "host-paths");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_refuses_a_malformed_table() {
    let cluster = cluster().await;
    let baseline = documents(&repository("manifests/baseline/default.yaml")).remove(0);
    let entry = |templates: Value| json!([{"apiGroup": "g", "kind": "K", "resource": "ks", "templates": templates}]);
    let place = |path: &str| entry(json!([{"path": path, "holds": "PodSpec"}]));
    let parts = |parts: Value| entry(json!([{"path": "spec", "holds": "Parts", "parts": parts}]));
    let table = [
        (place("spec..pod"), "path"),
        (place("spec.pods[0]"), "path"),
        (place("$.spec.pod"), "path"),
        (entry(json!([{"path": "spec", "holds": "Pod"}])), "holds"),
        (
            parts(json!([])),
            "parts are for holds Parts, which needs them",
        ),
        (
            parts(json!([{"field": "containers"}])),
            "give first for a value or items for a list",
        ),
        (
            parts(json!([{"field": "containers", "items": ["$spec"]}])),
            "items",
        ),
    ];
    for (number, (table, expected)) in table.into_iter().enumerate() {
        let change = json!({
            "metadata": {"name": format!("malformed-{number}")},
            "spec": {"podTemplates": table},
        });
        let answer = cluster.create(&with(baseline.clone(), change), "").await;
        assert_eq!(answer.status, 422, "{table}: {}", answer.body);
        assert!(answer.message().contains(expected), "{}", answer.message());
    }
}

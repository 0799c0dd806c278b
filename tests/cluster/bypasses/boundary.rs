//! Leaving the boundary, moving it, and what guards it.

use serde_json::{Value, json};

use super::{Attempt, allowed, grid, refused, with_metadata};
use crate::api::path_of;
use crate::grid::{cron_job, host_path, job, named, with};

fn labels(labels: Value) -> Value {
    json!({"metadata": {"labels": labels}})
}

#[tokio::test(flavor = "multi_thread")]
async fn label_removal_opt_in_evasion_and_template_labels() {
    let grid = grid().await;
    let elsewhere = Attempt::labelled(&grid, "apps", json!({})).await;
    let workload = json!({"labels": {"cattlegrid.dev/workload": "agent"}});
    let agent = elsewhere
        .stores(&with_metadata(job(json!({})), workload.clone()))
        .await;
    let removed = labels(json!({"cattlegrid.dev/workload": null}));
    refused(
        &elsewhere.changes(&agent, "", &removed).await,
        "label-integrity",
    );
    // Labelled at the surface only.
    let disagreeing = with(
        with_metadata(job(json!({})), workload),
        json!({"spec": {"template": {"metadata": {"labels": {"cattlegrid.dev/workload": "web"}}}}}),
    );
    refused(&elsewhere.creates(&disagreeing).await, "label-integrity");
    // Inside the boundary nothing needs a label.
    let attempt = Attempt::new(&grid, "unlabelled").await;
    refused(
        &attempt
            .creates(&job(json!({"volumes": [host_path()]})))
            .await,
        "host-paths",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn namespace_relabelling() {
    let grid = grid().await;
    let attempt = Attempt::labelled(
        &grid,
        "relabelled-namespace",
        json!({"cattlegrid.dev/agents": "enforce", "cattlegrid.dev/max-phase": "read-only"}),
    )
    .await;
    let path = format!("/api/v1/namespaces/{}", attempt.agents.name);
    let mut stored = grid.cluster.get(&path).await.object();
    let changes = [
        json!({"cattlegrid.dev/agents": null}),
        json!({"cattlegrid.dev/agents": "audit"}),
        json!({"cattlegrid.dev/max-phase": "autonomous"}),
        json!({"cattlegrid.dev/max-phase": null}),
    ];
    for change in &changes {
        for subresource in ["", "/status"] {
            let path = format!("{path}{subresource}?dryRun=All");
            let answer = attempt
                .sends("PATCH", &path, Some(&labels(change.clone())))
                .await;
            refused(&answer, "agent-namespace");
        }
    }
    // It knows no PATCH.
    json_patch::merge(&mut stored, &labels(changes[0].clone()));
    let finalize = format!("{path}/finalize?dryRun=All");
    refused(
        &attempt.sends("PUT", &finalize, Some(&stored)).await,
        "agent-namespace",
    );
    let other = labels(json!({"team": "triage"}));
    let path = format!("{path}?dryRun=All");
    allowed(&attempt.sends("PATCH", &path, Some(&other)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_through_side_doors() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "side-doors").await;
    let stored = attempt.stores(&job(json!({}))).await;
    let agent = attempt.agents.pod_of(&stored).await;
    let promoted = labels(json!({"cattlegrid.dev/phase": "autonomous"}));
    refused(
        &attempt.changes(&agent, "status", &promoted).await,
        "label-integrity",
    );
    let name = agent["metadata"]["name"].as_str().unwrap();
    let binding = json!({
        "apiVersion": "v1", "kind": "Binding",
        "metadata": {"name": name, "labels": {"cattlegrid.dev/phase": "autonomous"}},
        "target": {"apiVersion": "v1", "kind": "Node", "name": "node-1"},
    });
    let path = format!("{}/{name}/binding?dryRun=All", attempt.under("pods"));
    refused(
        &attempt.sends("POST", &path, Some(&binding)).await,
        "label-integrity",
    );
}

/// An annotation is no exception, and an exception is nothing that a developer can grant.
#[tokio::test(flavor = "multi_thread")]
async fn self_service_exemption_annotations() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "exempt").await;
    let metadata = json!({
        "annotations": {"cattlegrid.dev/exempt": "true", "cattlegrid.dev/exception": "mine",
                        "pod-security.kubernetes.io/exempt": "true"},
        "labels": {"cattlegrid.dev/exempt": "true", "cattlegrid.dev/mode": "audit"},
    });
    let pet = with_metadata(job(json!({"volumes": [host_path()]})), metadata);
    refused(&attempt.creates(&pet).await, "host-paths");
    let exception = json!({
        "apiVersion": "cattlegrid.dev/v1alpha1", "kind": "PolicyException",
        "metadata": {"name": "mine", "labels": grid.own_label()},
        "spec": {
            "policies": ["host-paths"], "namespaces": [attempt.agents.name],
            "owner": "me@example.com", "reason": "because", "expires": "2999-01-01T00:00:00Z",
        },
    });
    refused(&attempt.creates(&exception).await, "agent-namespace");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_objects() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "own-objects").await;
    let label = labels(json!(grid.own_label()));
    let mut baseline = grid
        .cluster
        .get("/apis/cattlegrid.dev/v1alpha1/agentbaselines/default")
        .await
        .object();
    json_patch::merge(&mut baseline, &label);
    let place = path_of(&baseline, "");
    let weaker = with(baseline, json!({"spec": {"caps": {"parallelism": 100}}}));
    let path = format!("{place}?dryRun=All");
    refused(
        &attempt.sends("PUT", &path, Some(&weaker)).await,
        "agent-namespace",
    );
    for kind in ["ResourceQuota", "LimitRange"] {
        let object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "mine"},
                            "spec": {"limits": []}});
        let answer = attempt.creates(&object).await;
        refused(&answer, "agent-namespace");
    }
}

/// Jobs that a CronJob's controller makes act for an object that was authorised; a cap that was
/// lowered since stops them nevertheless.
#[tokio::test(flavor = "multi_thread")]
async fn a_lowered_cap_stops_what_was_authorised_before() {
    let grid = grid().await;
    let attempt = Attempt::labelled(
        &grid,
        "lowered",
        json!({"cattlegrid.dev/agents": "enforce", "cattlegrid.dev/max-phase": "shadow"}),
    )
    .await;
    let owner = json!([{"apiVersion": "batch/v1", "kind": "CronJob", "name": "old",
                        "uid": "0f3cd1dc-7b3f-4f6c-9f4e-0b1f5d6d2f01", "controller": true}]);
    let phase = json!({"cattlegrid.dev/phase": "read-only"});
    let made = with_metadata(
        named(job(json!({})), "old-1"),
        json!({"ownerReferences": owner, "labels": phase}),
    );
    let controller = "system:serviceaccount:kube-system:cronjob-controller";
    let groups = ["system:serviceaccounts", "system:authenticated"];
    let answer = attempt.by(controller, &groups).creates(&made).await;
    refused(&answer, "phase-authority");
    let scheduled = with_metadata(cron_job(json!({})), json!({"labels": phase}));
    refused(&attempt.creates(&scheduled).await, "phase-authority");
}

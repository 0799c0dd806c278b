//! More time, more runs and more room for a Job than was judged.

use serde_json::{Value, json};

use super::{Attempt, allowed, grid, refused, with_metadata};
use crate::grid::{cron_job, job, named, with};

#[tokio::test(flavor = "multi_thread")]
async fn job_update() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "job-update").await;
    let running = attempt
        .stores(&with(
            job(json!({})),
            json!({"spec": {"activeDeadlineSeconds": 300, "ttlSecondsAfterFinished": 60}}),
        ))
        .await;
    attempt.agents.pod_of(&running).await;
    for (spec, policy) in [
        (json!({"activeDeadlineSeconds": 301}), "deadlines"),
        (json!({"activeDeadlineSeconds": null}), "deadlines"),
        (json!({"backoffLimit": 3}), "deadlines"),
        (json!({"suspend": true}), "deadlines"),
        (json!({"parallelism": 5}), "invocation-shape"),
    ] {
        let answer = attempt.changes(&running, "", &json!({"spec": spec})).await;
        refused(&answer, policy);
    }
    allowed(
        &attempt
            .changes(
                &running,
                "",
                &json!({"spec": {"activeDeadlineSeconds": 200}}),
            )
            .await,
    );
    // A suspended Job may change its template.
    let suspended = with(
        named(job(json!({})), "suspended"),
        json!({"spec": {"suspend": true}}),
    );
    let suspended = attempt.stores(&suspended).await;
    let mut container = suspended["spec"]["template"]["spec"]["containers"][0].clone();
    container["resources"] = json!({"limits": {"memory": "64Gi"}});
    let larger = json!({"spec": {"template": {"spec": {"containers": [container]}}}});
    refused(&attempt.changes(&suspended, "", &larger).await, "resources");
    let promoted = json!({"spec": {"template": {"metadata": {"labels": {
        "cattlegrid.dev/phase": "autonomous",
    }}}}});
    refused(
        &attempt.changes(&suspended, "", &promoted).await,
        "phase-authority",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn termination_grace_period_seconds() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "grace").await;
    let long = json!({"terminationGracePeriodSeconds": 86400});
    refused(&attempt.creates(&job(long)).await, "deadlines");
    let probe = json!({"exec": {"command": ["true"]}, "terminationGracePeriodSeconds": 86400});
    let probed = json!({"containers": [
        {"name": "agent", "image": crate::grid::IMAGE, "livenessProbe": probe},
    ]});
    refused(&attempt.creates(&job(probed)).await, "deadlines");
    let stored = attempt.stores(&job(json!({}))).await;
    let agent = attempt.agents.pod_of(&stored).await;
    // One that is on no node goes at once, whatever is asked.
    let name = agent["metadata"]["name"].as_str().unwrap();
    let target = json!({"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name},
                        "target": {"apiVersion": "v1", "kind": "Node", "name": "node-1"}});
    let binding = format!("{}/{name}/binding", attempt.under("pods"));
    allowed(&attempt.sends("POST", &binding, Some(&target)).await);
    let path = crate::api::path_of(&agent, &attempt.agents.name);
    let options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "dryRun": ["All"],
                         "gracePeriodSeconds": 86400});
    refused(
        &attempt.sends("DELETE", &path, Some(&options)).await,
        "deletion-grace",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_one_run() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "runs").await;
    let container = |more: Value| {
        let agent = json!({"name": "agent", "image": crate::grid::IMAGE});
        job(json!({"containers": [with(agent, more)]}))
    };
    let rules = json!([{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]);
    let ignoring = json!({"spec": {"podFailurePolicy": {"rules": [
        {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
    ]}}});
    for (object, policy) in [
        (container(json!({"restartPolicy": "Always"})), "deadlines"),
        (
            container(json!({"restartPolicy": "Never", "restartPolicyRules": rules})),
            "deadlines",
        ),
        (job(json!({"restartPolicy": "OnFailure"})), "deadlines"),
        (with(job(json!({})), ignoring), "deadlines"),
        (
            with(job(json!({})), json!({"spec": {"backoffLimit": 3}})),
            "deadlines",
        ),
        (
            with(job(json!({})), json!({"spec": {"parallelism": 50}})),
            "invocation-shape",
        ),
    ] {
        refused(&attempt.creates(&object).await, policy);
    }
}

/// Setting `enforce` lets what is there go on, so it needs the right to every phase.
#[tokio::test(flavor = "multi_thread")]
async fn objects_older_than_the_rules() {
    let grid = grid().await;
    let attempt = Attempt::labelled(&grid, "older", json!({})).await;
    let old = with_metadata(
        cron_job(json!({})),
        json!({"labels": {"cattlegrid.dev/phase": "autonomous"}}),
    );
    attempt.stores(&old).await;
    let path = format!("/api/v1/namespaces/{}?dryRun=All", attempt.agents.name);
    let labels = |labels: Value| json!({"metadata": {"labels": labels}});
    for change in [
        json!({"cattlegrid.dev/agents": "enforce"}),
        json!({"cattlegrid.dev/agents": "enforce", "cattlegrid.dev/max-phase": "autonomous"}),
    ] {
        let answer = attempt.sends("PATCH", &path, Some(&labels(change))).await;
        refused(&answer, "agent-namespace");
    }
    // The CronJob's next Job is judged like any other.
    attempt.agents.becomes("enforce").await;
    let schedule = json!({"spec": {"suspend": true}});
    refused(
        &attempt.changes(&old, "", &schedule).await,
        "phase-authority",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn deletion_timestamp_and_finalizer() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "terminating").await;
    let held = with_metadata(
        with(
            job(json!({})),
            json!({"spec": {"activeDeadlineSeconds": 300}}),
        ),
        json!({"finalizers": ["example.com/held"]}),
    );
    let held = attempt.stores(&held).await;
    attempt.agents.delete(&held).await.object();
    let stored = attempt.agents.read(&held).await.object();
    assert!(
        stored["metadata"]["deletionTimestamp"].is_string(),
        "{stored}"
    );
    let longer = json!({"spec": {"activeDeadlineSeconds": 600}});
    refused(&attempt.changes(&held, "", &longer).await, "deadlines");
    // Letting go of it is nobody's finding.
    let released = json!({"metadata": {"finalizers": null}});
    allowed(&attempt.agents.change(&held, "", &released).await);
}

//! Nobody without the right runs an agent at a phase above their own.

use serde_json::{Value, json};

use super::{Attempt, allowed, grid, refused, with_metadata};
use crate::api::eventually;
use crate::grid::{Grid, cron_job, job, named, pod, with};

fn phase(name: &str) -> Value {
    json!({"labels": {"cattlegrid.dev/phase": name}})
}

/// A developer who may use `read-only` in the namespace, and nothing above it.
async fn reader<'g>(grid: &'g Grid, name: &str) -> Attempt<'g> {
    // Before the namespace is handed over: afterwards only roles that the baseline names may be
    // bound.
    let attempt = Attempt::labelled(grid, name, json!({})).await;
    let rbac = "rbac.authorization.k8s.io";
    let role = json!({
        "apiVersion": format!("{rbac}/v1"), "kind": "Role", "metadata": {"name": "phases"},
        "rules": [{"apiGroups": ["cattlegrid.dev"], "resources": ["trustphases"],
                   "resourceNames": ["read-only"], "verbs": ["use"]}],
    });
    let binding = json!({
        "apiVersion": format!("{rbac}/v1"), "kind": "RoleBinding", "metadata": {"name": "phases"},
        "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "phases"},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": "developer"}],
    });
    for object in [role, binding] {
        attempt.agents.accepts(&object).await;
    }
    attempt.agents.becomes("enforce").await;
    let own = with_metadata(job(json!({})), phase("read-only"));
    eventually("the developer may use read-only", async || {
        let answer = attempt.creates(&own).await;
        if answer.is_success() {
            Ok(())
        } else {
            Err(answer.body.to_string())
        }
    })
    .await;
    attempt
}

#[tokio::test(flavor = "multi_thread")]
async fn by_label() {
    let grid = grid().await;
    let attempt = reader(&grid, "by-label").await;
    for above in ["limited-write", "autonomous", "unknown"] {
        let object = with_metadata(job(json!({})), phase(above));
        refused(&attempt.creates(&object).await, "phase-authority");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_account_name() {
    let grid = grid().await;
    let attempt = reader(&grid, "by-account").await;
    for account in [
        "agent-autonomous",
        "agent-limited-write",
        "agent-autonomous-triage",
    ] {
        let object = job(json!({"serviceAccountName": account}));
        refused(&attempt.creates(&object).await, "phase-identity");
        let object = with_metadata(object, phase("read-only"));
        refused(&attempt.creates(&object).await, "phase-identity");
    }
    // The account's own label must not lead to another phase's account.
    let label = json!({"labels": {"cattlegrid.dev/phase": "read-only",
                                  "cattlegrid.dev/account": "x"}});
    let object = with_metadata(
        job(json!({"serviceAccountName": "agent-autonomous-x"})),
        label,
    );
    refused(&attempt.creates(&object).await, "phase-identity");
}

#[tokio::test(flavor = "multi_thread")]
async fn by_alias() {
    let grid = grid().await;
    let attempt = reader(&grid, "by-alias").await;
    let aliased = job(json!({"serviceAccount": "agent-autonomous"}));
    let aliased = with_metadata(aliased, phase("read-only"));
    refused(&attempt.creates(&aliased).await, "phase-identity");
}

#[tokio::test(flavor = "multi_thread")]
async fn by_template_mismatch() {
    let grid = grid().await;
    let attempt = reader(&grid, "by-template").await;
    let template = json!({"spec": {"template": {"metadata": phase("autonomous")}}});
    for object in [
        with(job(json!({})), template.clone()),
        with_metadata(with(job(json!({})), template.clone()), phase("read-only")),
    ] {
        let answer = attempt.creates(&object).await;
        refused(&answer, "phase-authority");
    }
    let surface = with_metadata(with(job(json!({})), template), phase("shadow"));
    refused(&attempt.creates(&surface).await, "phase-identity");
    let nested = json!({"spec": {"jobTemplate": {"metadata": phase("autonomous")}}});
    refused(
        &attempt.creates(&with(cron_job(json!({})), nested)).await,
        "phase-authority",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn by_update() {
    let grid = grid().await;
    let attempt = reader(&grid, "by-update").await;
    let promoted = json!({"metadata": phase("autonomous")});
    let running = with_metadata(job(json!({})), phase("read-only"));
    let running = attempt.stores(&running).await;
    let agent = attempt.agents.pod_of(&running).await;
    for object in [&running, &agent] {
        let answer = attempt.changes(object, "", &promoted).await;
        refused(&answer, "phase-authority");
        refused(&answer, "label-integrity");
    }
    let scheduled = with_metadata(cron_job(json!({})), phase("read-only"));
    let scheduled = attempt.stores(&scheduled).await;
    let nested = json!({"spec": {"jobTemplate": {"spec": {"template": {
        "metadata": phase("autonomous"),
    }}}}});
    for change in [&promoted, &nested] {
        let answer = attempt.changes(&scheduled, "", change).await;
        refused(&answer, "phase-authority");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn by_cron_job() {
    let grid = grid().await;
    let attempt = reader(&grid, "by-cron-job").await;
    let object = with_metadata(cron_job(json!({})), phase("autonomous"));
    refused(&attempt.creates(&object).await, "phase-authority");
    let own = with_metadata(cron_job(json!({})), phase("read-only"));
    allowed(&attempt.creates(&own).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn by_bare_pod() {
    let grid = grid().await;
    let attempt = reader(&grid, "by-pod").await;
    let object = with_metadata(pod(json!({})), phase("autonomous"));
    let answer = attempt.creates(&object).await;
    refused(&answer, "phase-authority");
    refused(&answer, "invocation-shape");
    let posing = with_metadata(
        named(
            pod(json!({"serviceAccountName": "agent-autonomous"})),
            "posing",
        ),
        json!({"labels": {"batch.kubernetes.io/job-name": "job"}}),
    );
    let answer = attempt.creates(&posing).await;
    refused(&answer, "phase-identity");
    refused(&answer, "invocation-shape");
}

#[tokio::test(flavor = "multi_thread")]
async fn by_direct_role_binding() {
    let grid = grid().await;
    let attempt = reader(&grid, "by-binding").await;
    let rbac = "rbac.authorization.k8s.io";
    let account = json!({"kind": "ServiceAccount", "name": "agent-read-only",
                         "namespace": attempt.agents.name});
    for (kind, role) in [("Role", "agent-autonomous"), ("ClusterRole", "edit")] {
        let binding = json!({
            "apiVersion": format!("{rbac}/v1"), "kind": "RoleBinding",
            "metadata": {"name": "promoted"},
            "roleRef": {"apiGroup": rbac, "kind": kind, "name": role},
            "subjects": [account],
        });
        refused(&attempt.creates(&binding).await, "phase-bindings");
    }
    // Nor is the right to a phase something to give to oneself.
    let oneself = json!({
        "apiVersion": format!("{rbac}/v1"), "kind": "Role", "metadata": {"name": "agent-read-only"},
        "rules": [{"apiGroups": ["cattlegrid.dev"], "resources": ["trustphases"],
                   "verbs": ["use"]}],
    });
    refused(&attempt.creates(&oneself).await, "phase-bindings");
}

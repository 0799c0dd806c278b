//! Users who may do everything outside our API group, so that RBAC is no part of the question there.

use cattlegrid::policy::run::ORDINARY_VERBS;
use serde_json::{Value, json};

use crate::api::{Cluster, eventually};

/// API groups whose every resource the users may use: all that tests ask about. Our own is not
/// among them, hence no `*`.
const GROUPS: [&str; 24] = [
    "",
    "admissionregistration.k8s.io",
    "agents.x-k8s.io",
    "apiextensions.k8s.io",
    "apps",
    "argoproj.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "jobset.x-k8s.io",
    "kueue.x-k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "ray.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

const RBAC: &str = "rbac.authorization.k8s.io";
const ROLE: &str = "everything-but-ours";

/// Allows users what is no question of ours; `binding` is a name that no other test uses.
pub async fn allow(cluster: &Cluster, binding: &str, users: impl IntoIterator<Item = &str>) {
    let subjects: Vec<Value> = users
        .into_iter()
        .map(|name| json!({"apiGroup": RBAC, "kind": "User", "name": name}))
        .collect();
    for object in [
        json!({
            "apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRole", "metadata": {"name": ROLE},
            "rules": [
                // With `bind`, `escalate` and `impersonate`.
                {"apiGroups": GROUPS, "resources": ["*"], "verbs": ["*"]},
                {"apiGroups": ["cattlegrid.dev"],
                 "resources": ["agentbaselines", "policyexceptions"], "verbs": ORDINARY_VERBS},
            ],
        }),
        json!({
            "apiVersion": format!("{RBAC}/v1"), "kind": "ClusterRoleBinding",
            "metadata": {"name": binding},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": ROLE},
            "subjects": subjects,
        }),
    ] {
        cluster.ensure(&object, "").await;
    }
    // All of them are known when one is.
    let Some(name) = subjects.last().map(|subject| subject["name"].clone()) else {
        return;
    };
    let spec = json!({"user": name, "resourceAttributes": {"verb": "create", "resource": "pods"}});
    wait_for_right(cluster, &spec).await;
}

/// Waits until the API server's authorizer, which watches Roles and bindings, answers yes to a
/// SubjectAccessReview with this spec.
pub async fn wait_for_right(cluster: &Cluster, spec: &Value) {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec,
    });
    eventually("the right is known", async || {
        let answer = cluster.create(&review, "").await;
        match answer.body["status"]["allowed"].as_bool() {
            Some(true) => Ok(()),
            _ => Err(answer.body.to_string()),
        }
    })
    .await;
}

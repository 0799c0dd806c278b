//! The users of cases: they may do everything outside our API group, so that RBAC is no part of the
//! question there.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::names::Run;
use crate::api::Cluster;

/// API groups whose every resource the users may use: all that cases ask about. Our own is not
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

/// Allows the users of all cases what is no question of theirs.
pub async fn allow(cluster: &Cluster, runs: &[Run<'_>]) {
    let group = "rbac.authorization.k8s.io";
    let users: BTreeSet<String> = runs
        .iter()
        .map(|run| run.localised(&run.case.user))
        .collect();
    let subjects: Vec<Value> = users
        .iter()
        .map(|name| json!({"apiGroup": group, "kind": "User", "name": name}))
        .collect();
    let ordinary = [
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
    ];
    for object in [
        json!({
            "apiVersion": format!("{group}/v1"), "kind": "ClusterRole",
            "metadata": {"name": "parity-users"},
            "rules": [
                // With `bind`, `escalate` and `impersonate`.
                {"apiGroups": GROUPS, "resources": ["*"], "verbs": ["*"]},
                {"apiGroups": ["cattlegrid.dev"], "resources": ["agentbaselines", "policyexceptions"],
                 "verbs": ordinary},
            ],
        }),
        json!({
            "apiVersion": format!("{group}/v1"), "kind": "ClusterRoleBinding",
            "metadata": {"name": "parity-users"},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "parity-users"},
            "subjects": subjects,
        }),
    ] {
        cluster.create(&object, "").await.object();
    }
}

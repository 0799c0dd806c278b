//! Rights that are given to agents later, and entering them.

use serde_json::{Value, json};

use super::{Attempt, grid, refused, with_metadata};
use crate::grid::job;

const RBAC: &str = "rbac.authorization.k8s.io";

#[tokio::test(flavor = "multi_thread")]
async fn exec_attach_port_forward_and_proxies() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "connect").await;
    let stored = attempt.stores(&job(json!({}))).await;
    let agent = attempt.agents.pod_of(&stored).await;
    let name = agent["metadata"]["name"].as_str().unwrap();
    let pod = attempt.under(&format!("pods/{name}"));
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "agent"},
                         "spec": {"ports": [{"port": 80}], "selector": {"app": "agent"}}});
    let service = attempt.agents.accepts(&service).await;
    let service = attempt.under(&format!(
        "services/{}",
        service["metadata"]["name"].as_str().unwrap()
    ));
    for path in [
        format!("{pod}/exec?command=sh&stdin=true"),
        format!("{pod}/attach?stdin=true"),
        format!("{pod}/portforward?ports=8080"),
        format!("{pod}/proxy/metrics"),
        format!("{service}/proxy/metrics"),
    ] {
        for method in ["POST", "GET"] {
            refused(
                &attempt.sends(method, &path, None).await,
                "interactive-access",
            );
        }
    }
}

/// Every way in which a binding can mean a phase account.
fn subjects(namespace: &str) -> Vec<Value> {
    let user = |name: String| json!({"apiGroup": RBAC, "kind": "User", "name": name});
    let group = |name: String| json!({"apiGroup": RBAC, "kind": "Group", "name": name});
    vec![
        json!({"kind": "ServiceAccount", "name": "agent-shadow", "namespace": namespace}),
        json!({"kind": "ServiceAccount", "name": "agent-read-only-triage", "namespace": namespace}),
        user(format!("system:serviceaccount:{namespace}:agent-shadow")),
        group(format!("system:serviceaccounts:{namespace}")),
        group("system:serviceaccounts".to_owned()),
        group("system:authenticated".to_owned()),
    ]
}

fn binding(kind: &str, role: &str, subject: &Value) -> Value {
    json!({
        "apiVersion": format!("{RBAC}/v1"), "kind": kind, "metadata": {"name": "more"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_given_to_the_account_later() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "bindings").await;
    let elsewhere = Attempt::labelled(&grid, "bindings-elsewhere", json!({})).await;
    for subject in subjects(&attempt.agents.name) {
        let inside = binding("RoleBinding", "edit", &subject);
        refused(&attempt.creates(&inside).await, "phase-bindings");
        // The account of an agent, given rights where it does not live.
        let outside = binding("RoleBinding", "edit", &subject);
        refused(&elsewhere.creates(&outside).await, "phase-bindings");
        let everywhere = with_metadata(
            binding("ClusterRoleBinding", "cluster-admin", &subject),
            json!({"labels": grid.own_label()}),
        );
        refused(&attempt.creates(&everywhere).await, "phase-bindings");
    }
    // In an agent namespace nobody gets a role that the baseline does not name.
    let person = json!({"apiGroup": RBAC, "kind": "User", "name": "somebody"});
    let inside = binding("RoleBinding", "admin", &person);
    refused(&attempt.creates(&inside).await, "phase-bindings");
    // The role that a binding may name, changed afterwards.
    let role = |rules: Value| {
        json!({"apiVersion": format!("{RBAC}/v1"), "kind": "Role",
               "metadata": {"name": "agent-read-only"}, "rules": rules})
    };
    for rule in [
        json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["get"]}),
        json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["*"]}),
        json!({"apiGroups": [RBAC], "resources": ["roles"], "verbs": ["escalate"]}),
        json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}),
        json!({"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]}),
        json!({"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}),
    ] {
        refused(
            &attempt.creates(&role(json!([rule]))).await,
            "phase-bindings",
        );
    }
}

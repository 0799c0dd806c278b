//! Tokens and secrets by other doors.

use serde_json::{Value, json};

use super::{Attempt, allowed, grid, refused, with_metadata};
use crate::grid::{IMAGE, job, pod, with};

fn token(source: Value) -> Value {
    json!({"volumes": [{"name": "t", "projected": {"sources": [{"serviceAccountToken": source}]}}]})
}

fn agent(more: Value) -> Value {
    let container = with(json!({"name": "agent", "image": IMAGE}), more);
    json!({"containers": [container]})
}

#[tokio::test(flavor = "multi_thread")]
async fn service_account_alias() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "alias").await;
    for account in ["agent-autonomous", "agent-read-only"] {
        let aliased = job(json!({"serviceAccount": account}));
        refused(&attempt.creates(&aliased).await, "phase-identity");
    }
    let aliased = pod(json!({"serviceAccount": "agent-read-only"}));
    refused(&attempt.creates(&aliased).await, "phase-identity");
}

#[tokio::test(flavor = "multi_thread")]
async fn projected_token_in_spite_of_automount_false() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "projected").await;
    let automount = json!({"automountServiceAccountToken": false});
    for source in [
        json!({"path": "token"}),
        json!({"path": "token", "audience": "https://kubernetes.default.svc"}),
        json!({"path": "token", "audience": "vault", "expirationSeconds": 600}),
        json!({"path": "token", "audience": "cattlegrid.dev/autonomous", "expirationSeconds": 600}),
    ] {
        let spec = with(token(source), automount.clone());
        refused(&attempt.creates(&job(spec)).await, "service-account-tokens");
    }
    let own =
        json!({"path": "token", "audience": "cattlegrid.dev/shadow", "expirationSeconds": 600});
    allowed(&attempt.creates(&job(with(token(own), automount))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn expiration_of_3607_seconds() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "a-year").await;
    let year =
        json!({"path": "token", "audience": "cattlegrid.dev/shadow", "expirationSeconds": 3607});
    refused(
        &attempt.creates(&job(token(year))).await,
        "service-account-tokens",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn token_request() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "token-request").await;
    let stored = attempt.stores(&job(json!({}))).await;
    let running = attempt.agents.pod_of(&stored).await;
    let path = attempt.under("serviceaccounts/agent-shadow/token");
    let request = |spec: Value| {
        json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
               "spec": with(json!({"audiences": ["cattlegrid.dev/shadow"]}), spec)})
    };
    let bound = json!({"boundObjectRef": {
        "apiVersion": "v1", "kind": "Pod", "name": running["metadata"]["name"],
        "uid": running["metadata"]["uid"],
    }});
    for spec in [json!({}), json!({"expirationSeconds": 31_536_000}), bound] {
        let answer = attempt.sends("POST", &path, Some(&request(spec))).await;
        refused(&answer, "service-account-tokens");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn service_account_token_secret() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "token-secret").await;
    let annotations = json!({"kubernetes.io/service-account.name": "agent-shadow"});
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
        "metadata": {"name": "token", "annotations": annotations},
    });
    refused(&attempt.creates(&secret).await, "service-account-tokens");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_by_another_door() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "secrets").await;
    let volume = |source: Value| json!({"volumes": [with(json!({"name": "v"}), source)]});
    let reference = json!({"name": "K", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}});
    let attributes = json!({"driver": "csi.spiffe.io", "readOnly": true,
                            "nodePublishSecretRef": {"name": "s"}});
    for spec in [
        agent(json!({"env": [reference]})),
        agent(json!({"envFrom": [{"secretRef": {"name": "s"}}]})),
        agent(
            json!({"env": [{"name": "OPENAI_API_KEY", "value": "sk-proj-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789"}]}),
        ),
        volume(json!({"secret": {"secretName": "s"}})),
        volume(json!({"projected": {"sources": [{"secret": {"name": "s"}}]}})),
        volume(json!({"csi": attributes})),
        json!({"imagePullSecrets": [{"name": "s"}]}),
        json!({"initContainers": [{"name": "i", "image": IMAGE,
                                   "envFrom": [{"secretRef": {"name": "s"}}]}]}),
    ] {
        let answer = attempt.creates(&job(spec.clone())).await;
        assert!(
            answer.message().contains("[static-credentials] "),
            "{spec}: {}",
            answer.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn csi_inline_volumes() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "csi").await;
    let volume = |driver: &str| json!({"volumes": [{"name": "v", "csi": {"driver": driver, "readOnly": true}}]});
    for driver in [
        "csi.example.com",
        "secrets-store.csi.k8s.io",
        "ebs.csi.aws.com",
    ] {
        refused(
            &attempt.creates(&job(volume(driver))).await,
            "persistent-volumes",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cloud_identity() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "cloud").await;
    for annotation in [
        "eks.amazonaws.com/role-arn",
        "iam.gke.io/gcp-service-account",
        "azure.workload.identity/client-id",
    ] {
        let account = with_metadata(
            json!({"apiVersion": "v1", "kind": "ServiceAccount",
                   "metadata": {"name": "agent-shadow-cloud"}}),
            json!({"annotations": {annotation: "arn:aws:iam::111122223333:role/admin"}}),
        );
        refused(&attempt.creates(&account).await, CLOUD_POLICY);
    }
}

/// The policy that judges annotations of ServiceAccounts.
const CLOUD_POLICY: &str = "credential-delivery";

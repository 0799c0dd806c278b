//! State by other doors.

use serde_json::{Value, json};

use super::{Attempt, grid, refused};
use crate::grid::{job, with};

#[tokio::test(flavor = "multi_thread")]
async fn claims_by_another_door() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "claims").await;
    let claim = json!({
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}},
    });
    let volume = |source: Value| json!({"volumes": [with(json!({"name": "v"}), source)]});
    for spec in [
        volume(json!({"persistentVolumeClaim": {"claimName": "memory"}})),
        volume(json!({"ephemeral": {"volumeClaimTemplate": {"spec": claim}}})),
        volume(json!({"nfs": {"server": "nfs.example", "path": "/"}})),
    ] {
        refused(&attempt.creates(&job(spec)).await, "persistent-volumes");
    }
    let object = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
                        "metadata": {"name": "memory"}, "spec": claim});
    refused(&attempt.creates(&object).await, "persistent-volumes");
    let template = &job(json!({}))["spec"]["template"];
    let mut template = with(
        template.clone(),
        json!({"metadata": {"labels": {"app": "a"}}}),
    );
    template["spec"]["restartPolicy"] = json!("Always");
    let set = json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "memory"},
        "spec": {
            "serviceName": "memory", "selector": {"matchLabels": {"app": "a"}},
            "template": template,
            "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": claim}],
        },
    });
    let answer = attempt.creates(&set).await;
    refused(&answer, "persistent-volumes");
    refused(&answer, "invocation-shape");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_doors() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "other-doors").await;
    let claims = json!({"resourceClaims": [{"name": "gpu", "resourceClaimName": "shared"}]});
    refused(&attempt.creates(&job(claims)).await, RESOURCE_CLAIM_POLICY);
    let certificate = json!({"volumes": [{"name": "v", "projected": {"sources": [
        {"podCertificate": {"signerName": "example.com/signer", "keyType": "ED25519",
                            "credentialBundlePath": "bundle.pem"}},
    ]}}]});
    // Where the API server knows it at all: it drops fields of features that are off.
    let answer = attempt.creates(&job(certificate)).await;
    if answer.body.to_string().contains("podCertificate") || !answer.is_success() {
        refused(&answer, "service-account-tokens");
    }
    let opening = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "open"},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{}]},
    });
    refused(&attempt.creates(&opening).await, "agent-namespace");
}

/// The policy that judges claims for devices.
const RESOURCE_CLAIM_POLICY: &str = "resources";

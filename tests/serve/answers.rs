//! What a readable review is answered.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::rules::{MESSAGE, allowed, pod_review, refused};
use crate::server::Server;

#[tokio::test]
async fn the_uid_comes_back_and_an_innocent_pod_passes() {
    let server = Server::start();
    let response = server
        .client()
        .review("/validate", &pod_review("one", &allowed()))
        .await;
    assert_eq!(
        (&response["uid"], &response["allowed"]),
        (&json!("one"), &json!(true))
    );
    assert_eq!(
        response["patch"],
        Value::Null,
        "a validating webhook must not patch"
    );
}

#[tokio::test]
async fn a_refusal_has_one_line_per_finding_with_its_place() {
    let server = Server::start();
    let mut spec = refused();
    let another = json!({"name": "w", "hostPath": {"path": "/etc"}});
    spec["volumes"].as_array_mut().unwrap().push(another);
    let response = server
        .client()
        .review("/validate", &pod_review("two", &spec))
        .await;
    assert_eq!(response["allowed"], false);
    assert_eq!(response["status"]["code"], 422);
    assert_eq!(response["status"]["reason"], "Invalid");
    let message = response["status"]["message"].as_str().unwrap();
    let lines: Vec<&str> = message.lines().collect();
    assert_eq!(lines.len(), 2, "{message}");
    for (index, line) in lines.iter().enumerate() {
        assert!(
            line.starts_with(&format!("[host-paths] spec.volumes[{index}]")),
            "{line}"
        );
        assert!(line.ends_with(MESSAGE), "{line}");
    }
}

#[tokio::test]
async fn an_object_is_completed_by_a_patch_that_names_what_it_changes() {
    let server = Server::start();
    let response = server
        .client()
        .review("/mutate", &pod_review("three", &allowed()))
        .await;
    assert_eq!(response["patchType"], "JSONPatch");
    let patch = STANDARD
        .decode(response["patch"].as_str().unwrap())
        .unwrap();
    let patch: Vec<Value> = serde_json::from_slice(&patch).unwrap();
    let value = |path: &str| {
        patch
            .iter()
            .find(|o| o["path"] == path)
            .map(|o| o["value"].clone())
    };
    assert_eq!(
        value("/spec/activeDeadlineSeconds"),
        Some(json!(60)),
        "{patch:?}"
    );
    assert!(
        value("/metadata/labels/cattlegrid.dev~1investigation").is_some(),
        "{patch:?}"
    );
    assert_eq!(response["auditAnnotations"]["mutations"], "deadline");
}

#[tokio::test]
async fn what_no_policy_matches_is_allowed_and_counted() {
    let server = Server::start();
    let mut review = pod_review("four", &allowed());
    review["request"]["resource"]["resource"] = json!("services");
    review["request"]["kind"]["kind"] = json!("Service");
    let response = server.client().review("/validate", &review).await;
    assert_eq!(response["allowed"], true);
    assert_eq!(
        server.metric("cattlegrid_unmatched_allowed_total").await,
        1.0
    );
}

#[tokio::test]
async fn what_cannot_be_decoded_is_denied_with_its_uid_and_a_reason() {
    let server = Server::start();
    let mut review = pod_review("five", &allowed());
    review["request"]["operation"] = json!("PATCH");
    let response = server.client().review("/validate", &review).await;
    assert_eq!(
        (&response["uid"], &response["allowed"]),
        (&json!("five"), &json!(false))
    );
    let message = response["status"]["message"].as_str().unwrap();
    assert!(message.contains("`request.operation`"), "{message}");
    assert_eq!(
        server.metric("cattlegrid_undecodable_reviews_total").await,
        1.0
    );
}

#[tokio::test]
async fn in_audit_mode_everything_passes_and_findings_go_into_the_audit_log() {
    let server = Server::start_with(&["--mode", "audit"]);
    let response = server
        .client()
        .review("/validate", &pod_review("six", &refused()))
        .await;
    assert_eq!(response["allowed"], true);
    let findings = response["auditAnnotations"]["findings"].as_str().unwrap();
    assert!(findings.contains(MESSAGE), "{findings}");
    let response = server
        .client()
        .review("/mutate", &pod_review("seven", &allowed()))
        .await;
    assert_eq!(
        (&response["allowed"], &response["patch"]),
        (&json!(true), &Value::Null)
    );
}

#[tokio::test]
async fn in_warn_mode_everything_passes_and_the_user_is_warned() {
    let server = Server::start_with(&["--mode", "warn"]);
    let response = server
        .client()
        .review("/validate", &pod_review("eight", &refused()))
        .await;
    assert_eq!(response["allowed"], true);
    assert!(
        response["warnings"][0].as_str().unwrap().contains(MESSAGE),
        "{response}"
    );
}

#[tokio::test]
async fn large_reviews_are_answered_like_small_ones() {
    let server = Server::start();
    let mut spec = refused();
    spec["padding"] = json!("x".repeat(8 * 1024 * 1024));
    let response = server
        .client()
        .review("/validate", &pod_review("large", &spec))
        .await;
    assert_eq!(
        (&response["uid"], &response["allowed"]),
        (&json!("large"), &json!(false))
    );
}

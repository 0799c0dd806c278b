//! What an operator sees.

use crate::rules::{allowed, pod_review, refused};
use crate::server::Server;

#[tokio::test]
async fn every_decision_is_one_log_line_without_the_object() {
    let server = Server::start();
    let mut spec = refused();
    spec["containers"][0]["env"] = serde_json::json!([{"name": "T", "value": "a-secret-value"}]);
    server
        .client()
        .review("/validate", &pod_review("seen", &spec))
        .await;
    let event = server.decision("seen").await;
    for (key, value) in [
        ("endpoint", "validate"),
        ("operation", "CREATE"),
        ("resource", "pods"),
        ("namespace", "agents"),
        ("name", "agent"),
        ("user", "ada"),
        ("mode", "enforce"),
        ("decision", "deny"),
        ("policies", "host-paths"),
    ] {
        assert_eq!(event[key], value, "{key}");
    }
    assert!(
        !serde_json::to_string(&server.log())
            .unwrap()
            .contains("a-secret-value")
    );
}

#[tokio::test]
async fn verdicts_are_counted_with_labels_of_a_closed_set() {
    let server = Server::start();
    for phase in ["shadow", "made-up-by-a-user"] {
        let mut review = pod_review("phase", &allowed());
        review["request"]["object"]["metadata"]["labels"]["cattlegrid.dev/phase"] = phase.into();
        server.client().review("/validate", &review).await;
    }
    let (_, text) = server.get("/metrics").await;
    assert!(!text.contains("made-up-by-a-user"));
    for phase in ["shadow", "other"] {
        let line = format!(
            r#"cattlegrid_verdicts_total{{policy="host-paths",verdict="pass",phase="{phase}",mode="enforce"}} 1"#
        );
        assert!(text.contains(&line), "{text}");
    }
    assert!(text.contains("cattlegrid_review_duration_seconds_count{endpoint=\"validate\"} 2"));
}

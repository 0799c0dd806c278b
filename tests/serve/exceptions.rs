//! PolicyExceptions from a file that changes while the server runs.

use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::rules::{pod_review, refused, replace};
use crate::server::{Server, eventually};

pub fn exception(expires: &str) -> String {
    format!(
        "apiVersion: cattlegrid.dev/v1alpha1\nkind: PolicyException\nmetadata: {{name: old}}\n\
         spec:\n  policies: [host-paths]\n  namespaces: [agents]\n  owner: ada\n  \
         reason: the scanner is replaced\n  expires: {expires}\n"
    )
}

/// A time in so long.
pub fn after(duration: Duration) -> String {
    let time = OffsetDateTime::now_utc() + duration;
    time.replace_nanosecond(0)
        .unwrap()
        .format(&Rfc3339)
        .unwrap()
}

/// A server with one exception, and the file that it is in.
struct Excepting {
    server: Server,
    _directory: tempfile::TempDir,
    file: std::path::PathBuf,
}

fn excepting(expires: &str) -> Excepting {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("exceptions.yaml");
    std::fs::write(&file, exception(expires)).unwrap();
    Excepting {
        server: Server::start_with(&["--exceptions", file.to_str().unwrap()]),
        _directory: directory,
        file,
    }
}

async fn answer(server: &Server, uid: &str) -> Value {
    let review = pod_review(uid, &refused());
    server.client().review("/validate", &review).await
}

#[tokio::test]
async fn an_excepted_pod_is_allowed_and_the_exception_is_recorded() {
    let Excepting { server, .. } = &excepting("2999-01-31T00:00:00Z");
    let response = answer(server, "excepted").await;
    assert_eq!(response["allowed"], true);
    assert_eq!(
        response["warnings"],
        Value::Null,
        "nobody is bothered before the last week"
    );
    assert_eq!(
        response["auditAnnotations"]["exceptions"],
        "[host-paths] spec.volumes[0].hostPath: no host paths here \
         (excepted by old until 2999-01-31T00:00:00Z)"
    );
    let event = server.decision("excepted").await;
    assert_eq!(
        [&event["decision"], &event["exceptions"], &event["policies"]],
        ["allow", "old", ""]
    );
    let counted = r#"cattlegrid_excepted_findings_total{policy="host-paths",exception="old"}"#;
    assert_eq!(server.metric(counted).await, 1.0);
    let verdict = r#"cattlegrid_verdicts_total{policy="host-paths",verdict="fail""#;
    assert_eq!(server.metric(verdict).await, 1.0, "it is no pass");
    let active = r#"cattlegrid_policy_exceptions{state="active"}"#;
    assert_eq!(server.metric(active).await, 1.0);
}

#[tokio::test]
async fn in_its_last_week_users_are_warned_of_the_expiry() {
    let expires = after(Duration::days(3));
    let Excepting { server, .. } = &excepting(&expires);
    let response = answer(server, "expiring").await;
    assert_eq!(response["allowed"], true);
    let line = format!("[host-paths] excepted by old only until {expires}");
    assert_eq!(response["warnings"], serde_json::json!([line]));
}

#[tokio::test]
async fn an_expired_exception_has_no_effect_and_is_told() {
    let Excepting { server, .. } = &excepting("2020-01-31T00:00:00Z");
    assert_eq!(answer(server, "expired").await["allowed"], false);
    let told = server.log().into_iter().any(|event| {
        event["warning"]
            .as_str()
            .is_some_and(|text| text.starts_with("PolicyException `old` expired at 2020-01-31"))
    });
    assert!(told, "{:?}", server.log());
    let expired = r#"cattlegrid_policy_exceptions{state="expired"}"#;
    assert_eq!(server.metric(expired).await, 1.0);
}

#[tokio::test]
async fn an_exception_that_becomes_malformed_loses_its_effect() {
    let Excepting { server, file, .. } = &excepting("2999-01-31T00:00:00Z");
    assert_eq!(answer(server, "r").await["allowed"], true);
    replace(file, &exception("next-year"));
    eventually(async || (answer(server, "r").await["allowed"] == false).then_some(())).await;
    let problem = server.log().into_iter().find_map(|event| {
        let problem = event["problem"].as_str()?;
        problem
            .contains("exceptions.yaml:9:12: spec.expires:")
            .then_some(())
    });
    assert!(problem.is_some(), "{:?}", server.log());
    let malformed = r#"cattlegrid_policy_exceptions{state="malformed"}"#;
    assert_eq!(server.metric(malformed).await, 1.0);
    replace(file, &exception("2999-01-31T00:00:00Z"));
    eventually(async || (answer(server, "r").await["allowed"] == true).then_some(())).await;
    std::fs::remove_file(file).unwrap();
    eventually(async || (answer(server, "r").await["allowed"] == false).then_some(())).await;
}

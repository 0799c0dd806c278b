//! Rules that change while the server runs.

use crate::rules::{MESSAGE, pod_review, refused, replace, write_policies};
use crate::server::{Server, eventually};

const NOT_RELOADED: &str = r#"cattlegrid_reloads_total{subject="rules",result="failed"}"#;

async fn message(server: &Server) -> String {
    let response = server
        .client()
        .review("/validate", &pod_review("r", &refused()))
        .await;
    response["status"]["message"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn changed_policies_are_used() {
    let server = Server::start();
    assert!(message(&server).await.ends_with(MESSAGE));
    write_policies(server.path(), "something else");
    eventually(async || {
        message(&server)
            .await
            .ends_with("something else")
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_policy_that_does_not_compile_keeps_the_former_set_and_says_where() {
    let server = Server::start();
    let file = server.path().join("policies/broken.yaml");
    let broken = "apiVersion: admissionregistration.k8s.io/v1\n\
                  kind: ValidatingAdmissionPolicy\nmetadata: {name: x}\nspec: {nonsense: 1}\n";
    replace(&file, broken);
    eventually(async || (server.metric(NOT_RELOADED).await == 1.0).then_some(())).await;
    assert!(message(&server).await.ends_with(MESSAGE));
    let problem = server.log().into_iter().find_map(|event| {
        event["problem"]
            .as_str()
            .filter(|text| text.contains("broken.yaml:4:"))
            .map(str::to_owned)
    });
    assert!(problem.is_some(), "{:?}", server.log());
    std::fs::remove_file(file).unwrap();
    write_policies(server.path(), "repaired");
    eventually(async || message(&server).await.ends_with("repaired").then_some(())).await;
}

#[tokio::test]
async fn a_baseline_can_switch_a_policy_off_and_a_bad_one_changes_nothing() {
    let server = Server::start();
    let baseline = |spec: &str| {
        let text = format!(
            "apiVersion: cattlegrid.dev/v1alpha1\nkind: AgentBaseline\nmetadata: {{name: default}}\nspec: {spec}\n"
        );
        replace(&server.path().join("baseline.yaml"), &text);
    };
    baseline("{policies: {host-paths: {action: nonsense}}}");
    eventually(async || (server.metric(NOT_RELOADED).await == 1.0).then_some(())).await;
    assert!(message(&server).await.ends_with(MESSAGE));
    baseline("{policies: {host-paths: {action: 'off'}}}");
    eventually(async || message(&server).await.is_empty().then_some(())).await;
}

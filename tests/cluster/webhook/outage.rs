//! A server that is gone, and one that comes back.

use serde_json::{Value, json};

use crate::grid::{Grid, host_path, job, named, with};

const FAILED: &str = "failed calling webhook";

#[tokio::test(flavor = "multi_thread")]
async fn without_the_server_what_is_enforced_fails_closed_and_nothing_else_is_touched() {
    let mut grid = Grid::start("outage").await;
    grid.agents("enforced", "enforce").await;
    grid.agents("audited", "audit").await;
    grid.agents("warned", "warn").await;
    grid.elsewhere("apps").await;
    grid.stop_server();
    let cluster = grid.cluster.clone();
    let create = async |namespace: &str, object: &Value| {
        cluster.create(object, &format!("outage-{namespace}")).await
    };

    let refused = create("enforced", &job(json!({}))).await;
    assert!(refused.message().contains(FAILED), "{}", refused.body);
    let labelled = json!({"metadata": {"labels": {"cattlegrid.dev/workload": "agent"}}});
    let refused = create("apps", &with(job(json!({})), labelled)).await;
    assert!(refused.message().contains(FAILED), "{}", refused.body);

    for namespace in ["audited", "warned", "apps"] {
        create(namespace, &job(json!({}))).await.object();
    }
    let budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                        "metadata": {"name": "budget"}, "spec": {"maxUnavailable": 0}});
    create("enforced", &budget).await.object();
    grid.elsewhere("new").await;
    let deleted = cluster.delete("/api/v1/namespaces/outage-enforced/serviceaccounts/agent-shadow");
    deleted.await.object();
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_connection_on_every_answer_is_right() {
    let mut grid = Grid::start("start").await;
    let agents = grid.agents("agents", "enforce").await.name;
    for round in 0..3 {
        grid.stop_server();
        let cluster = grid.cluster.clone();
        grid.launch_server();
        let pet = named(
            job(json!({"volumes": [host_path()], "hostNetwork": true})),
            "pet",
        );
        let path = format!("{}?dryRun=All", crate::api::path(&pet, &agents));
        let ask = async |object: &Value| {
            cluster
                .send(crate::api::Caller::Admin, "POST", &path, Some(object))
                .await
        };
        let mut right = 0;
        while right < 20 {
            let (pet, bare) = (ask(&pet).await, ask(&job(json!({}))).await);
            if bare.is_success() {
                assert_eq!(
                    bare.body["spec"]["activeDeadlineSeconds"], 900,
                    "round {round}"
                );
                right += 1;
            } else {
                assert!(
                    bare.message().contains(FAILED),
                    "round {round}: {}",
                    bare.body
                );
            }
            assert!(!pet.is_success(), "round {round}: a pet was allowed");
            let is_denied = pet.message().contains("[host-paths] ");
            assert!(
                is_denied || pet.message().contains(FAILED),
                "round {round}: {}",
                pet.body
            );
        }
    }
}

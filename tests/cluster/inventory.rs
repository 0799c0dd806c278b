//! `cattlegrid evidence inventory --cluster`.

use std::process::Command;

use serde_json::{Value, json};

use crate::grid::{Grid, host_path, job, named};
use crate::server::CATTLEGRID;

fn inventory(grid: &Grid, namespace: &str) -> Value {
    let output = Command::new(CATTLEGRID)
        .args(["evidence", "inventory", "--cluster", "-o", "json"])
        .args(["--kubeconfig", grid.cluster.kubeconfig.to_str().unwrap()])
        // Other tests have baselines of their own there.
        .args(["--baseline", "manifests/baseline/default.yaml"])
        .args(["-n", namespace])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_and_the_pods_made_of_them_are_one_workload() {
    let grid = Grid::shared().await;
    let herd = grid.agents("inventory", "enforce").await;
    for name in ["first", "second"] {
        let job = herd.accepts(&named(job(json!({})), name)).await;
        herd.pod_of(&job).await;
    }
    let inventory = inventory(&grid, &herd.name);
    let workloads = inventory["workloads"].as_array().unwrap();
    assert_eq!(workloads.len(), 1, "{inventory:#}");
    let workload = &workloads[0];
    assert_eq!(workload["objects"]["kinds"], json!({"Job": 2, "Pod": 2}));
    assert_eq!(workload["deadlineSeconds"], 900);
    assert_eq!(workload["account"], "agent-shadow");
    assert_eq!(workload["credentials"][0]["kind"], "service-account-token");
    assert_eq!(inventory["source"], json!({"of": "cluster"}));
    assert_eq!(inventory["notListed"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_listed_as_it_is_and_what_is_no_agent_is_not() {
    let grid = Grid::shared().await;
    let watched = grid.agents("inventory-watched", "audit").await;
    watched
        .create(&job(json!({"volumes": [host_path()]})))
        .await
        .object();
    let listed = inventory(&grid, &watched.name);
    let workload = &listed["workloads"][0];
    assert_eq!(workload["deadlineSeconds"], Value::Null);
    assert_eq!(workload["surfaces"][0]["bounded"], false, "{workload:#}");
    let elsewhere = grid.elsewhere("inventory-elsewhere").await;
    elsewhere.create(&job(json!({}))).await.object();
    let summary = &inventory(&grid, &elsewhere.name)["summary"];
    assert_eq!(summary["workloads"], 0);
    assert_ne!(summary["notAgents"], 0);
}

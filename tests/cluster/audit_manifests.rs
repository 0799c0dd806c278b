//! The manifests that audit a cluster, in a cluster that the webhook guards.

use std::process::Command;

use serde_json::{Value, json};

use crate::api::{
    Caller, Cluster, documents, eventually, install, path, path_of, repository, separate,
};
use crate::grid::{host_path, job};
use crate::server::{CATTLEGRID, register};

const NAMESPACE: &str = "cattlegrid-audit";
const CRON_JOB_CONTROLLER: &str = "system:serviceaccount:kube-system:cronjob-controller";

/// The server is asked, and has seen the baseline.
async fn guard(cluster: &Cluster) {
    let enforce = json!({"cattlegrid.dev/agents": "enforce"});
    cluster.create_namespace("probe", &enforce).await;
    cluster.ensure_account("agent-auditor", "probe").await;
    let mut probe = job(json!({"volumes": [host_path()]}));
    probe["metadata"]["labels"]["cattlegrid.dev/phase"] = json!("auditor");
    let place = format!("{}?dryRun=All", path(&probe, "probe"));
    eventually("the webhooks are asked", async || {
        let answer = cluster
            .send(Caller::Admin, "POST", &place, Some(&probe))
            .await;
        let is_known = !answer.message().contains("has no phase auditor");
        match answer.message().contains("[host-paths]") && is_known {
            true => Ok(()),
            false => Err(answer.body.to_string()),
        }
    })
    .await;
}

/// The Job that the controller makes of a CronJob, as it would send it
/// (`getJobFromTemplate2` in `pkg/controller/cronjob/utils.go` of Kubernetes).
fn job_of(cron_job: &Value) -> Value {
    let mut job = cron_job["spec"]["jobTemplate"].clone();
    job["apiVersion"] = json!("batch/v1");
    job["kind"] = json!("Job");
    job["metadata"]["name"] = json!("cattlegrid-audit-29000000");
    job["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "batch/v1", "kind": "CronJob", "name": cron_job["metadata"]["name"],
        "uid": cron_job["metadata"]["uid"], "controller": true, "blockOwnerDeletion": true,
    }]);
    job
}

#[tokio::test(flavor = "multi_thread")]
async fn what_audits_a_cluster_is_admitted_to_it_and_so_are_its_jobs_and_pods() {
    let (_control_plane, cluster) = separate().await;
    install(&cluster).await;
    let directory = tempfile::tempdir().unwrap();
    let _server = register(&cluster, directory.path(), &[]).await;
    let baseline = documents(&repository("manifests/baseline/default.yaml")).remove(0);
    let patch = documents(&repository("manifests/audit/baseline.patch")).remove(0);
    let patched = cluster
        .patch(&path_of(&baseline, ""), &patch)
        .await
        .object();
    assert_eq!(patched["spec"]["phases"]["auditor"]["rank"], 4);
    guard(&cluster).await;

    let mut created = Value::Null;
    for file in ["manifests/rbac/audit.yaml", "manifests/audit/audit.yaml"] {
        for object in documents(&repository(file)) {
            let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
            let place = format!("{}?fieldValidation=Strict", path(&object, namespace));
            let answer = cluster
                .send(Caller::Admin, "POST", &place, Some(&object))
                .await;
            assert_eq!(answer.warnings, Vec::<String>::new(), "{object}");
            created = answer.object();
        }
    }
    assert_eq!(created["kind"], "CronJob");
    let groups = ["", ":kube-system"].map(|of| format!("system:serviceaccounts{of}"));
    let groups = [&groups[..], &["system:authenticated".to_owned()]].concat();
    let job = job_of(&created);
    let controller = Caller::User(CRON_JOB_CONTROLLER, &groups);
    let place = path(&job, NAMESPACE);
    let answer = cluster.send(controller, "POST", &place, Some(&job)).await;
    assert_eq!(answer.warnings, Vec::<String>::new());
    answer.object();
    let pods = format!("/api/v1/namespaces/{NAMESPACE}/pods");
    eventually("the Job has a Pod", async || {
        let pods = cluster.get(&pods).await.object();
        match pods["items"].as_array().map(Vec::len) {
            Some(1) => Ok(()),
            _ => Err(pods.to_string()),
        }
    })
    .await;

    let kubeconfig = cluster.kubeconfig.to_str().unwrap();
    let output = Command::new(CATTLEGRID)
        .args(["audit", "--cluster", "--kubeconfig", kubeconfig])
        .args(["--namespace", NAMESPACE])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("judged"), "{said}");
}

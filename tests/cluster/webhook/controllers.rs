//! Controllers are never wedged: what was admitted before a rule existed finishes, is deleted, and
//! its namespace goes away. No kubelet runs here, so the tests say what one would say.

use serde_json::{Value, json};

use crate::api::eventually;
use crate::grid::{Grid, Namespace, host_path, job, named};

/// A Job that breaks a rule, with its Pod, in a namespace where no rule held yet.
async fn older_job(agents: &Namespace<'_>, name: &str) -> (Value, Value) {
    let stored = agents
        .accepts(&named(job(json!({"volumes": [host_path()]})), name))
        .await;
    let pod = agents.pod_of(&stored).await;
    let finalizers = &pod["metadata"]["finalizers"];
    assert_eq!(*finalizers, json!(["batch.kubernetes.io/job-tracking"]));
    (stored, pod)
}

/// What the kubelet says when the containers have ended well.
async fn succeed(agents: &Namespace<'_>, pod: &Value) {
    let status = json!({"status": {"phase": "Succeeded"}});
    agents.change(pod, "status", &status).await.object();
}

fn is_complete(job: &Value) -> bool {
    let conditions = job["status"]["conditions"].as_array();
    conditions
        .into_iter()
        .flatten()
        .any(|c| c["type"] == "Complete" && c["status"] == "True")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_older_than_the_rules_finishes() {
    let grid = Grid::start("finishes").await;
    let agents = grid.elsewhere("agents").await;
    let (job, pod) = older_job(&agents, "older").await;
    agents.becomes("enforce").await;
    succeed(&agents, &pod).await;
    eventually("the Job is complete", async || {
        let job = agents.read(&job).await.object();
        if is_complete(&job) {
            Ok(())
        } else {
            Err(job.to_string())
        }
    })
    .await;
    let pod = agents.read(&pod).await.object();
    assert_eq!(pod["metadata"]["finalizers"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_older_than_the_rules_is_deleted_with_its_pods() {
    let grid = Grid::start("deleted").await;
    let agents = grid.elsewhere("agents").await;
    let (job, pod) = older_job(&agents, "older").await;
    agents.becomes("enforce").await;
    agents.delete(&job).await.object();
    for object in [&job, &pod] {
        eventually("it is gone", async || match agents.read(object).await {
            answer if answer.status == 404 => Ok(()),
            answer => Err(answer.body.to_string()),
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_with_older_jobs_goes_away() {
    let grid = Grid::start("goes-away").await;
    let agents = grid.elsewhere("agents").await;
    older_job(&agents, "older").await;
    agents.becomes("enforce").await;
    let path = format!("/api/v1/namespaces/{}", agents.name);
    grid.cluster.delete(&path).await.object();
    eventually("the namespace is gone", async || {
        match grid.cluster.get(&path).await {
            answer if answer.status == 404 => Ok(()),
            answer => Err(answer.body.to_string()),
        }
    })
    .await;
}

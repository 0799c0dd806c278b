//! Namespaces that only watch.

use serde_json::{Value, json};

use crate::grid::{Grid, host_path, job};

const LINE: &str = "[host-paths] spec.template.spec.volumes[0].hostPath: the agent would get the \
                    node's /run/containerd/containerd.sock; use an in-memory emptyDir";

fn pet() -> Value {
    job(json!({"volumes": [host_path()]}))
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_warn_namespace_offenders_pass_with_a_warning_and_unchanged() {
    let grid = Grid::start("warn").await;
    let agents = grid.agents("agents", "warn").await;
    let answer = agents.create(&pet()).await;
    assert!(answer.is_success(), "{}", answer.body);
    // What enforce would have filled in is not missed.
    assert_eq!(answer.warnings, [LINE]);
    assert_eq!(answer.body["spec"]["activeDeadlineSeconds"], Value::Null);
    agents.pod_of(&answer.body).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_audit_namespace_offenders_pass_silently_and_are_recorded() {
    let grid = Grid::start("audit").await;
    let agents = grid.agents("agents", "audit").await;
    let job = agents.accepts(&pet()).await;
    assert_eq!(job["spec"]["activeDeadlineSeconds"], Value::Null);
    let decisions = grid.decisions(&agents.name);
    let recorded = decisions
        .iter()
        .find(|decision| decision["resource"] == "jobs.batch");
    let recorded = recorded.expect("a decision about the Job");
    assert_eq!(recorded["decision"], "allow");
    assert_eq!(recorded["mode"], "audit");
    assert_eq!(recorded["policies"], "host-paths");
    agents.pod_of(&job).await;
}

//! Namespaces that only watch.

use serde_json::{Value, json};

use super::refusals::offences;
use crate::grid::{Grid, host_path, job, named};

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

#[tokio::test(flavor = "multi_thread")]
async fn whatever_enforce_refuses_is_warned_of_or_recorded() {
    let grid = Grid::start("observed").await;
    let warned = grid.agents("warned", "warn").await;
    let audited = grid.agents("audited", "audit").await;
    for (number, (spec, line)) in offences().into_iter().enumerate() {
        let name = format!("job-{number}");
        let job = named(job(spec), &name);
        let line = line.replace("SPEC", "spec.template.spec");
        let answer = warned.create(&job).await;
        assert!(answer.is_success(), "{}", answer.body);
        assert!(
            answer.warnings.contains(&line),
            "{line}\n{:?}",
            answer.warnings
        );

        audited.accepts(&job).await;
        let decisions = grid.decisions(&audited.name);
        let recorded = decisions.iter().find(|decision| decision["name"] == *name);
        let policies = recorded.expect("a decision about the Job")["policies"]
            .as_str()
            .unwrap();
        let (policy, _) = line.trim_start_matches('[').split_once(']').unwrap();
        assert!(
            policies.split(',').any(|id| id == policy),
            "{policy}: {policies}"
        );
    }
}

//! What is refused later, of objects that were admitted.

use serde_json::json;

use crate::grid::{Grid, IMAGE, job, with};

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_not_given_more_time_nor_another_phase() {
    let grid = Grid::start("job-updates").await;
    let agents = grid.agents("agents", "enforce").await;
    let short = with(
        job(json!({})),
        json!({"spec": {"activeDeadlineSeconds": 300}}),
    );
    let job = agents.accepts(&short).await;
    let raised = json!({"spec": {"activeDeadlineSeconds": 600}});
    let line = "[deadlines] spec.activeDeadlineSeconds: the deadline of a Job may only fall; \
                create another Job";
    agents.rejects_change(&job, &raised, line).await;
    let promoted = json!({"metadata": {"labels": {"cattlegrid.dev/phase": "autonomous"}}});
    let line = "[label-integrity] metadata.labels[cattlegrid.dev/phase]: phase, account, profile \
                and investigation of an agent never change; delete it and create another";
    agents.rejects_change(&job, &promoted, line).await;
    let lowered = json!({"spec": {"activeDeadlineSeconds": 200}});
    assert!(agents.change(&job, "", &lowered).await.is_success());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_does_not_shed_its_label() {
    let grid = Grid::start("label-removal").await;
    let elsewhere = grid.elsewhere("apps").await;
    let labels = json!({"cattlegrid.dev/workload": "agent", "app": "triage"});
    let agent = elsewhere
        .accepts(&with(
            job(json!({})),
            json!({"metadata": {"labels": labels}}),
        ))
        .await;
    let removed = json!({"metadata": {"labels": {"cattlegrid.dev/workload": null}}});
    let line = "[label-integrity] metadata.labels[cattlegrid.dev/workload]: an agent stays an \
                agent; leave label cattlegrid.dev/workload as it was";
    elsewhere.rejects_change(&agent, &removed, line).await;
    let pod = elsewhere.pod_of(&agent).await;
    elsewhere.rejects_change(&pod, &removed, line).await;
    elsewhere
        .rejects_change_of(&pod, "status", &removed, line)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ephemeral_container_does_not_get_the_agents_token() {
    let grid = Grid::start("ephemeral").await;
    let agents = grid.agents("agents", "enforce").await;
    let pod = agents.pod_of(&agents.accepts(&job(json!({}))).await).await;
    let debugger = |mounts: serde_json::Value| {
        json!({"spec": {"ephemeralContainers": [
            {"name": "debugger", "image": IMAGE, "volumeMounts": mounts, "securityContext": {
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            }},
        ]}})
    };
    let mount = json!([{"name": "cattlegrid-token", "mountPath": "/token"}]);
    let line = "[service-account-tokens] spec.ephemeralContainers[0].volumeMounts[0].name: whoever \
                attaches to the ephemeral container would get the agent's token; remove the mount";
    agents
        .rejects_change_of(&pod, "ephemeralcontainers", &debugger(mount), line)
        .await;
    let answer = agents
        .change(&pod, "ephemeralcontainers", &debugger(json!([])))
        .await;
    assert!(answer.is_success(), "{}", answer.body);
}

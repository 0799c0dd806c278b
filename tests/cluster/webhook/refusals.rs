//! What is refused when it is created, by whichever kind it comes.

use serde_json::{Value, json};

use crate::grid::{Grid, cron_job, job, pod, with};

/// Fields of a Pod's spec, and the line that refuses them; `SPEC` stands for the way to them.
pub fn offences() -> Vec<(Value, &'static str)> {
    let volume = |source: Value| json!({"volumes": [with(json!({"name": "v"}), source)]});
    let claim = json!({"spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}},
    }});
    let token = json!({"projected": {"sources": [{"serviceAccountToken": {
        "path": "token", "audience": "cattlegrid.dev/shadow", "expirationSeconds": 86400,
    }}]}});
    vec![
        (
            volume(json!({"persistentVolumeClaim": {"claimName": "memory"}})),
            "[persistent-volumes] SPEC.volumes[0].persistentVolumeClaim: volume type \
             persistentVolumeClaim is not allowed for agents; use an emptyDir, and an external \
             store for what must last",
        ),
        (
            volume(json!({"ephemeral": {"volumeClaimTemplate": claim}})),
            "[persistent-volumes] SPEC.volumes[0].ephemeral: volume type ephemeral is not allowed \
             for agents; use an emptyDir, and an external store for what must last",
        ),
        (
            volume(json!({"hostPath": {"path": "/var/run/docker.sock"}})),
            "[host-paths] SPEC.volumes[0].hostPath: the agent would get the node's \
             /var/run/docker.sock; use an in-memory emptyDir",
        ),
        (
            json!({"automountServiceAccountToken": true}),
            "[service-account-tokens] SPEC.automountServiceAccountToken: the agent would get a \
             token for the API server; set automountServiceAccountToken to false",
        ),
        (
            volume(token),
            "[service-account-tokens] \
             SPEC.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: the token \
             may live at most 900 s, and never 3607 s, which the API server extends to a year; \
             shorten expirationSeconds",
        ),
        (
            json!({"serviceAccountName": "agent-read-only"}),
            "[phase-identity] SPEC.serviceAccountName: phase shadow runs as agent-shadow; set \
             serviceAccountName to it or leave it unset",
        ),
        (
            json!({"containers": [{"name": "agent", "image": crate::grid::IMAGE,
                                   "resources": {"limits": {"memory": "5Gi"}}}]}),
            "[resources] SPEC.containers[0].resources.limits.memory: memory limits add up to more \
             than the 4Gi of profile large; lower them or choose another profile (label \
             cattlegrid.dev/profile)",
        ),
        (
            json!({"terminationGracePeriodSeconds": 3600}),
            "[deadlines] SPEC.terminationGracePeriodSeconds: the Pod may outlive its deadline by \
             at most 30 s; lower terminationGracePeriodSeconds",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_must_not_have_is_refused_in_pods_jobs_and_cron_jobs() {
    let grid = Grid::start("refused").await;
    let agents = grid.agents("agents", "enforce").await;
    for (spec, line) in offences() {
        agents
            .rejects(&pod(spec.clone()), &line.replace("SPEC", "spec"))
            .await;
        agents
            .rejects(
                &job(spec.clone()),
                &line.replace("SPEC", "spec.template.spec"),
            )
            .await;
        let in_cron_job = line.replace("SPEC", "spec.jobTemplate.spec.template.spec");
        agents.rejects(&cron_job(spec), &in_cron_job).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_finding_is_reported_at_once() {
    let grid = Grid::start("all-findings").await;
    let agents = grid.agents("agents", "enforce").await;
    let everything = offences().into_iter().map(|(spec, _)| spec);
    let mut pet = json!({});
    for spec in everything.filter(|spec| spec.get("volumes").is_none()) {
        json_patch::merge(&mut pet, &spec);
    }
    pet["volumes"] = json!([crate::grid::host_path()]);
    let answer = agents.create(&job(pet)).await;
    assert_eq!(answer.status, 403, "{}", answer.body);
    for policy in [
        "deadlines",
        "host-paths",
        "phase-identity",
        "resources",
        "service-account-tokens",
    ] {
        assert!(
            answer.message().contains(&format!("[{policy}] ")),
            "{}",
            answer.message()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lived_credentials_and_claims_are_refused_as_objects_too() {
    let grid = Grid::start("objects").await;
    let agents = grid.agents("agents", "enforce").await;
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
        "metadata": {"name": "token",
                     "annotations": {"kubernetes.io/service-account.name": "agent-shadow"}},
    });
    let line = "[service-account-tokens] type: a token in a Secret does not expire; use a \
                projected token instead";
    agents.rejects(&secret, line).await;
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "memory"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    let answer = agents.create(&claim).await;
    assert!(
        answer.message().contains("[persistent-volumes] "),
        "{}",
        answer.body
    );

    let request = json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": {"audiences": ["vault"], "expirationSeconds": 600},
    });
    let path = format!(
        "/api/v1/namespaces/{}/serviceaccounts/agent-shadow/token",
        agents.name
    );
    let answer = grid
        .cluster
        .send(crate::api::Caller::Admin, "POST", &path, Some(&request))
        .await;
    assert!(
        answer.message().contains("[service-account-tokens] "),
        "{}",
        answer.body
    );
}

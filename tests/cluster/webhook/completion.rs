//! What a bare Job becomes.

use serde_json::{Value, json};

use crate::api::{Caller, path};
use crate::grid::{Grid, cron_job, job, with};

const INVESTIGATION: &str = "cattlegrid.dev/investigation";

fn container_limits(spec: &Value) -> &Value {
    &spec["containers"][0]["resources"]["limits"]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_job_comes_back_completed_and_its_pod_is_admitted_as_it_says() {
    let grid = Grid::start("completed").await;
    let agents = grid.agents("agents", "enforce").await;
    // Nothing but an image; the API server would have it restarted always, and refuse that.
    let bare = with(
        job(json!({})),
        json!({"spec": {"template": {"spec": {"restartPolicy": null}}}}),
    );
    let job = agents.accepts(&bare).await;

    assert_eq!(job["spec"]["activeDeadlineSeconds"], 900);
    assert_eq!(job["spec"]["backoffLimit"], 0);
    assert_eq!(job["spec"]["ttlSecondsAfterFinished"], 3600);
    let template = &job["spec"]["template"];
    assert_eq!(template["spec"]["restartPolicy"], "Never");
    assert_eq!(template["spec"]["serviceAccountName"], "agent-shadow");
    assert_eq!(template["spec"]["automountServiceAccountToken"], false);
    let investigation = &job["metadata"]["labels"][INVESTIGATION];
    assert!(
        investigation.as_str().is_some_and(|id| id.len() == 36),
        "{job}"
    );
    assert_eq!(
        template["metadata"]["labels"][INVESTIGATION],
        *investigation
    );

    let pod = agents.pod_of(&job).await;
    let spec = &pod["spec"];
    assert_eq!(
        pod["metadata"]["ownerReferences"][0]["uid"],
        job["metadata"]["uid"]
    );
    assert_eq!(spec["serviceAccountName"], "agent-shadow");
    assert_eq!(spec["activeDeadlineSeconds"], 900);
    let limits = container_limits(spec);
    assert_eq!(
        *limits,
        json!({"cpu": "2", "memory": "4Gi", "ephemeral-storage": "4Gi"})
    );
    let volumes = spec["volumes"].as_array().unwrap();
    let names: Vec<&Value> = volumes.iter().map(|volume| &volume["name"]).collect();
    assert_eq!(names, ["cattlegrid-token"], "no token for the API server");
    let token = &volumes[0]["projected"]["sources"][0]["serviceAccountToken"];
    assert_eq!(token["audience"], "cattlegrid.dev/shadow");
    assert_eq!(token["expirationSeconds"], 900);
    assert_eq!(pod["metadata"]["labels"][INVESTIGATION], *investigation);
    let environment = &spec["containers"][0]["env"][0];
    assert_eq!(environment["name"], "CATTLEGRID_INVESTIGATION");
    let field = "metadata.labels['cattlegrid.dev/investigation']";
    assert_eq!(environment["valueFrom"]["fieldRef"]["fieldPath"], field);
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_choose_phase_and_profile_and_keep_the_orchestrators_investigation() {
    let grid = Grid::start("labels").await;
    let agents = grid.agents("agents", "enforce").await;
    let labels = json!({"metadata": {"labels": {
        "cattlegrid.dev/phase": "read-only",
        "cattlegrid.dev/profile": "small",
        "cattlegrid.dev/investigation": "ticket-4711",
    }}});
    let job = agents.accepts(&with(job(json!({})), labels)).await;
    assert_eq!(job["spec"]["activeDeadlineSeconds"], 90);
    let pod_of_job = agents.pod_of(&job).await;
    assert_eq!(pod_of_job["spec"]["serviceAccountName"], "agent-read-only");
    assert_eq!(container_limits(&pod_of_job["spec"])["memory"], "200Mi");
    assert_eq!(
        pod_of_job["metadata"]["labels"][INVESTIGATION],
        "ticket-4711"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cron_job_is_completed_without_an_investigation() {
    let grid = Grid::start("cron").await;
    let agents = grid.agents("agents", "enforce").await;
    let stored = agents.accepts(&cron_job(json!({}))).await;
    let job = &stored["spec"]["jobTemplate"];
    assert_eq!(job["spec"]["activeDeadlineSeconds"], 900);
    assert_eq!(
        job["spec"]["template"]["spec"]["serviceAccountName"],
        "agent-shadow"
    );
    assert!(
        !job.to_string()
            .contains("\"cattlegrid.dev/investigation\":"),
        "{job}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_account_is_missing_is_admitted_with_the_command_that_makes_it() {
    let grid = Grid::start("accounts").await;
    let mut labels = grid.own_label();
    labels["cattlegrid.dev/agents"] = json!("enforce");
    let bare = job(json!({}));
    for number in 0..8 {
        let namespace = format!("accounts-{number}");
        grid.cluster.create_namespace(&namespace, &labels).await;
        let path = format!("{}?dryRun=All", path(&bare, &namespace));
        let warnings = async || {
            let answer = grid.cluster.send(Caller::Admin, "POST", &path, Some(&bare));
            let answer = answer.await;
            assert!(answer.is_success(), "{}", answer.body);
            answer.warnings
        };
        let expected = format!(
            "no Pod can start before its account exists: \
             kubectl create serviceaccount agent-shadow -n {namespace}"
        );
        assert_eq!(warnings().await, [expected]);
        grid.cluster
            .ensure_account("agent-shadow", &namespace)
            .await;
        // Whether the watch has shown it or not.
        assert_eq!(warnings().await, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_answers_like_the_real_thing_and_has_no_effect() {
    let grid = Grid::start("dry-run").await;
    let agents = grid.agents("agents", "enforce").await;
    let bare = job(json!({}));
    let answered = agents.dry_run(&bare).await.object();
    assert_eq!(answered["spec"]["activeDeadlineSeconds"], 900);
    assert!(answered["metadata"]["labels"][INVESTIGATION].is_string());
    assert_eq!(agents.read(&bare).await.status, 404);
    let mut decisions = grid.decisions(&agents.name);
    decisions.retain(|decision| decision["resource"] == "jobs.batch");
    assert!(!decisions.is_empty());
    assert!(
        decisions.iter().all(|decision| decision["dry_run"] == true),
        "{decisions:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_agent_namespaces_the_label_alone_makes_an_agent() {
    let grid = Grid::start("labelled").await;
    let elsewhere = grid.elsewhere("apps").await;
    let ordinary = elsewhere
        .accepts(&crate::grid::named(job(json!({})), "ordinary"))
        .await;
    assert_eq!(ordinary["spec"]["activeDeadlineSeconds"], Value::Null);
    let labelled = json!({"metadata": {"labels": {"cattlegrid.dev/workload": "agent"}}});
    let agent = elsewhere.accepts(&with(job(json!({})), labelled)).await;
    assert_eq!(agent["spec"]["activeDeadlineSeconds"], 900);
    let pod = elsewhere.pod_of(&agent).await;
    assert_eq!(pod["spec"]["serviceAccountName"], "agent-shadow");
    assert_eq!(
        pod["metadata"]["labels"]["cattlegrid.dev/workload"],
        "agent"
    );
}

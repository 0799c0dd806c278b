//! PolicyExceptions of the cluster.

use serde_json::{Value, json};

use crate::api::{cluster, eventually, path_of};
use crate::grid::{Grid, Namespace, host_path, job, named, with};

fn exception(name: &str, namespace: &str) -> Value {
    json!({
        "apiVersion": "cattlegrid.dev/v1alpha1",
        "kind": "PolicyException",
        "metadata": {"name": name},
        "spec": {
            "policies": ["host-paths"],
            "namespaces": [namespace],
            "owner": "team-a@example.com",
            "reason": "the scanner is replaced in March",
            "expires": "2999-03-31T00:00:00+02:00",
        },
    })
}

fn pet(name: &str) -> Value {
    named(job(json!({"volumes": [host_path()]})), name)
}

async fn becomes(agents: &Namespace<'_>, job: &Value, is_allowed: bool) {
    eventually("the exception is seen", async || {
        let answer = agents.dry_run(job).await;
        if answer.is_success() == is_allowed {
            Ok(())
        } else {
            Err(answer.body.to_string())
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_excepted_job_runs_and_its_decisions_name_the_exception() {
    let grid = Grid::start("excepted").await;
    let agents = grid.agents("agents", "enforce").await;
    let others = grid.agents("others", "enforce").await;
    let exception = exception("excepted", &agents.name);
    grid.cluster.create(&exception, "").await.object();
    becomes(&agents, &pet("probe"), true).await;
    becomes(&others, &pet("probe"), false).await;
    let job = agents.accepts(&pet("scan")).await;
    agents.pod_of(&job).await;
    for resource in ["jobs.batch", "pods"] {
        let decisions = grid.decisions(&agents.name);
        let recorded = decisions.iter().rfind(|decision| {
            decision["resource"] == resource && decision["endpoint"] == "validate"
        });
        let recorded = recorded.expect("a decision");
        assert_eq!(recorded["decision"], "allow", "{recorded}");
        assert_eq!(recorded["exceptions"], "excepted", "{recorded}");
    }
    grid.cluster.delete(&path_of(&exception, "")).await.object();
    becomes(&agents, &pet("probe"), false).await;
}

/// Otherwise a label would be an exemption that everybody can take.
#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_is_added_later_excepts_nothing() {
    let grid = Grid::start("relabelled").await;
    let agents = grid.agents("agents", "enforce").await;
    let spec = json!({
        "policies": ["deadlines"],
        "objectSelector": {"matchLabels": {"tool": "scanner"}},
    });
    let exception = with(exception("relabelled", &agents.name), json!({"spec": spec}));
    grid.cluster.create(&exception, "").await.object();
    let label = json!({"metadata": {"labels": {"tool": "scanner"}}});
    let longer = json!({"spec": {"activeDeadlineSeconds": 5000}});
    let bare = named(job(json!({})), "bare");
    let labelled = with(named(job(json!({})), "labelled"), label.clone());
    becomes(&agents, &with(labelled.clone(), longer.clone()), true).await;

    let bare = agents.accepts(&bare).await;
    let answer = agents.change(&bare, "", &with(label, longer.clone())).await;
    assert!(answer.message().contains("[deadlines]"), "{}", answer.body);
    let labelled = agents.accepts(&labelled).await;
    agents.change(&labelled, "", &longer).await.object();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_server_refuses_a_malformed_exception() {
    let cluster = cluster().await;
    let table = [
        (json!({"policies": []}), "spec.policies"),
        (
            json!({"policies": ["*"]}),
            "must be the id of a policy; there is no form for all",
        ),
        (json!({"namespaces": null}), "spec.namespaces"),
        (
            json!({"namespaces": ["*"]}),
            "must be the name of a namespace; there is no form for all",
        ),
        (
            json!({"objectSelector": {}}),
            "selects every object; require a label, or leave it out",
        ),
        (
            json!({"objectSelector": {"matchLabels": {"a b": "c"}}}),
            "the keys must be label keys",
        ),
        (
            json!({"objectSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}),
            "In and NotIn need values, Exists and DoesNotExist have none",
        ),
        (json!({"owner": " "}), "name somebody"),
        (json!({"reason": null}), "spec.reason"),
        (json!({"expires": null}), "spec.expires"),
        (json!({"expires": "2027-01-31"}), "spec.expires"),
        (json!({"expires": "2027-02-30T00:00:00Z"}), "spec.expires"),
        (json!({"expires": "2027-01-31T00:00:00"}), "spec.expires"),
    ];
    for (change, expected) in table {
        let object = with(exception("malformed", "a"), json!({"spec": change}));
        let answer = cluster.create(&object, "").await;
        assert_eq!(answer.status, 422, "{change}: {}", answer.body);
        assert!(
            answer.message().contains(expected),
            "{change}: {}",
            answer.message()
        );
    }
}

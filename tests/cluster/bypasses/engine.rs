//! Ways round the program rather than round a rule.

use serde_json::json;

use super::{Attempt, allowed, grid, refused};
use crate::api::{documents, repository};
use crate::grid::{Grid, job, named, with};
use crate::native;
use crate::server::CATTLEGRID;

/// CVE-2025-46342 of another engine: a look-up failed, and the rule was skipped.
#[tokio::test(flavor = "multi_thread")]
async fn look_up_errors() {
    let grid = Grid::start("look-up").await;
    let agents = grid.agents("agents", "enforce").await.name;
    // Natively: the parameters are not there.
    let label = json!({native::RULES_LABEL: "look-up"});
    let without = grid.labelled("without-baseline", label).await;
    let id = "resources";
    for file in ["policy.yaml", "binding.yaml"] {
        for mut object in documents(&repository(&format!("policies/{id}/{file}"))) {
            let name = object["metadata"]["name"].as_str().unwrap().to_owned();
            object["metadata"]["name"] = json!(format!("look-up-{name}"));
            if file == "binding.yaml" {
                if !name.ends_with("-enforce") {
                    continue;
                }
                object["spec"]["policyName"] = json!(format!("look-up-{id}"));
                object["spec"]["paramRef"]["name"] = json!("absent");
                object["spec"]["matchResources"]["namespaceSelector"] =
                    json!({"matchLabels": {native::RULES_LABEL: "look-up"}});
            }
            grid.cluster.create(&object, "").await.object();
        }
    }
    crate::api::eventually("the policy denies for want of parameters", async || {
        let answer = without.dry_run(&job(json!({}))).await;
        if answer.message().contains("no params found") {
            Ok(())
        } else {
            Err(answer.body.to_string())
        }
    })
    .await;
    // In the webhook: nobody answers.
    let mut grid = grid;
    let path = crate::api::path(&job(json!({})), &agents);
    grid.stop_server();
    let answer = grid
        .cluster
        .send(
            crate::api::Caller::Admin,
            "POST",
            &format!("{path}?dryRun=All"),
            Some(&job(json!({}))),
        )
        .await;
    assert!(
        answer.message().contains("failed calling webhook"),
        "{}",
        answer.body
    );
}

/// A binding that lost its policy binds nothing, which nobody would notice.
#[tokio::test(flavor = "multi_thread")]
async fn binding_without_policy_and_empty_match() {
    let directory = tempfile::tempdir().unwrap();
    let binding = |name: &str| {
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "b"},
            "spec": {"policyName": name, "validationActions": ["Deny"]},
        })
    };
    let policy = |spec: serde_json::Value| {
        json!({"apiVersion": "admissionregistration.k8s.io/v1",
               "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "p"}, "spec": spec})
    };
    let nothing = policy(json!({"validations": [{"expression": "false"}]}));
    for (objects, said) in [
        (vec![binding("gone")], "gone"),
        (vec![nothing, binding("p")], "matchConstraints"),
    ] {
        let text: Vec<String> = objects.iter().map(ToString::to_string).collect();
        std::fs::write(directory.path().join("set.yaml"), text.join("\n---\n")).unwrap();
        let error = refused_to_start(directory.path());
        assert!(error.contains(said), "{error}");
    }
}

/// What the server says when it does not start with these policies.
fn refused_to_start(policies: &std::path::Path) -> String {
    let output = std::process::Command::new(CATTLEGRID)
        .args(["serve", "--no-cluster", "--listen", "127.0.0.1:0"])
        .args(["--metrics-listen", "127.0.0.1:0", "--policies"])
        .arg(policies)
        .output()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

/// A webhook that comes later adds what ours would never have let in.
#[tokio::test(flavor = "multi_thread")]
async fn later_mutation_by_another_webhook() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "later").await;
    let bare = named(job(json!({})), "bare");
    allowed(&attempt.creates(&bare).await);
    let policy = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicy",
        "metadata": {"name": "later"},
        "spec": {
            "failurePolicy": "Fail", "reinvocationPolicy": "Never",
            "matchConstraints": {"resourceRules": [{
                "apiGroups": ["batch"], "apiVersions": ["v1"], "operations": ["CREATE"],
                "resources": ["jobs"],
            }]},
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression":
                "[JSONPatch{op: 'add', path: '/spec/template/spec/volumes/-', \
                 value: {'name': dyn('run'), 'hostPath': dyn({'path': '/run'})}}]"}}],
        },
    });
    let binding = json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingAdmissionPolicyBinding", "metadata": {"name": "later"},
        "spec": {"policyName": "later"},
    });
    let _later = grid
        .later_webhook(&attempt.agents.name, &[policy, binding])
        .await;
    crate::api::eventually("the other webhook mutates", async || {
        let answer = attempt.creates(&bare).await;
        if answer.is_success() {
            Err(answer.body.to_string())
        } else {
            Ok(())
        }
    })
    .await;
    refused(&attempt.creates(&bare).await, "host-paths");
}

/// Object and old object ride along in one review; what is large is judged like the rest.
#[tokio::test(flavor = "multi_thread")]
async fn huge_or_hostile_reviews() {
    let grid = grid().await;
    let attempt = Attempt::new(&grid, "huge").await;
    let padding = "x".repeat(200 * 1024);
    let annotations = json!({"metadata": {"annotations": {"padding": padding}}});
    let env = json!({"name": "PADDING", "value": "y".repeat(400 * 1024)});
    let large = with(
        job(json!({"containers": [{"name": "agent", "image": crate::grid::IMAGE, "env": [env]}]})),
        annotations,
    );
    let stored = attempt.stores(&large).await;
    let longer = json!({"spec": {"activeDeadlineSeconds": 5000}});
    refused(&attempt.changes(&stored, "", &longer).await, "deadlines");
}

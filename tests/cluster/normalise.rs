//! What the offline audit fills in is what the API server fills in.

use cattlegrid::policy::run;
use serde_json::{Map, Value, json};

use crate::api::{Caller, cluster, documents, path, repository};
use crate::native::RULES_LABEL;

/// What the API server alone can know about an object's metadata.
const SERVER_METADATA: [&str; 7] = [
    "creationTimestamp",
    "generation",
    "managedFields",
    "namespace",
    "resourceVersion",
    "selfLink",
    "uid",
];
/// Labels that tie Pods to their Job, under their old and new names.
const JOB_LABELS: [&str; 4] = [
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
];
/// The ServiceAccount plugin's volume name ends in five random characters.
const TOKEN_VOLUME: &str = "kube-api-access-";

/// An object of the API server without what it alone can know.
pub fn comparable(object: &Value) -> Value {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove("status");
    if object["kind"] == "Job" {
        object["spec"].as_object_mut().unwrap().remove("selector");
    }
    clean(&mut object);
    object
}

/// Our object in the same form.
pub fn completed_for_comparison(object: &Value) -> Value {
    comparable(&run::normalised(object))
}

fn clean(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(metadata) = members.get_mut("metadata").and_then(Value::as_object_mut) {
                clean_metadata(metadata);
            }
            members.values_mut().for_each(clean);
            members.retain(|key, member| {
                let is_empty_metadata =
                    matches!(key.as_str(), "metadata" | "labels" | "annotations")
                        && member.as_object().is_some_and(Map::is_empty);
                !member.is_null() && !is_empty_metadata
            });
            if let Some(Value::String(name)) = members.get_mut("name")
                && name.starts_with(TOKEN_VOLUME)
            {
                *name = TOKEN_VOLUME.to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        _ => {}
    }
}

fn clean_metadata(metadata: &mut Map<String, Value>) {
    metadata.retain(|key, _| !SERVER_METADATA.contains(&key.as_str()));
    if let Some(labels) = metadata.get_mut("labels").and_then(Value::as_object_mut) {
        labels.retain(|key, _| !JOB_LABELS.contains(&key.as_str()) && key != RULES_LABEL);
        if labels.is_empty() {
            metadata.remove("labels");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn defaults_are_those_of_the_api_server() {
    let cluster = cluster().await;
    let namespace = "defaults";
    cluster.create_namespace(namespace, &json!({})).await;
    for account in ["default", "agent-shadow"] {
        cluster.ensure_account(account, namespace).await;
    }
    let mut report = Vec::new();
    for object in documents(&repository("tests/cluster/normalise/samples.yaml")) {
        let path = format!("{}?dryRun=All", path(&object, namespace));
        let answer = cluster
            .send(Caller::Admin, "POST", &path, Some(&object))
            .await
            .object();
        let mut lines = Vec::new();
        let ours = completed_for_comparison(&object);
        run::compare(&comparable(&answer), &ours, String::new(), &mut lines);
        let name = format!("{} {}", object["kind"], object["metadata"]["name"]);
        report.extend(lines.iter().map(|line| format!("{name}{line}")));
    }
    assert!(
        report.is_empty(),
        "expected is the API server's:\n{}",
        report.join("\n")
    );
}

//! Rights of the users, granted in the cluster and exported from there.

use cattlegrid::policy::cases::Right;
use serde_json::{Value, json};

use super::corpus::Manifest;
use crate::api::{Cluster, eventually};

const GROUP: &str = "rbac.authorization.k8s.io";

/// Grants everybody what their case says, and waits until the API server knows it.
pub async fn grant(cluster: &Cluster, manifests: &[Manifest]) {
    for manifest in manifests.iter().filter(|m| !m.rights.is_empty()) {
        let group = manifest.groups.last().unwrap();
        for (number, right) in manifest.rights.iter().enumerate() {
            let name = format!("{}-{number}", group.replace(':', "-"));
            let (kind, namespace) = match right.cluster {
                true => ("ClusterRole", ""),
                false => ("Role", manifest.namespace.as_str()),
            };
            for object in role_and_binding(kind, &name, group, right, manifest) {
                cluster.create(&object, namespace).await.object();
            }
        }
    }
    for manifest in manifests {
        for right in &manifest.rights {
            wait_until_granted(cluster, manifest, right).await;
        }
    }
}

fn object_name<'r>(right: &'r Right, manifest: &'r Manifest) -> Option<&'r str> {
    right.object_name().map(|name| match name {
        "agents" => manifest.namespace.as_str(),
        name => name,
    })
}

fn role_and_binding(
    kind: &str,
    name: &str,
    group: &str,
    right: &Right,
    manifest: &Manifest,
) -> [Value; 2] {
    let api_version = format!("{GROUP}/v1");
    let mut rule = json!({"apiGroups": [right.group], "resources": [right.resource],
                          "verbs": [right.verb]});
    if let Some(object) = object_name(right, manifest) {
        rule["resourceNames"] = json!([object]);
    }
    let metadata = json!({"name": name});
    [
        json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "rules": [rule]}),
        json!({"apiVersion": api_version, "kind": format!("{kind}Binding"), "metadata": metadata,
               "subjects": [{"apiGroup": GROUP, "kind": "Group", "name": group}],
               "roleRef": {"apiGroup": GROUP, "kind": kind, "name": name}}),
    ]
}

async fn wait_until_granted(cluster: &Cluster, manifest: &Manifest, right: &Right) {
    let mut attributes = json!({
        "verb": right.verb, "group": right.group, "resource": right.resource,
        "name": object_name(right, manifest).unwrap_or("any"),
    });
    if !right.cluster {
        attributes["namespace"] = json!(manifest.namespace);
    }
    if let Some((resource, subresource)) = right.resource.split_once('/') {
        attributes["resource"] = json!(resource);
        attributes["subresource"] = json!(subresource);
    }
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": {"user": "nobody", "groups": manifest.groups, "resourceAttributes": attributes},
    });
    eventually("the rights of the manifest's user are known", async || {
        let answer = cluster.create(&review, "").await;
        match answer.body["status"]["allowed"].as_bool() {
            Some(true) => Ok(()),
            _ => Err(answer.body.to_string()),
        }
    })
    .await;
}

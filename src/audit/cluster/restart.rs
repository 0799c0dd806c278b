//! Whether a workload's Pods would be made again: each is judged as its controller would send it.

use admission_cel::json::{Json, Object};
use bumpalo::Bump;

use crate::audit::objects::{metadata_text, text};

/// Controllers as their ServiceAccounts: API group, kind, account in kube-system
/// (`cmd/kube-controller-manager/names/controller_names.go`, and the names of clients in `apps.go`
/// and `batch.go` beside it).
const CONTROLLERS: &[(&str, &str, &str)] = &[
    ("apps", "DaemonSet", "daemon-set-controller"),
    ("apps", "Deployment", "replicaset-controller"),
    ("apps", "ReplicaSet", "replicaset-controller"),
    ("apps", "StatefulSet", "statefulset-controller"),
    ("batch", "CronJob", "cronjob-controller"),
    ("batch", "Job", "job-controller"),
    ("", "ReplicationController", "replication-controller"),
];

/// What a workload makes, and who sends it.
pub struct Made<'a> {
    /// A Pod, or a CronJob's Job.
    pub object: &'a Json<'a>,
    /// The controller's user name.
    pub user: String,
}

/// Whether objects of this kind make Pods.
pub fn is_workload(group: &str, kind: &str) -> bool {
    CONTROLLERS
        .iter()
        .any(|entry| (entry.0, entry.1) == (group, kind))
}

/// What a workload would make again; `None` for other kinds, for what is over or suspended or scaled
/// to nothing, and for what another workload makes anew.
pub fn made<'a>(group: &str, workload: &'a Json<'a>, arena: &'a Bump) -> Option<Made<'a>> {
    let kind = text(workload, "kind");
    let mut controllers = CONTROLLERS.iter();
    let (_, _, account) = controllers.find(|entry| (entry.0, entry.1) == (group, kind))?;
    if has_controller(workload) || is_at_rest(workload) {
        return None;
    }
    let is_cron_job = kind == "CronJob";
    let template = match is_cron_job {
        true => workload.at(&["spec", "jobTemplate"])?,
        false => workload.at(&["spec", "template"])?,
    };
    let (api_version, kind) = match is_cron_job {
        true => ("batch/v1", "Job"),
        false => ("v1", "Pod"),
    };
    let members = [
        ("apiVersion", Json::String(api_version)),
        ("kind", Json::String(kind)),
        ("metadata", metadata(workload, template, arena)),
        ("spec", *template.get("spec")?),
    ];
    Some(Made {
        object: arena.alloc(Json::Object(Object::new(arena, members))),
        user: format!("system:serviceaccount:kube-system:{account}"),
    })
}

fn has_controller(object: &Json<'_>) -> bool {
    let owners = object.at(&["metadata", "ownerReferences"]);
    let owners = owners.and_then(Json::as_array).unwrap_or_default();
    owners
        .iter()
        .any(|owner| owner.get("controller").and_then(Json::as_bool) == Some(true))
}

/// Finished, suspended, or wanted zero times.
fn is_at_rest(workload: &Json<'_>) -> bool {
    let spec = |key: &str| workload.at(&["spec", key]);
    let conditions = workload.at(&["status", "conditions"]);
    let conditions = conditions.and_then(Json::as_array).unwrap_or_default();
    let is_over = conditions.iter().any(|condition| {
        ["Complete", "Failed"].contains(&text(condition, "type"))
            && text(condition, "status") == "True"
    });
    is_over
        || spec("suspend").and_then(Json::as_bool) == Some(true)
        || matches!(spec("replicas"), Some(Json::Int(0)))
}

/// The metadata of the template, a name to be completed, and the workload as controller.
fn metadata<'a>(workload: &'a Json<'a>, template: &'a Json<'a>, arena: &'a Bump) -> Json<'a> {
    let name = metadata_text(workload, "name");
    let prefix = arena.alloc_str(&format!("{name}-"));
    let owner = [
        ("apiVersion", Json::String(text(workload, "apiVersion"))),
        (
            "kind",
            Json::String(match text(workload, "kind") {
                // Which makes ReplicaSets, and these make the Pods.
                "Deployment" => "ReplicaSet",
                kind => kind,
            }),
        ),
        ("name", Json::String(name)),
        ("uid", Json::String(metadata_text(workload, "uid"))),
        ("controller", Json::Bool(true)),
        ("blockOwnerDeletion", Json::Bool(true)),
    ];
    let owner = Json::Object(Object::new(arena, owner));
    let of_template = template.get("metadata").and_then(Json::as_object);
    let of_template = of_template.map_or(&[][..], |metadata| metadata.entries());
    // `creationTimestamp: null` is what templates have.
    let kept = of_template
        .iter()
        .filter(|entry| matches!(entry.key, "labels" | "annotations"));
    let labels = job_labels(workload, of_template, arena);
    let own = [
        ("generateName", Json::String(prefix)),
        (
            "namespace",
            Json::String(metadata_text(workload, "namespace")),
        ),
        (
            "ownerReferences",
            Json::Array(arena.alloc_slice_copy(&[owner])),
        ),
    ];
    let entries = kept.map(|entry| (entry.key, entry.value));
    Json::Object(Object::new(arena, entries.chain(own).chain(labels)))
}

/// The labels of a Job's Pods, which its template has once the API server has stored it; a Job that
/// is made for a CronJob has none of them yet.
fn job_labels<'a>(
    workload: &'a Json<'a>,
    metadata: &'a [admission_cel::json::Entry<'a>],
    arena: &'a Bump,
) -> Option<(&'a str, Json<'a>)> {
    if text(workload, "kind") != "Job" {
        return None;
    }
    let labels = metadata.iter().find(|entry| entry.key == "labels");
    let labels = labels.and_then(|entry| entry.value.as_object());
    let present = labels.map_or(&[][..], |labels| labels.entries());
    let name = (
        "batch.kubernetes.io/job-name",
        Json::String(metadata_text(workload, "name")),
    );
    let uid = (
        "batch.kubernetes.io/controller-uid",
        Json::String(metadata_text(workload, "uid")),
    );
    let present = present.iter().map(|entry| (entry.key, entry.value));
    let labels = Object::new(arena, [name, uid].into_iter().chain(present));
    Some(("labels", Json::Object(labels)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn made_of(group: &str, workload: Value) -> Option<(Value, String)> {
        let arena = Bump::new();
        let workload = arena.alloc(Json::from_serde(&workload, &arena));
        let made = made(group, workload, &arena)?;
        Some((serde_json::to_value(made.object).unwrap(), made.user))
    }

    fn deployment(more: Value) -> Value {
        let mut object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "agents", "uid": "1"},
            "spec": {"replicas": 1, "template": {
                "metadata": {"labels": {"app": "web"}, "creationTimestamp": null},
                "spec": {"containers": []},
            }},
        });
        json_patch::merge(&mut object, &more);
        object
    }

    #[test]
    fn a_pod_is_made_from_the_template_by_the_controller() {
        let (pod, user) = made_of("apps", deployment(json!({}))).unwrap();
        assert_eq!(
            user,
            "system:serviceaccount:kube-system:replicaset-controller"
        );
        assert_eq!(
            pod,
            json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {
                    "labels": {"app": "web"}, "generateName": "web-", "namespace": "agents",
                    "ownerReferences": [{
                        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "1",
                        "controller": true, "blockOwnerDeletion": true,
                    }],
                },
                "spec": {"containers": []},
            })
        );
    }

    #[test]
    fn what_is_at_rest_or_made_anew_by_another_makes_nothing() {
        for more in [
            json!({"spec": {"replicas": 0}}),
            json!({"spec": {"suspend": true}}),
            json!({"status": {"conditions": [{"type": "Complete", "status": "True"}]}}),
            json!({"metadata": {"ownerReferences": [{"kind": "X", "controller": true}]}}),
        ] {
            assert_eq!(made_of("apps", deployment(more.clone())), None, "{more}");
        }
        assert!(
            made_of(
                "apps",
                deployment(json!({"status": {"conditions": [
            {"type": "Available", "status": "True"}]}}))
            )
            .is_some()
        );
        assert_eq!(made_of("example.com", deployment(json!({}))), None);
    }
}

//! Filling in what the API server would have filled in before admission: defaults, the deprecated
//! `serviceAccount` alias, and what the ServiceAccount admission plugin adds to Pods.
//!
//! The facts follow `pkg/apis/core/v1/defaults.go`, `pkg/apis/batch/v1/defaults.go`,
//! `pkg/apis/apps/v1/defaults.go` and `plugin/pkg/admission/serviceaccount` of Kubernetes. A test
//! compares the result with a real API server.

use admission_cel::json::Json;
use bumpalo::Bump;

mod draft;
mod job;
mod pod;
mod service_account;
mod shape;

use shape::Shape;

/// The object as admission would see it; the same node when nothing is missing or the kind is not
/// known here.
pub fn normalise<'a>(object: &'a Json<'a>, arena: &'a Bump) -> &'a Json<'a> {
    let text = |key| object.get(key).and_then(Json::as_str).unwrap_or_default();
    let Some(shape) = shape_of(text("apiVersion"), text("kind")) else { return object };
    match shape.fill(*object, arena) {
        Some(filled) => arena.alloc(filled),
        None => object,
    }
}

fn shape_of(api_version: &str, kind: &str) -> Option<&'static Shape> {
    match (api_version, kind) {
        ("v1", "Pod") => Some(&pod::POD),
        ("v1", "PodTemplate") => Some(&pod::POD_TEMPLATE),
        ("v1", "ReplicationController")
        | ("apps/v1", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet") => {
            Some(&pod::WORKLOAD)
        }
        ("batch/v1", "Job") => Some(&job::JOB),
        ("batch/v1", "CronJob") => Some(&job::CRON_JOB),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

//! Filling in what the API server would have filled in before admission: defaults, the deprecated
//! `serviceAccount` alias, and what the admission plugins that are on by default add to Pods.
//!
//! The facts follow `pkg/apis/core/v1/defaults.go`, `pkg/apis/batch/v1/defaults.go`,
//! `pkg/apis/apps/v1/defaults.go` and the plugins `serviceaccount`, `priority` and
//! `defaulttolerationseconds` under `plugin/pkg/admission` of Kubernetes. A test compares
//! the result with a real API server.
//!
//! One thing is left out, since no policy here asks for it: `requests` of a Pod as a whole, which
//! the API server adds up from those of the containers.

use admission_cel::json::Json;
use bumpalo::Bump;

mod draft;
mod empties;
mod job;
mod namespace;
mod pod;
mod quantities;
mod scheduling;
mod service_account;
mod shape;
mod volume;

use shape::Shape;

/// The object as admission would see it; the same node when nothing is missing or the kind is not
/// known here.
pub fn normalise<'a>(object: &'a Json<'a>, arena: &'a Bump) -> &'a Json<'a> {
    let text = |key| object.get(key).and_then(Json::as_str).unwrap_or_default();
    let Some(shape) = shape_of(text("apiVersion"), text("kind")) else {
        return object;
    };
    let kept = empties::without(object, arena);
    match shape.fill(kept.unwrap_or(*object), arena).or(kept) {
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
        ("v1", "Namespace") => Some(&namespace::NAMESPACE),
        ("batch/v1", "Job") => Some(&job::JOB),
        ("batch/v1", "CronJob") => Some(&job::CRON_JOB),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

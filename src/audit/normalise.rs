//! Filling in what the API server would have filled in before admission: defaults, the deprecated
//! `serviceAccount` alias, and what the admission plugins that are on by default add to Pods.
//!
//! The facts follow `pkg/apis/core/v1/defaults.go`, `pkg/apis/batch/v1/defaults.go`,
//! `pkg/apis/apps/v1/defaults.go` and the plugins `limitranger`, `serviceaccount`, `priority` and
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
mod limit_ranger;
mod namespace;
mod pod;
mod quantities;
mod scheduling;
mod service_account;
mod shape;
mod volume;

use draft::Draft;
use shape::Shape;

use super::objects::metadata_text;

/// What the cluster knows and plugins write into Pods.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plugins<'a, 's> {
    /// The ServiceAccounts of the Pod's namespace, as far as they are known.
    pub accounts: &'s [&'a Json<'a>],
    /// The LimitRanges there, by name.
    pub limit_ranges: &'s [&'a Json<'a>],
}

/// The object as admission would see it where nothing is known of the cluster; the same node when
/// nothing is missing or the kind is not known here.
pub fn normalise<'a>(object: &'a Json<'a>, arena: &'a Bump) -> &'a Json<'a> {
    admitted(object, &Plugins::default(), arena)
}

/// The object as admission would see it; the same node when nothing is missing or the kind is not
/// known here.
pub fn admitted<'a>(
    object: &'a Json<'a>,
    plugins: &Plugins<'a, '_>,
    arena: &'a Bump,
) -> &'a Json<'a> {
    let text = |key| object.get(key).and_then(Json::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let Some(shape) = shape_of(api_version, kind) else {
        return object;
    };
    let kept = empties::without(object, arena);
    let filled = shape.fill(kept.unwrap_or(*object), arena).or(kept);
    let filled = match (api_version, kind) {
        ("v1", "Pod") => plugged(filled.unwrap_or(*object), plugins, arena).or(filled),
        _ => filled,
    };
    match filled {
        Some(filled) => arena.alloc(filled),
        None => object,
    }
}

/// A Pod with what plugins write that look things up; `None` when that is nothing.
fn plugged<'a>(pod: Json<'a>, plugins: &Plugins<'a, '_>, arena: &'a Bump) -> Option<Json<'a>> {
    let mut pod = Draft::new(pod.as_object()?, arena);
    limit_ranger::limit(&mut pod, plugins.limit_ranges);
    let spec = pod.get("spec")?.as_object()?;
    let mut spec = Draft::new(spec, arena);
    let name = spec.text("serviceAccountName");
    let named = |account: &&&Json<'_>| metadata_text(account, "name") == name;
    let account = plugins.accounts.iter().find(named).copied();
    service_account::admit(&mut spec, account);
    if let Some(spec) = spec.finish() {
        pod.set("spec", spec);
    }
    pod.finish()
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

//! One object of a cluster: as what is judged, and how it is told of.

use std::sync::Arc;

use admission_cel::json::{Json, Object};
use admission_cel::value::Timestamp;
use admission_policy::request::{GroupVersionResource, User};
use bumpalo::Bump;

use super::NAME;
use super::restart;
use super::survey::Walk;
use super::targets::Target;
use crate::audit::candidate::{Address, Candidate};
use crate::audit::objects::{metadata_text, text};
use crate::audit::outcome::{ClusterOrigin, Found, Origin, Outcome, Severity, State};

const RBAC: &str = "rbac.authorization.k8s.io";
/// The label of what the API server made by itself, and its name as a user.
const BOOTSTRAPPING: &str = "kubernetes.io/bootstrapping";
const API_SERVER: &str = "system:apiserver";

impl Walk<'_, '_> {
    pub(super) fn object(&self, target: &Target, item: &Json<'_>) -> Outcome {
        let arena = Bump::new();
        let api_version = target.api_version();
        let object = typed(item, &api_version, &target.kind, &arena);
        let created = text_at(object, &["metadata", "creationTimestamp"]);
        let mut origin = ClusterOrigin {
            name: String::new(),
            uid: metadata_text(object, "uid").to_owned(),
            created: created.to_owned(),
            age_seconds: Timestamp::from_rfc3339(created)
                .map(|created| self.scope.now.seconds.saturating_sub(created.seconds)),
            owner: owner(object),
            not_restartable: match self.examiner.settings.describes_workloads {
                true => Vec::new(),
                false => self.not_restartable(target, object),
            },
        };
        origin.name = origin_name(&origin);
        let address = Address {
            resource: GroupVersionResource {
                group: &target.group,
                version: &target.version,
                resource: &target.resource,
            },
            subresource: "",
            namespace: match target.namespaced {
                true => metadata_text(object, "namespace"),
                false => "",
            },
            name: metadata_text(object, "name"),
        };
        let user = is_default_role(target, object).then(|| User {
            name: API_SERVER,
            groups: vec!["system:masters"],
            ..User::default()
        });
        self.examiner.candidate(&Candidate {
            address: Some(address),
            user,
            ..Candidate::creation(object, Origin::Cluster(Arc::new(origin)))
        })
    }

    /// What would be said when the workload's controller makes its Pods again.
    fn not_restartable(&self, target: &Target, object: &Json<'_>) -> Vec<String> {
        let arena = Bump::new();
        let Some(made) = restart::made(&target.group, object, &arena) else {
            return Vec::new();
        };
        let groups = vec![
            "system:serviceaccounts",
            "system:serviceaccounts:kube-system",
            "system:authenticated",
        ];
        let candidate = Candidate {
            user: Some(User {
                name: &made.user,
                groups,
                ..User::default()
            }),
            ..Candidate::creation(made.object, Origin::File(Arc::from(NAME)))
        };
        let State::Judged { findings, .. } = self.examiner.candidate(&candidate).state else {
            return Vec::new();
        };
        let denials = findings
            .iter()
            .filter(|found| found.severity == Severity::Deny);
        let line = |found: &Found| {
            let policy = &found.finding.policy;
            let message = &found.finding.message;
            match found.path().as_str() {
                "" => format!("[{policy}] {message}"),
                path => format!("[{policy}] {path}: {message}"),
            }
        };
        denials.map(line).collect()
    }
}

/// Whether the API server made an object when it first started: `pkg/registry/rbac/rest` and
/// `plugin/pkg/auth/authorizer/rbac/bootstrappolicy` of Kubernetes.
fn is_default_role(target: &Target, object: &Json<'_>) -> bool {
    let name = metadata_text(object, "name");
    let is_labelled = text_at(object, &["metadata", "labels", BOOTSTRAPPING]) == "rbac-defaults";
    let is_default =
        name.starts_with("system:") || ["admin", "cluster-admin", "edit", "view"].contains(&name);
    target.group == RBAC && is_labelled && is_default
}

/// The object with what it is, which items of a list do not say.
pub(super) fn typed<'a>(
    item: &'a Json<'a>,
    api_version: &str,
    kind: &str,
    arena: &'a Bump,
) -> &'a Json<'a> {
    let Some(members) = item.as_object() else {
        return item;
    };
    let (api_version, kind) = (arena.alloc_str(api_version), arena.alloc_str(kind));
    let own = [
        ("apiVersion", Json::String(api_version)),
        ("kind", Json::String(kind)),
    ];
    let members = members
        .entries()
        .iter()
        .map(|entry| (entry.key, entry.value));
    let members = members.filter(|(key, _)| !matches!(*key, "apiVersion" | "kind"));
    arena.alloc(Json::Object(Object::new(
        arena,
        own.into_iter().chain(members),
    )))
}

fn text_at<'a>(object: &'a Json<'a>, path: &[&str]) -> &'a str {
    object.at(path).and_then(Json::as_str).unwrap_or_default()
}

/// The controller that made an object, as `Kind name`.
fn owner(object: &Json<'_>) -> String {
    let owners = object.at(&["metadata", "ownerReferences"]);
    let owners = owners.and_then(Json::as_array).unwrap_or_default();
    let controller = owners
        .iter()
        .find(|owner| owner.get("controller").and_then(Json::as_bool) == Some(true));
    controller.map_or_else(String::new, |owner| {
        format!("{} {}", text(owner, "kind"), text(owner, "name"))
    })
}

/// Such as `cluster (12 days old, of Job nightly-28391)`.
fn origin_name(origin: &ClusterOrigin) -> String {
    let age = origin.age_seconds.map(age);
    let owner = match origin.owner.as_str() {
        "" => None,
        owner => Some(format!("of {owner}")),
    };
    let parts: Vec<String> = age.into_iter().chain(owner).collect();
    match parts.is_empty() {
        true => NAME.to_owned(),
        false => format!("{NAME} ({})", parts.join(", ")),
    }
}

/// An age in its largest unit.
fn age(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (number, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural} old")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_their_largest_unit() {
        for (seconds, expected) in [
            (-5, "0 seconds old"),
            (1, "1 second old"),
            (119, "1 minute old"),
            (7200, "2 hours old"),
            (86_400 * 12 + 5, "12 days old"),
        ] {
            assert_eq!(age(seconds), expected);
        }
    }
}

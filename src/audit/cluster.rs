//! A running cluster: as what is judged, and as what is known while files or logs are judged.
//!
//! Everything is only read, with the rights of whoever runs the audit. What these do not suffice for
//! is not evaluated, and told with the right that it takes.

use std::collections::BTreeSet;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use admission_cel::json::{Json, Object};
use admission_cel::value::Timestamp;
use admission_policy::request::{GroupVersionResource, User};
use admission_policy::set::PolicySet;
use anyhow::{Context as _, Result, anyhow};
use bumpalo::Bump;
use clap::Args;
use kube::Client;
use rayon::prelude::*;
use tokio::runtime::{Builder, Runtime};

mod progress;
mod restart;
mod rights;
pub mod section;
mod targets;
mod walk;

use self::progress::Progress;
pub use self::rights::ClusterRights;
use self::targets::{Group, Target, Wanted};
use self::walk::{Stopped, walk};
use super::candidate::{Address, Candidate};
use super::examine::Examiner;
use super::objects::{metadata_text, objects, text};
use super::outcome::{ClusterOrigin, Origin, Outcome, Severity, State, Subject};
use super::request::group_and_version;
use crate::k8s::cluster::access::AccessReviews;
use crate::k8s::cluster::pages::{self, ReadError};
use crate::k8s::cluster::{Target as Destination, connect};
use crate::k8s::manifest;
use crate::load::Source;

/// The name of a cluster as an origin.
const NAME: &str = "cluster";
/// Set in every Pod.
const IN_CLUSTER: &str = "KUBERNETES_SERVICE_HOST";
/// Which kubeconfig to use, as kubectl has it.
const KUBECONFIG: &str = "KUBECONFIG";
/// What is known of a cluster besides what is judged: API group, version, resource, kind, whether
/// namespaced.
const CONTEXT: &[ContextKind] = &[
    ("", "v1", NAMESPACES, "Namespace", false),
    ("", "v1", "limitranges", "LimitRange", true),
    ("", "v1", "serviceaccounts", "ServiceAccount", true),
    (
        "cattlegrid.dev",
        "v1alpha1",
        "agentbaselines",
        "AgentBaseline",
        false,
    ),
    (
        "cattlegrid.dev",
        "v1alpha1",
        "policyexceptions",
        "PolicyException",
        false,
    ),
];
type ContextKind = (&'static str, &'static str, &'static str, &'static str, bool);
/// What is known besides where files or logs are judged, whose kinds nobody knows otherwise.
const DEFINITIONS: ContextKind = (
    "apiextensions.k8s.io",
    "v1",
    "customresourcedefinitions",
    "CustomResourceDefinition",
    false,
);
const NAMESPACES: &str = "namespaces";
const RBAC: &str = "rbac.authorization.k8s.io";
/// The label of what the API server made by itself, and its name as a user.
const BOOTSTRAPPING: &str = "kubernetes.io/bootstrapping";
const API_SERVER: &str = "system:apiserver";
/// The manifest that grants what an audit takes.
const ROLE: &str = "manifests/rbac/audit.yaml";

/// Which cluster to use, and what for.
#[derive(Args, Clone, Debug, Default)]
pub struct ClusterArguments {
    /// Judge what is in a cluster: of the kubeconfig's current context or, in a Pod, the one around
    /// it. Where manifests or audit logs are given as well, these are judged with what the cluster
    /// knows: Namespaces, baseline, exceptions, rights
    #[arg(long)]
    cluster: bool,
    /// kubeconfig of the cluster [default: $KUBECONFIG, or ~/.kube/config]
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig [default: the current one]
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Judge the cluster's objects of all namespaces, as without --namespace
    #[arg(short = 'A', long, conflicts_with = "namespace")]
    all_namespaces: bool,
}

impl ClusterArguments {
    /// Connects, if a cluster is to be used.
    ///
    /// # Errors
    /// When there is none, or nobody answers there.
    pub fn connect(&self) -> Result<Option<Cluster>> {
        let is_named = self.kubeconfig.is_some() || self.context.is_some();
        if !self.cluster && !is_named {
            return Ok(None);
        }
        let is_inside = !is_named
            && std::env::var_os(IN_CLUSTER).is_some()
            && std::env::var_os(KUBECONFIG).is_none();
        let destination = match is_inside {
            true => Destination::InCluster,
            false => Destination::Kubeconfig {
                file: self.kubeconfig.clone(),
                context: self.context.clone(),
            },
        };
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let client = runtime.block_on(connect(&destination)).context(
            "the cluster cannot be used; name one with --kubeconfig FILE or --context NAME",
        )?;
        let cluster = Cluster {
            runtime: Arc::new(runtime),
            client,
        };
        cluster
            .read("/version")
            .map(drop)
            .or_else(|error| match error {
                // It is there, and says less than others.
                ReadError::Forbidden(_) | ReadError::NotFound => Ok(()),
                error => Err(anyhow!("the cluster cannot be reached: {error}")),
            })?;
        Ok(Some(cluster))
    }
}

/// A cluster that answers.
pub struct Cluster {
    runtime: Arc<Runtime>,
    client: Client,
}

/// Which objects to judge.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'s> {
    /// The one namespace; `None` for all, and for what is in none.
    pub namespace: Option<&'s str>,
    /// Now, for the age of objects.
    pub now: Timestamp,
}

/// What a cluster knows.
#[derive(Debug, Default)]
pub struct Knowledge {
    /// One text per kind.
    pub sources: Vec<Source>,
    /// What may not be read.
    pub problems: Vec<Outcome>,
}

type Report<'r, E> = dyn FnMut(Outcome) -> Result<(), E> + 'r;

impl Cluster {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.runtime.block_on(pages::read(&self.client, path))
    }

    /// The authorizer.
    pub fn rights(&self, is_anybody_named: bool) -> ClusterRights {
        ClusterRights {
            runtime: Arc::clone(&self.runtime),
            reviews: AccessReviews::new(self.client.clone()),
            is_anybody_named,
        }
    }

    /// What the cluster knows and `input` does not say otherwise. Where nothing but the cluster's own
    /// objects is judged, `own` says which.
    pub fn knowledge(
        &self,
        set: &PolicySet,
        input: &[Source],
        own: Option<Scope<'_>>,
    ) -> Knowledge {
        let mut knowledge = Knowledge::default();
        let given = identities(input);
        let only = own.and_then(|scope| scope.namespace);
        let wanted = targets::wanted(set, &[]);
        let definitions = own.is_none().then_some(DEFINITIONS);
        let all = CONTEXT.iter().copied().chain(definitions);
        let mut targets: Vec<Target> = all
            .map(|(group, version, resource, kind, namespaced)| Target {
                group: group.to_owned(),
                version: version.to_owned(),
                resource: resource.to_owned(),
                kind: kind.to_owned(),
                namespaced,
            })
            .collect();
        for (api_version, kind) in param_kinds(set) {
            let (group, version) = group_and_version(&api_version);
            let served = self.resources(group, version).unwrap_or_default();
            targets.extend(served.into_iter().find(|target| target.kind == kind));
        }
        for target in targets {
            let mut learnt = Learnt::default();
            let problem = match only {
                Some(name) if target.resource == NAMESPACES => {
                    let path = format!("{}/{name}", target.path(None));
                    let namespace = self.read(&path).map(|object| learnt.object(&object));
                    namespace.err()
                }
                only => self.learn(&target, only, &given, &mut learnt),
            };
            knowledge.sources.extend(learnt.source());
            let problem = problem.filter(|problem| *problem != ReadError::NotFound);
            // What is judged as well is told then.
            let is_told_later = own.is_some()
                && targets::is_wanted(&target, &wanted)
                && (target.namespaced || only.is_none());
            if let (Some(error), false) = (problem, is_told_later) {
                knowledge.problems.push(unlisted(&target, &error));
            }
        }
        knowledge
    }

    fn learn(
        &self,
        target: &Target,
        only: Option<&str>,
        given: &HashSet<String>,
        learnt: &mut Learnt,
    ) -> Option<ReadError> {
        let only = only.filter(|_| target.namespaced);
        let mut take = |page: &[&Json<'_>]| {
            let arena = Bump::new();
            for item in page {
                let object = typed(item, &target.api_version(), &target.kind, &arena);
                if !given.contains(&identity(object)) {
                    learnt.objects.push(object.to_string());
                }
            }
            Ok::<(), std::convert::Infallible>(())
        };
        match walk(target, only, &|path| self.read(path), &mut take) {
            Ok(()) => None,
            Err(Stopped::Unread(error)) => Some(error),
            Err(Stopped::Unwanted(never)) => match never {},
        }
    }

    /// Judges the cluster's objects: first the workloads, those that would not come back before the
    /// others; then everything else that policies match.
    ///
    /// # Errors
    /// That of `report`.
    pub fn audit<E>(
        &self,
        examiner: &Examiner<'_>,
        scope: Scope<'_>,
        report: &mut Report<'_, E>,
    ) -> Result<(), E> {
        let progress = Progress::start();
        let templates = examiner.rules.baseline.pod_templates();
        let wanted = targets::wanted(&examiner.rules.set, templates);
        let (all, problems) = self.targets(&wanted);
        problems.into_iter().try_for_each(&mut *report)?;
        let in_scope = |target: &Target| target.namespaced || scope.namespace.is_none();
        let all = all.into_iter().filter(in_scope);
        let is_workload = |target: &Target| restart::is_workload(&target.group, &target.kind);
        let (workloads, others): (Vec<_>, Vec<_>) = all.partition(is_workload);
        let walk = Walk {
            cluster: self,
            examiner,
            scope,
            progress: &progress,
            wanted: &wanted,
        };
        let mut first = Vec::new();
        let mut later = Vec::new();
        for target in &workloads {
            walk.kind(target, &mut |outcome| {
                let is_restartable = match &outcome.origin {
                    Origin::Cluster(origin) => origin.not_restartable.is_empty(),
                    _ => true,
                };
                match (is_restartable, says_anything(&outcome)) {
                    (false, _) => first.push(outcome),
                    (true, true) => later.push(outcome),
                    (true, false) => progress.suspend(|| report(outcome))?,
                }
                Ok(())
            })?;
        }
        for outcome in first.into_iter().chain(later) {
            progress.suspend(|| report(outcome))?;
        }
        for target in &others {
            walk.kind(target, &mut |outcome| progress.suspend(|| report(outcome)))?;
        }
        Ok(())
    }

    /// What the cluster serves of what is wanted, and what could not be found out.
    fn targets(&self, wanted: &BTreeSet<Wanted>) -> (Vec<Target>, Vec<Outcome>) {
        let mut problems = Vec::new();
        let groups = self.read("/apis").map_err(|error| error.to_string());
        let groups = groups.and_then(|apis| targets::groups(&apis));
        let groups = groups.unwrap_or_else(|error| {
            problems.push(undiscovered("/apis", &error));
            Vec::new()
        });
        let mut found = BTreeSet::new();
        for group in &groups {
            for version in versions(group, wanted) {
                match self.resources(&group.name, version) {
                    Ok(resources) => found.extend(resources.into_iter().filter(|target| {
                        restart::is_workload(&target.group, &target.kind)
                            || targets::is_wanted(target, wanted)
                    })),
                    Err(error) => {
                        let name = format!("{}/{version}", group.name);
                        problems.push(undiscovered(&name, &error));
                    }
                }
            }
        }
        (found.into_iter().collect(), problems)
    }

    fn resources(&self, group: &str, version: &str) -> Result<Vec<Target>, String> {
        let path = match group {
            "" => format!("/api/{version}"),
            group => format!("/apis/{group}/{version}"),
        };
        let list = self.read(&path).map_err(|error| error.to_string())?;
        targets::resources(group, version, &list)
    }
}

/// Objects of a kind as texts.
#[derive(Debug, Default)]
struct Learnt {
    objects: Vec<String>,
}

impl Learnt {
    /// Takes an object that was read by itself, and says what it is.
    fn object(&mut self, text: &[u8]) {
        self.objects
            .push(String::from_utf8_lossy(text).into_owned());
    }

    /// A document each.
    fn source(self) -> Option<Source> {
        (!self.objects.is_empty()).then(|| Source {
            name: NAME.to_owned(),
            text: self.objects.join("\n---\n"),
        })
    }
}

/// Those of the policies and, of the groups of workloads, the preferred one.
fn versions<'g>(group: &'g Group, wanted: &BTreeSet<Wanted>) -> BTreeSet<&'g str> {
    let mut versions = targets::versions(group, wanted);
    if versions.is_empty() && ["", "apps", "batch"].contains(&group.name.as_str()) {
        versions.extend(group.versions.first().map(String::as_str));
    }
    versions
}

/// Reading and judging kind after kind.
struct Walk<'w, 'k> {
    cluster: &'w Cluster,
    examiner: &'w Examiner<'k>,
    scope: Scope<'w>,
    progress: &'w Progress,
    wanted: &'w BTreeSet<Wanted>,
}

impl Walk<'_, '_> {
    fn kind<E>(&self, target: &Target, report: &mut Report<'_, E>) -> Result<(), E> {
        self.progress.kind(&target.full_name());
        let is_wanted = targets::is_wanted(target, self.wanted);
        let mut take = |page: &[&Json<'_>]| {
            let judged: Vec<Outcome> = page
                .par_iter()
                .map(|object| self.object(target, object))
                .collect();
            self.progress.read(page.len());
            let told = judged.into_iter().filter(|outcome| match &outcome.origin {
                Origin::Cluster(origin) => is_wanted || !origin.not_restartable.is_empty(),
                _ => true,
            });
            told.into_iter().try_for_each(&mut *report)
        };
        let read = |path: &str| self.cluster.read(path);
        match walk(target, self.scope.namespace, &read, &mut take) {
            // A kind that is gone has no objects.
            Ok(()) | Err(Stopped::Unread(ReadError::NotFound)) => Ok(()),
            Err(Stopped::Unread(error)) => report(unlisted(target, &error)),
            Err(Stopped::Unwanted(error)) => Err(error),
        }
    }

    fn object(&self, target: &Target, item: &Json<'_>) -> Outcome {
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
            not_restartable: self.not_restartable(target, object),
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
        let line = |found: &super::outcome::Found| {
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

fn says_anything(outcome: &Outcome) -> bool {
    match &outcome.state {
        State::Judged {
            findings,
            mutations,
        } => !findings.is_empty() || !mutations.is_empty(),
        _ => true,
    }
}

/// The object with what it is, which items of a list do not say.
fn typed<'a>(item: &'a Json<'a>, api_version: &str, kind: &str, arena: &'a Bump) -> &'a Json<'a> {
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

fn unlisted(target: &Target, error: &ReadError) -> Outcome {
    let name = target.full_name();
    let group = match target.group.as_str() {
        "" => "\"\"",
        group => group,
    };
    let reason = match error {
        ReadError::Forbidden(said) => {
            // Whoever audits need not read them.
            let is_granted = (target.group.as_str(), target.resource.as_str()) != ("", "secrets");
            let role = match is_granted {
                true => format!(", as {ROLE} does"),
                false => String::new(),
            };
            format!(
                "{name} may not be listed ({said}); grant verb `list` on resource `{}` of API \
                 group `{group}`{role}",
                target.resource
            )
        }
        error => format!("{name} could not be listed: {error}"),
    };
    not_evaluated(target.api_version(), target.resource.clone(), reason)
}

fn undiscovered(what: &str, error: &str) -> Outcome {
    let reason = format!("which kinds `{what}` has could not be found out: {error}");
    not_evaluated(String::new(), String::new(), reason)
}

fn not_evaluated(api_version: String, kind: String, reason: String) -> Outcome {
    Outcome {
        origin: Origin::Cluster(Arc::new(ClusterOrigin {
            name: NAME.to_owned(),
            ..ClusterOrigin::default()
        })),
        subject: Subject {
            api_version,
            kind,
            ..Subject::default()
        },
        state: State::NotEvaluated { reason },
    }
}

/// Kinds of parameters besides the baseline: `apiVersion` and kind.
fn param_kinds(set: &PolicySet) -> BTreeSet<(String, String)> {
    let kinds = set
        .policies()
        .filter_map(|policy| policy.definition.param_kind.as_ref());
    kinds
        .filter(|kind| kind.kind != crate::baseline::KIND)
        .map(|kind| (kind.api_version.clone(), kind.kind.clone()))
        .collect()
}

/// What the input says itself.
fn identities(input: &[Source]) -> HashSet<String> {
    let arena = Bump::new();
    let mut identities = HashSet::new();
    for source in input {
        for document in manifest::parse(&source.text, &arena).filter_map(Result::ok) {
            let found = objects(document.json);
            identities.extend(found.iter().map(|object| identity(object.json)));
        }
    }
    identities
}

fn identity(object: &Json<'_>) -> String {
    let (group, _) = group_and_version(text(object, "apiVersion"));
    let kind = text(object, "kind");
    // There is one.
    let name = match kind {
        crate::baseline::KIND => "",
        _ => metadata_text(object, "name"),
    };
    format!(
        "{group}/{kind}/{}/{name}",
        metadata_text(object, "namespace")
    )
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

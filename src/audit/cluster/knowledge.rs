//! What a cluster knows, while files, logs or its own objects are judged.

use std::collections::{BTreeSet, HashSet};

use admission_cel::json::Json;
use admission_policy::set::PolicySet;
use bumpalo::Bump;

use super::object::typed;
use super::targets::{self, Target};
use super::unread::unlisted;
use super::walk::{Stopped, walk};
use super::{Cluster, NAME, Scope};
use crate::audit::objects::{metadata_text, objects, text};
use crate::audit::outcome::Outcome;
use crate::audit::request::group_and_version;
use crate::k8s::cluster::pages::ReadError;
use crate::k8s::manifest;
use crate::load::Source;

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

/// What a cluster knows.
#[derive(Debug, Default)]
pub struct Knowledge {
    /// One text per kind.
    pub sources: Vec<Source>,
    /// What may not be read.
    pub problems: Vec<Outcome>,
}

impl Cluster {
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

//! Parameter objects of policies: the AgentBaseline, and those of any other kind that the user gives.
//!
//! What the user gives for that purpose (`--params`, beside the policies) is taken for all there is
//! of its kind: what is missing there is missing. What merely stands in the input is not: there,
//! only what is found is known.

use std::path::{Path, PathBuf};

use admission_cel::json::{Json, Object};
use admission_policy::context::Params;
use admission_policy::set::PolicySet;
use admission_policy::set::compiled::{ParamKind, ParamRef, ParamTarget};
use bumpalo::Bump;
use clap::Args;

use super::kinds::Kinds;
use super::objects::{metadata_text, text};
use super::request::group_and_version;
use super::structural::with_defaults;
use crate::baseline::{API_VERSION, BaselineParams, KIND};
use crate::load::{self, LoadErrors, Source};

/// Where parameters are.
#[derive(Args, Clone, Debug, Default)]
pub struct ParamsArgs {
    /// Parameter objects of policies, of whatever kind (may be given several times). They are taken
    /// for all there are of their kinds, as are those that lie beside the policies of --policies;
    /// of those in the input, only what is there is known
    #[arg(long, value_name = "FILE")]
    params: Vec<PathBuf>,
}

impl ParamsArgs {
    /// The files, and those beside the policies of a directory, if one is named.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn sources(&self, policies: Option<&Path>) -> Result<Vec<Source>, LoadErrors> {
        let files = self.params.iter().map(|file| load::read_source(file));
        let mut sources: Vec<Source> = files.collect::<Result<_, _>>()?;
        if let Some(directory) = policies {
            sources.extend(load::read_policies(directory)?);
        }
        Ok(sources)
    }
}

/// The parameter objects that are known.
#[derive(Debug)]
pub struct KnownParams<'k> {
    baseline: BaselineParams<'k>,
    kinds: Vec<KnownKind<'k>>,
}

/// The objects of a kind that a policy names.
#[derive(Debug)]
struct KnownKind<'k> {
    kind: ParamKind,
    /// By its definition; `None`: nobody gave it.
    namespaced: Option<bool>,
    /// Whether a binding names a namespace for it.
    is_sought_in_namespace: bool,
    /// Its schema, for defaults.
    schema: Option<&'k Json<'k>>,
    /// Whether these objects are all there are.
    is_complete: bool,
    objects: Vec<&'k Json<'k>>,
}

impl<'k> KnownParams<'k> {
    /// Nothing but the baseline, for the kinds that policies name.
    pub fn new(set: &PolicySet, baseline: BaselineParams<'k>, kinds: &Kinds<'k>) -> Self {
        let mut known: Vec<KnownKind<'k>> = Vec::new();
        for policy in set.policies() {
            let Some(kind) = &policy.definition.param_kind else {
                continue;
            };
            if is_baseline(&kind.api_version, &kind.kind) {
                continue;
            }
            let is_sought_in_namespace = policy.bindings.iter().any(|binding| {
                let param_ref = binding.param_ref.as_ref();
                param_ref.is_some_and(|param_ref| param_ref.namespace.is_some())
            });
            if let Some(present) = known.iter_mut().find(|known| known.kind == *kind) {
                present.is_sought_in_namespace |= is_sought_in_namespace;
                continue;
            }
            let (group, version) = group_and_version(&kind.api_version);
            let resource = kinds.resource(group, &kind.kind);
            known.push(KnownKind {
                kind: kind.clone(),
                namespaced: resource.map(|resource| resource.namespaced),
                is_sought_in_namespace,
                schema: kinds.schema(group, version, &kind.kind),
                is_complete: false,
                objects: Vec::new(),
            });
        }
        Self {
            baseline,
            kinds: known,
        }
    }

    /// Takes an object that was given as a parameter. Where it names no namespace, it is in any.
    pub fn give(&mut self, object: &'k Json<'k>, arena: &'k Bump) {
        if let Some(known) = self.of_object(object) {
            known.is_complete = true;
            let object = with_defaults(object, known.schema, arena);
            known.objects.push(object);
        }
    }

    /// Takes an object of the input, in `namespace` where it names none.
    pub fn find(&mut self, object: &'k Json<'k>, namespace: &'k str, arena: &'k Bump) {
        let Some(known) = self.of_object(object) else {
            return;
        };
        let object = with_defaults(object, known.schema, arena);
        let is_bare = metadata_text(object, "namespace").is_empty();
        let object = match known.namespaced {
            Some(true) if is_bare => in_namespace(object, namespace, arena),
            _ => object,
        };
        known.objects.push(object);
    }

    fn of_object(&mut self, object: &Json<'_>) -> Option<&mut KnownKind<'k>> {
        let (api_version, kind) = (text(object, "apiVersion"), text(object, "kind"));
        let mut kinds = self.kinds.iter_mut();
        kinds.find(|known| known.is(api_version, kind))
    }

    fn of_kind(&self, api_version: &str, kind: &str) -> Option<&KnownKind<'k>> {
        self.kinds.iter().find(|known| known.is(api_version, kind))
    }
}

impl<'k> KnownKind<'k> {
    fn is(&self, api_version: &str, kind: &str) -> bool {
        (self.kind.api_version.as_str(), self.kind.kind.as_str()) == (api_version, kind)
    }

    /// Where no definition says so, kinds are namespaced whose objects, or bindings, name one.
    fn is_namespaced(&self) -> bool {
        let has_namespace = |object: &&Json<'_>| !metadata_text(object, "namespace").is_empty();
        let is_named = || self.is_sought_in_namespace || self.objects.iter().any(has_namespace);
        self.namespaced.unwrap_or_else(is_named)
    }

    fn in_namespace(&self, namespace: Option<&str>) -> impl Iterator<Item = &'k Json<'k>> {
        let is_there = move |object: &&Json<'_>| {
            let own = metadata_text(object, "namespace");
            namespace.is_none_or(|wanted| own.is_empty() || own == wanted)
        };
        self.objects.iter().copied().filter(is_there)
    }
}

impl<'a> Params<'a> for KnownParams<'a> {
    fn list(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
    ) -> Result<Vec<&'a Json<'a>>, String> {
        match self.of_kind(api_version, kind) {
            Some(known) => Ok(known.in_namespace(namespace).collect()),
            None => self.baseline.list(api_version, kind, namespace),
        }
    }

    fn namespaced(&self, api_version: &str, kind: &str) -> Option<bool> {
        match self.of_kind(api_version, kind) {
            Some(known) => Some(known.is_namespaced()),
            None => self.baseline.namespaced(api_version, kind),
        }
    }

    fn unknown(&self, kind: &ParamKind, wanted: &ParamRef, namespace: &str) -> Option<String> {
        let known = self.of_kind(&kind.api_version, &kind.kind)?;
        let namespace = match (&wanted.namespace, known.is_namespaced()) {
            (Some(namespace), true) => Some(namespace.as_str()),
            (None, true) => Some(namespace),
            (_, false) => None,
        };
        let is_found = known
            .in_namespace(namespace)
            .any(|object| is_wanted(object, &wanted.target));
        if known.is_complete || is_found {
            return None;
        }
        let what = match &wanted.target {
            ParamTarget::Name(name) => format!("{} `{name}`", kind.kind),
            ParamTarget::Selector(_) => format!("a {} that its binding selects", kind.kind),
        };
        let place = namespace.map(|name| format!(" of namespace `{name}`"));
        let place = place.unwrap_or_default();
        Some(format!(
            "its parameter, {what}{place}, is not in the input; give it with --params FILE"
        ))
    }
}

fn is_wanted(object: &Json<'_>, target: &ParamTarget) -> bool {
    match target {
        ParamTarget::Name(name) => metadata_text(object, "name") == name,
        ParamTarget::Selector(selector) => {
            let labels = object.get("metadata").and_then(|m| m.get("labels"));
            selector.matches(labels)
        }
    }
}

fn is_baseline(api_version: &str, kind: &str) -> bool {
    (api_version, kind) == (API_VERSION, KIND)
}

fn in_namespace<'k>(object: &'k Json<'k>, namespace: &'k str, arena: &'k Bump) -> &'k Json<'k> {
    let members = |json: &'k Json<'k>| {
        let members = json.as_object().map_or(&[][..], |object| object.entries());
        members.iter().map(|entry| (entry.key, entry.value))
    };
    let metadata = object.get("metadata").map(members);
    let metadata = metadata.into_iter().flatten();
    let metadata = metadata.chain([("namespace", Json::String(namespace))]);
    let metadata = Json::Object(Object::new(arena, metadata));
    let object = members(object).chain([("metadata", metadata)]);
    arena.alloc(Json::Object(Object::new(arena, object)))
}

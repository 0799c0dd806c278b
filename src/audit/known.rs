//! What the input says about the cluster that it is meant for.

use std::collections::HashMap;

use admission_cel::json::Json;
use admission_policy::context::Namespace;
use admission_policy::set::PolicySet;
use bumpalo::Bump;

use super::kinds::Kinds;
use super::normalise::{Plugins, normalise};
use super::objects::{metadata_text, objects, text};
use super::params::KnownParams;
use super::rights::{InputRights, Rbac};
use crate::judge::Rules;
use crate::k8s::manifest;
use crate::k8s::namespace::named;
use crate::labels::AGENTS;
use crate::load::Source;

/// Kinds of objects that say something about the cluster, whatever the policies are.
pub const CONTEXT_KINDS: &[&str] = &[
    "AgentBaseline",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "LimitRange",
    "Namespace",
    "PolicyException",
    "Role",
    "RoleBinding",
    "ServiceAccount",
];

/// Kinds of objects that say something about the cluster, parameters of the policies among them.
/// Files in which none of these words stands are no part of the context.
pub fn context_kinds(set: &PolicySet) -> Vec<&str> {
    let of_params = set
        .policies()
        .filter_map(|policy| Some(policy.definition.param_kind.as_ref()?.kind.as_str()));
    let mut kinds: Vec<&str> = CONTEXT_KINDS.iter().copied().chain(of_params).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// From what knowledge comes.
#[derive(Clone, Copy, Debug)]
pub struct Background<'k> {
    /// The files of the input that say something about the cluster.
    pub context: &'k [Source],
    /// Files that hold parameter objects besides, of which nothing is judged.
    pub params: &'k [Source],
    /// Policies and baseline.
    pub rules: &'k Rules,
    /// The mode of namespaces that the input does not define.
    pub assumed_label: Option<&'k str>,
    /// Namespace of objects that name none.
    pub namespace: &'k str,
    /// Whether the user said who sends the objects.
    pub is_anybody_named: bool,
}

/// Everything that is known besides the object that is judged; shared by all threads.
#[derive(Debug)]
pub struct Known<'k> {
    kinds: Kinds<'k>,
    namespaces: HashMap<&'k str, &'k Json<'k>>,
    accounts: HashMap<&'k str, Vec<&'k Json<'k>>>,
    limit_ranges: HashMap<&'k str, Vec<&'k Json<'k>>>,
    params: KnownParams<'k>,
    rights: InputRights,
    assumed_label: Option<&'k str>,
}

impl<'k> Known<'k> {
    /// Learns from the context files. What cannot be read there is told when it is judged.
    ///
    /// # Errors
    /// When the baseline or a file with parameters cannot be read.
    pub fn learn(background: &Background<'k>, arena: &'k Bump) -> Result<Self, String> {
        let Background {
            namespace, rules, ..
        } = *background;
        let mut found = Vec::new();
        for source in background.context {
            for document in manifest::parse(&source.text, arena).filter_map(Result::ok) {
                found.extend(objects(document.json).iter().map(|object| object.json));
            }
        }
        let given = given_params(background.params, arena)?;
        let mut kinds = Kinds::default();
        for object in found.iter().chain(&given) {
            kinds.learn(object);
        }
        let mut rbac = Rbac::default();
        for object in &found {
            rbac.learn(object, namespace);
        }
        rbac.aggregate();
        let baseline = rules.baseline.as_params(arena)?;
        let mut params = KnownParams::new(&rules.set, baseline, &kinds);
        for object in given {
            params.give(object, arena);
        }
        for object in &found {
            params.find(object, namespace, arena);
        }
        let mut known = Self {
            kinds,
            namespaces: HashMap::new(),
            accounts: HashMap::new(),
            limit_ranges: HashMap::new(),
            params,
            rights: InputRights::new(rbac, background.is_anybody_named),
            assumed_label: background.assumed_label,
        };
        for object in found {
            known.add(object, namespace, arena);
        }
        for ranges in known.limit_ranges.values_mut() {
            ranges.sort_by_key(|range| metadata_text(range, "name"));
        }
        Ok(known)
    }

    fn add(&mut self, object: &'k Json<'k>, default_namespace: &'k str, arena: &'k Bump) {
        if text(object, "apiVersion") != "v1" {
            return;
        }
        let namespace = match metadata_text(object, "namespace") {
            "" => default_namespace,
            namespace => namespace,
        };
        match text(object, "kind") {
            "Namespace" => {
                let name = metadata_text(object, "name");
                self.namespaces.insert(name, normalise(object, arena));
            }
            "ServiceAccount" => self.accounts.entry(namespace).or_default().push(object),
            "LimitRange" => {
                let of_namespace = self.limit_ranges.entry(namespace);
                of_namespace.or_default().push(object);
            }
            _ => {}
        }
    }

    /// Kinds, their resources and scopes.
    pub fn kinds(&self) -> &Kinds<'k> {
        &self.kinds
    }

    /// Parameter objects.
    pub fn params(&self) -> &KnownParams<'k> {
        &self.params
    }

    /// Whether a namespace is in the input.
    pub fn has_namespace(&self, name: &str) -> bool {
        self.namespaces.contains_key(name)
    }

    /// Rights.
    pub fn rights(&self) -> &InputRights {
        &self.rights
    }

    /// What admission plugins look up in a namespace.
    pub fn plugins(&self, namespace: &str) -> Plugins<'k, '_> {
        Plugins {
            accounts: in_namespace(&self.accounts, namespace),
            limit_ranges: in_namespace(&self.limit_ranges, namespace),
        }
    }

    /// The namespace of an object: from the input, or assumed. A labelled object is judged by its
    /// label where nobody knows the namespace.
    pub fn namespace<'e>(&self, is_labelled: bool, name: &'e str, arena: &'e Bump) -> Namespace<'e>
    where
        'k: 'e,
    {
        if let Some(namespace) = self.namespaces.get(name) {
            return Namespace::Known(namespace);
        }
        let mode = match self.assumed_label {
            Some(mode) => Some((AGENTS, mode)),
            None if is_labelled => None,
            None => return Namespace::Unknown,
        };
        Namespace::Known(named(name, mode, arena))
    }
}

fn in_namespace<'s, 'k>(
    objects: &'s HashMap<&'k str, Vec<&'k Json<'k>>>,
    namespace: &str,
) -> &'s [&'k Json<'k>] {
    objects.get(namespace).map_or(&[], Vec::as_slice)
}

/// The objects of files that hold parameters.
fn given_params<'k>(files: &'k [Source], arena: &'k Bump) -> Result<Vec<&'k Json<'k>>, String> {
    let mut given = Vec::new();
    for source in files {
        for document in manifest::parse(&source.text, arena) {
            let document = document.map_err(|error| format!("{}: {error}", source.name))?;
            given.extend(objects(document.json).iter().map(|object| object.json));
        }
    }
    Ok(given)
}

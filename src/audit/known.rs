//! What the input says about the cluster that it is meant for.

use std::collections::HashMap;

use admission_cel::authorizer::{Answer, Authorizer, Question};
use admission_cel::json::Json;
use admission_policy::context::Namespace;
use bumpalo::Bump;

use super::kinds::Kinds;
use super::objects::{metadata_text, objects, text};
use crate::baseline::{Baseline, BaselineParams};
use crate::k8s::manifest;
use crate::k8s::namespace::named;
use crate::labels::AGENTS;
use crate::load::Source;

/// Kinds of objects that say something about the cluster. Files in which none of these words
/// stands are no part of the context.
pub const CONTEXT_KINDS: &[&str] = &[
    "AgentBaseline",
    "CustomResourceDefinition",
    "Namespace",
    "PolicyException",
];

/// Everything that is known besides the object that is judged; shared by all threads.
pub struct Known<'k> {
    kinds: Kinds<'k>,
    namespaces: HashMap<&'k str, &'k Json<'k>>,
    params: BaselineParams<'k>,
    assumed_label: Option<&'k str>,
}

impl<'k> Known<'k> {
    /// Learns from the context files. What cannot be read there is told when it is judged.
    ///
    /// # Errors
    /// When the baseline cannot be read.
    pub fn learn(
        context: &'k [Source],
        baseline: &'k Baseline,
        assumed_label: Option<&'k str>,
        arena: &'k Bump,
    ) -> Result<Self, String> {
        let mut known = Self {
            kinds: Kinds::default(),
            namespaces: HashMap::new(),
            params: baseline.as_params(arena)?,
            assumed_label,
        };
        for source in context {
            for document in manifest::parse(&source.text, arena).filter_map(Result::ok) {
                for found in objects(document.json) {
                    known.add(found.json);
                }
            }
        }
        Ok(known)
    }

    fn add(&mut self, object: &'k Json<'k>) {
        self.kinds.learn(object);
        if text(object, "kind") == "Namespace" && text(object, "apiVersion") == "v1" {
            self.namespaces
                .insert(metadata_text(object, "name"), object);
        }
    }

    /// Kinds, their resources and scopes.
    pub fn kinds(&self) -> &Kinds<'k> {
        &self.kinds
    }

    /// Parameter objects.
    pub fn params(&self) -> &BaselineParams<'k> {
        &self.params
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

/// Manifests do not say who will submit them.
pub struct UnknownRights;

impl Authorizer for UnknownRights {
    fn answer(&self, _question: &Question<'_>) -> Answer {
        Answer::Unavailable(
            "it depends on the rights of whoever submits the object; the cluster asks its authorizer"
                .to_owned(),
        )
    }
}

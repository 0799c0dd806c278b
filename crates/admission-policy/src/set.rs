//! Compiled policies and bindings.

mod bindings;
pub mod compiled;
mod decode;
mod definition;
mod digest;
mod exceptions;
mod expressions;
mod index;
mod link;
mod load;
mod metadata;
mod mutating;
mod names;
mod resources;
mod selectors;
mod sharing;
mod types;
mod validating;

use admission_cel::environment::KUBERNETES_MINOR;
use admission_cel::json::{Json, Path};

pub use exceptions::exceptions;
pub use sharing::SharedCounts;
pub use types::declare_objects;

use crate::request::Request;
use compiled::{Binding, Definition, MutatingPolicy, ValidatingPolicy};
pub use expressions::validation_environment;
use index::Index;

/// The annotation of a policy that tells how to fix what it refuses.
pub const REMEDIATION: &str = "cattlegrid.dev/remediation";

/// The annotation of a policy that refuses what must not be shown, when it is `true`: reports name
/// the place, and leave out what is written there.
pub const CONFIDENTIAL: &str = "cattlegrid.dev/confidential";

/// A parsed document that may hold a policy, binding or parameter object.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// File name, or another name of the source.
    pub source: &'a str,
    /// Position of the document in its source, from 0.
    pub index: usize,
    /// The object.
    pub json: &'a Json<'a>,
}

/// Why a document cannot be part of a policy set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{source_name}: {path}: {reason}")]
pub struct LoadError {
    /// The document's source.
    pub source_name: String,
    /// Position of the document in its source, from 0.
    pub index: usize,
    /// Where in the document.
    pub path: Path,
    /// For a fault inside an expression, the byte offset in the string at `path`.
    pub offset: Option<usize>,
    /// What is wrong and what to do.
    pub reason: String,
}

/// All compiled policies and bindings. Immutable, `Send` and `Sync`.
#[derive(Debug, Default)]
pub struct PolicySet {
    validating: Vec<ValidatingPolicy>,
    mutating: Vec<MutatingPolicy>,
    validating_index: Index,
    mutating_index: Index,
    validating_shared: SharedCounts,
    mutating_shared: SharedCounts,
    warnings: Vec<LoadError>,
    digest: String,
}

/// A policy of either kind.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'s> {
    /// Name, annotations, match constraints, parameter kind.
    pub definition: &'s Definition,
    /// Its bindings, ordered by name.
    pub bindings: &'s [Binding],
    /// Whether it mutates.
    pub mutating: bool,
}

impl PolicySet {
    /// Compiles a set. Documents of other kinds are ignored; of `List` objects the items are read.
    ///
    /// # Errors
    /// Everything that is wrong with any document, in order.
    pub fn compile(documents: &[Document<'_>]) -> Result<Self, Vec<LoadError>> {
        Self::compile_for(KUBERNETES_MINOR, documents)
    }

    /// Compiles a set with the functions that expressions may use in Kubernetes 1.`minor`. An API
    /// server takes new expressions only if those of the version before its own suffice.
    ///
    /// # Errors
    /// Everything that is wrong with any document, in order.
    pub fn compile_for(minor: u8, documents: &[Document<'_>]) -> Result<Self, Vec<LoadError>> {
        let mut loaded = Vec::new();
        for document in documents {
            load::load(*document, minor, &mut loaded);
        }
        link::link(loaded)
    }

    /// SHA-256 over the canonical bytes of the policies and bindings, in lower-case hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What is allowed and probably not meant: policies without binding, parameters that do not
    /// reach their policy. Told apart from errors by where they are returned only.
    pub fn warnings(&self) -> &[LoadError] {
        &self.warnings
    }

    /// All policies: the validating ones, then the mutating ones, each ordered by name.
    pub fn policies(&self) -> impl Iterator<Item = Policy<'_>> {
        let validating = self.validating.iter().map(|policy| Policy {
            definition: &policy.definition,
            bindings: &policy.bindings,
            mutating: false,
        });
        let mutating = self.mutating.iter().map(|policy| Policy {
            definition: &policy.definition,
            bindings: &policy.bindings,
            mutating: true,
        });
        validating.chain(mutating)
    }

    /// The validating policies, ordered by name.
    pub fn validating(&self) -> &[ValidatingPolicy] {
        &self.validating
    }

    /// The mutating policies, ordered by name.
    pub fn mutating(&self) -> &[MutatingPolicy] {
        &self.mutating
    }

    /// How many different variables and conditions the validating policies have.
    pub fn validating_shared(&self) -> SharedCounts {
        self.validating_shared
    }

    /// How many different variables and conditions the mutating policies have.
    pub fn mutating_shared(&self) -> SharedCounts {
        self.mutating_shared
    }

    /// The validating policies that may match a request, ordered by name. Empty for nearly every
    /// request that no policy matches.
    pub fn validating_candidates<'s>(
        &'s self,
        request: &Request<'_>,
    ) -> impl Iterator<Item = &'s ValidatingPolicy> {
        self.validating_index
            .candidates(request)
            .into_iter()
            .filter_map(|position| self.validating.get(position))
    }

    /// The mutating policies that may match a request, ordered by name.
    pub fn mutating_candidates<'s>(
        &'s self,
        request: &Request<'_>,
    ) -> impl Iterator<Item = &'s MutatingPolicy> {
        self.mutating_index
            .candidates(request)
            .into_iter()
            .filter_map(|position| self.mutating.get(position))
    }
}

#[cfg(test)]
mod tests;

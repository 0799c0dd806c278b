//! The one path from a request to an answer, shared by the webhook and the offline audit.
//!
//! `complete` is what `/mutate` does, `judge` what `/validate` does. They differ from each other
//! and from the offline audit only in whether the object has been completed before.

use std::sync::Arc;

use admission_cel::authorizer::Authorizer;
use admission_cel::json::{Json, Path};
use admission_cel::value::Timestamp;
use admission_policy::context::{Context, Namespace, Params};
use admission_policy::decide::{Decision, Limits, Mode, PolicyAction, decide};
use admission_policy::evaluate::evaluate;
use admission_policy::exception::{Exceptions, except};
use admission_policy::finding::{Evaluation, Finding, PolicyEvaluation, Verdict};
use admission_policy::mutate::mutate;
use admission_policy::patch::{Operation as PatchOperation, difference};
use admission_policy::request::{Operation, Request};
use admission_policy::set::PolicySet;
use bumpalo::Bump;

use crate::baseline::Baseline;
use crate::investigation;
use crate::labels::{AGENTS, WORKLOAD, WORKLOAD_AGENT, label, namespace_mode, with_label};
use crate::templates;

/// Everything that stays the same between requests, until it is reloaded.
#[derive(Debug)]
pub struct Rules {
    /// Policies and bindings.
    pub set: PolicySet,
    /// Their parameter.
    pub baseline: Baseline,
    /// What is let off, and until when.
    pub exceptions: Exceptions,
    /// The strictest mode, `--mode`.
    pub mode: Mode,
}

/// What surrounds one request.
#[derive(Clone, Copy)]
pub struct Surroundings<'a, 's> {
    /// The request's namespace.
    pub namespace: Namespace<'a>,
    /// The parameter objects of policies.
    pub params: &'s dyn Params<'a>,
    /// Answers authorization questions.
    pub authorizer: &'s dyn Authorizer,
    /// Makes an investigation ID.
    pub new_id: &'s dyn Fn() -> String,
    /// When it is judged: exceptions expire.
    pub now: Timestamp,
}

/// A completed object.
#[derive(Debug)]
pub struct Completion<'a> {
    /// The object as it should be; the very node of the request when nothing changed.
    pub object: Option<&'a Json<'a>>,
    /// The operations that lead there.
    pub patch: Vec<PatchOperation<'a>>,
    /// Policies that changed something.
    pub applied: Vec<Arc<str>>,
    /// Why it could not be completed; denies.
    pub failures: Vec<Finding>,
    /// Mutations that need something that is unknown here; the user is warned. What they would have
    /// filled in stays for validation to judge.
    pub not_evaluated: Vec<Finding>,
    /// The investigation ID, for requests that start one.
    pub investigation: Option<&'a str>,
}

/// Whether the object that is judged has been completed already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// As somebody wrote it: what is missing is filled in before judging.
    Submitted,
    /// As it would be stored.
    Completed,
    /// As somebody wrote it, and to be judged as such: nothing is filled in.
    AsWritten,
}

/// What the policies say about one request.
#[derive(Debug)]
pub struct Judgement<'a> {
    /// How strict the namespace and the program are together.
    pub mode: Mode,
    /// The object that was judged.
    pub object: Option<&'a Json<'a>>,
    /// The Jobs that the Pod templates in a custom resource describe, as they were judged, and where
    /// these templates are.
    pub templates: Vec<(Path, &'a Json<'a>)>,
    /// Verdicts of every policy that matched.
    pub evaluation: Evaluation,
    /// What caps the actions of bindings.
    limits: Limits,
}

impl Judgement<'_> {
    /// The answer that follows from the verdicts.
    pub fn decision(&self) -> Decision<'_> {
        decide(&self.evaluation, &self.limits)
    }
}

impl Rules {
    /// How strictly a request is treated: its namespace's label, or the program's mode where the
    /// namespace has none or is unknown; never stricter than the program's mode.
    pub fn mode_of(&self, namespace: Namespace<'_>) -> Mode {
        match namespace {
            Namespace::Known(object) => namespace_mode(object).unwrap_or(self.mode).min(self.mode),
            Namespace::None | Namespace::Unknown => self.mode,
        }
    }

    fn is_off(&self, policy: &str) -> bool {
        self.baseline.actions().get(policy) == Some(&PolicyAction::Off)
    }

    fn limits(&self) -> Limits {
        Limits {
            mode: self.mode,
            actions: self.baseline.actions().clone(),
        }
    }
}

/// Completes the object of a request where its namespace enforces; elsewhere nothing changes.
///
/// # Errors
/// When the investigation ID cannot be set.
pub fn complete<'a>(
    rules: &'a Rules,
    request: &Request<'a>,
    surroundings: &Surroundings<'a, '_>,
    arena: &'a Bump,
) -> Result<Completion<'a>, String> {
    if rules.mode_of(surroundings.namespace) < Mode::Enforce {
        return Ok(Completion {
            object: request.object,
            patch: Vec::new(),
            applied: Vec::new(),
            failures: Vec::new(),
            not_evaluated: Vec::new(),
            investigation: None,
        });
    }
    let marked = marked(rules, request, surroundings.namespace, arena);
    let mut completion = complete_anyway(rules, &marked, surroundings, arena)?;
    if let (Some(before), Some(after)) = (request.object, completion.object)
        && !std::ptr::eq(before, after)
    {
        completion.patch = difference(before, after);
    }
    Ok(completion)
}

/// Judges a request.
///
/// # Errors
/// When the object cannot be completed, or has too many templates.
pub fn judge<'a>(
    rules: &'a Rules,
    request: &Request<'a>,
    stage: Stage,
    surroundings: &Surroundings<'a, '_>,
    arena: &'a Bump,
) -> Result<Judgement<'a>, String> {
    let mode = rules.mode_of(surroundings.namespace);
    let mut judged = marked(rules, request, surroundings.namespace, arena);
    let mut evaluation = evaluation_of(rules, &mut judged, stage, surroundings, arena)?;
    let templates = templates::of_request(&judged, rules.baseline.pod_templates(), arena)?;
    let has_templates = !templates.is_empty();
    let mut jobs = Vec::with_capacity(templates.len());
    for template in templates {
        let mut job = marked(rules, &template.request, surroundings.namespace, arena);
        mark_like(&judged, &mut job, arena);
        // Whoever makes Pods of a template, they are completed when they are made.
        let stage = match stage {
            Stage::AsWritten => Stage::AsWritten,
            Stage::Submitted | Stage::Completed => Stage::Submitted,
        };
        let mut found = evaluation_of(rules, &mut job, stage, surroundings, arena)?;
        jobs.extend(job.object.map(|job| (template.path(), job)));
        if let Some(why) = judged.old_object_unknown {
            // The template may have been there before, and is not judged again then.
            unsettle(&mut found, why);
        }
        if let Some(object) = judged.object {
            template.relocate(&mut found, object);
        }
        evaluation.policies.extend(found.policies);
    }
    if has_templates {
        let by_name = |a: &PolicyEvaluation, b: &PolicyEvaluation| a.policy.cmp(&b.policy);
        evaluation.policies.sort_by(by_name);
    }
    Ok(Judgement {
        mode,
        object: judged.object,
        templates: jobs,
        evaluation,
        limits: rules.limits(),
    })
}

/// The verdicts about one object, which is completed first where nobody has done it yet.
///
/// # Errors
/// When it cannot be completed.
fn evaluation_of<'a>(
    rules: &'a Rules,
    judged: &mut Request<'a>,
    stage: Stage,
    surroundings: &Surroundings<'a, '_>,
    arena: &'a Bump,
) -> Result<Evaluation, String> {
    if stage == Stage::Submitted && judged.operation == Operation::Create {
        // Failures to complete are not reported here: what stays incomplete is judged as such.
        let as_enforced = Surroundings {
            namespace: as_if_enforced(surroundings.namespace, arena),
            ..*surroundings
        };
        judged.object = complete_anyway(rules, judged, &as_enforced, arena)?.object;
    }
    let context = Context {
        namespace: surroundings.namespace,
        params: surroundings.params,
        authorizer: surroundings.authorizer,
    };
    let mut evaluation = evaluate(&rules.set, judged, &context, &|id| rules.is_off(id), arena);
    except(&mut evaluation, &rules.exceptions, judged, surroundings.now);
    Ok(evaluation)
}

/// Nobody knows whether what was found counts.
fn unsettle(evaluation: &mut Evaluation, why: &str) {
    let policies = evaluation.policies.iter_mut();
    for finding in policies.flat_map(|policy| &mut policy.findings) {
        finding.verdict = Verdict::NotEvaluated(why.to_owned());
        why.clone_into(&mut finding.message);
    }
}

fn complete_anyway<'a>(
    rules: &'a Rules,
    request: &Request<'a>,
    surroundings: &Surroundings<'a, '_>,
    arena: &'a Bump,
) -> Result<Completion<'a>, String> {
    let context = Context {
        namespace: surroundings.namespace,
        params: surroundings.params,
        authorizer: surroundings.authorizer,
    };
    let mutation = mutate(&rules.set, request, &context, &|id| rules.is_off(id), arena);
    let (not_evaluated, failures) = mutation
        .failures
        .into_iter()
        .partition(|failure| matches!(failure.verdict, Verdict::NotEvaluated(_)));
    let mut completion = Completion {
        object: mutation.object,
        patch: Vec::new(),
        applied: mutation.applied,
        failures,
        not_evaluated,
        investigation: None,
    };
    if let Some(object) = completion.object
        && is_agent(object, surroundings.namespace)
    {
        let assigned = investigation::assign(request, object, surroundings.new_id, arena)
            .map_err(|error| format!("the investigation ID cannot be set: {error}"))?;
        if let Some(assigned) = assigned {
            completion.object = Some(assigned.object);
            completion.investigation = Some(assigned.id);
        }
    }
    Ok(completion)
}

/// Whether an object is an agent workload: its namespace is an agent namespace, or it is labelled.
fn is_agent<'a>(object: &'a Json<'a>, namespace: Namespace<'a>) -> bool {
    is_agent_namespace(namespace) || label(object, WORKLOAD) == Some(WORKLOAD_AGENT)
}

/// Whether a namespace is an agent namespace.
pub fn is_agent_namespace(namespace: Namespace<'_>) -> bool {
    match namespace {
        Namespace::Known(namespace) => label(namespace, AGENTS).is_some(),
        Namespace::None | Namespace::Unknown => false,
    }
}

/// The request with the agent label on what one of the baseline's labels marks: bindings select by
/// the agent label, since a selector cannot read the baseline. In agent namespaces all are agents
/// anyway; mirror pods are never changed.
fn marked<'a>(
    rules: &Rules,
    request: &Request<'a>,
    namespace: Namespace<'a>,
    arena: &'a Bump,
) -> Request<'a> {
    let mark = |object: Option<&'a Json<'a>>| {
        let object = object?;
        let is_marked = label(object, WORKLOAD) != Some(WORKLOAD_AGENT)
            && rules.baseline.marks(object)
            && !investigation::is_mirror_pod(request, object);
        Some(if is_marked {
            with_label(object, WORKLOAD, WORKLOAD_AGENT, arena)
        } else {
            object
        })
    };
    let mut marked = request.clone();
    if !is_agent_namespace(namespace) {
        marked.object = mark(request.object);
        marked.old_object = mark(request.old_object);
    }
    marked
}

/// Marks the Job of a template as an agent if the object that holds the template is one.
fn mark_like<'a>(holder: &Request<'a>, job: &mut Request<'a>, arena: &'a Bump) {
    let is_agent = |object: &'a Json<'a>| label(object, WORKLOAD) == Some(WORKLOAD_AGENT);
    if let (Some(holder), Some(object)) = (holder.object, job.object)
        && is_agent(holder)
        && !is_agent(object)
    {
        job.object = Some(with_label(object, WORKLOAD, WORKLOAD_AGENT, arena));
    }
}

/// The namespace with its mode set to `enforce`: in `audit` and `warn` mode the judgement is of
/// what would be admitted under `enforce`, or every limit that it fills in would be reported.
fn as_if_enforced<'a>(namespace: Namespace<'a>, arena: &'a Bump) -> Namespace<'a> {
    match namespace {
        Namespace::Known(object) if is_agent_namespace(namespace) => {
            Namespace::Known(with_label(object, AGENTS, "enforce", arena))
        }
        other => other,
    }
}

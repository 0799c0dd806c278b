//! Pod and Job templates inside custom resources, such as an Argo Workflow or a RayCluster.
//!
//! The baseline's `podTemplates` say where the templates of a kind are. Each is judged as the Job
//! that it describes, created by whoever writes the object: all policies and mutations apply as
//! they will to its Pods, and none has to know the kind. What would be refused then is refused at
//! once, where its author sees it; the Pods are judged all the same when somebody makes them.

use admission_cel::json::{Json, Path};
use admission_policy::finding::{Evaluation, Finding, PolicyEvaluation, Root, Verdict};
use admission_policy::request::{Operation, Request};
use bumpalo::Bump;

use self::compose::{Composed, compose};
use self::places::Places;
use self::request::creation_of;
use self::table::TemplateKind;

mod compose;
mod places;
mod request;
mod route;
pub mod table;

/// Most templates of one object: each is judged like an object of its own.
const TEMPLATES_MAX: usize = 256;

/// A template as the Job that it describes.
pub struct Template<'a> {
    /// The creation of that Job.
    pub request: Request<'a>,
    places: Places,
    placeholder: Option<&'a str>,
}

/// The templates that a request brings: all at the creation of an object, at a change those that
/// were not there before. None for kinds that the table does not have, and for subresources.
///
/// # Errors
/// When there are too many.
pub fn of_request<'a>(
    request: &Request<'a>,
    table: &'a [TemplateKind],
    arena: &'a Bump,
) -> Result<Vec<Template<'a>>, String> {
    let is_written = matches!(request.operation, Operation::Create | Operation::Update);
    if !is_written || !request.subresource.is_empty() {
        return Ok(Vec::new());
    }
    let (Some(kind), Some(object)) = (find(table, request), request.object) else {
        return Ok(Vec::new());
    };
    let composed = compose(kind, object, arena);
    if composed.len() > TEMPLATES_MAX {
        return Err(format!(
            "it has {} Pod templates, and no more than {TEMPLATES_MAX} are judged; split it",
            composed.len()
        ));
    }
    let before = request
        .old_object
        .map_or_else(Vec::new, |old| compose(kind, old, arena));
    let is_new = |composed: &Composed<'_>| before.iter().all(|old| old.job != composed.job);
    let template = |composed: Composed<'a>| Template {
        request: creation_of(composed.job, request, arena),
        places: composed.places,
        placeholder: kind.placeholder.as_deref(),
    };
    Ok(composed.into_iter().filter(is_new).map(template).collect())
}

fn find<'t>(table: &'t [TemplateKind], request: &Request<'_>) -> Option<&'t TemplateKind> {
    let kind = request.kind;
    table
        .iter()
        .find(|entry| entry.is(kind.group, kind.version, kind.kind))
}

impl Template<'_> {
    /// Where it is in the object that holds it.
    pub fn path(&self) -> Path {
        self.places.original(None)
    }

    /// Lets the findings about the Job point into the object that holds the template. What a
    /// controller fills in later is not known yet: such findings become `not-evaluated`.
    pub fn relocate(&self, evaluation: &mut Evaluation, object: &Json<'_>) {
        for policy in &mut evaluation.policies {
            for finding in &mut policy.findings {
                finding.root = Root::Object;
                let path = self.places.original(finding.path.as_ref());
                if self.is_filled_in_later(&path, object, finding) {
                    finding.verdict = Verdict::NotEvaluated(format!(
                        "{path} is filled in later; the Pods are judged when they are made"
                    ));
                }
                finding.path = Some(path);
            }
            soften(policy);
        }
    }

    fn is_filled_in_later(&self, path: &Path, object: &Json<'_>, finding: &Finding) -> bool {
        let text = path.find(object).and_then(Json::as_str);
        let is_violated = matches!(finding.verdict, Verdict::Fail | Verdict::Error(_));
        let placeholder = self.placeholder.filter(|mark| !mark.is_empty());
        is_violated && placeholder.is_some_and(|mark| text.is_some_and(|text| text.contains(mark)))
    }
}

/// A validation of which nothing but what is filled in later was violated is not evaluated.
fn soften(policy: &mut PolicyEvaluation) {
    for (position, verdict) in policy.verdicts.iter_mut().enumerate() {
        let mut findings = policy
            .findings
            .iter()
            .filter(|finding| finding.validation == Some(position))
            .map(|finding| &finding.verdict)
            .peekable();
        if let Some(first) = findings.peek().copied()
            && findings.all(|verdict| matches!(verdict, Verdict::NotEvaluated(_)))
        {
            *verdict = first.clone();
        }
    }
}

#[cfg(test)]
mod tests;

//! The evidence record of a review, made of its facts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use admission_policy::finding::Verdict;
use admission_policy::request::{Operation, Request};

use super::answer::Answer;
use super::facts::{Facts, Said};
use super::round::Endpoint;
use super::state::Active;
use crate::evidence::bounds::{Bounds, FINDINGS_MAX, NAMES_MAX, TEMPLATES_MAX};
use crate::evidence::digest::Digest;
use crate::evidence::gather;
use crate::evidence::record::{
    Decision, Digests, Entry, Event, Outcome, Place, Record, RecordError, RecordedFinding,
    RequestPart, Review, Time, Treatment,
};
use crate::evidence::workload::{Template, Templated, Workload, describe};

/// Subresources whose object is the whole Pod, of which the API server takes containers or limits.
const WHOLE_OBJECTS: [&str; 3] = ["", "ephemeralcontainers", "resize"];

/// The record of a review and its answer.
///
/// # Errors
/// When no log can hold it.
pub fn entry(
    facts: &Facts<'_>,
    answer: &Answer,
    active: &Active,
    place: &Place,
    time: Time,
) -> Result<Entry, RecordError> {
    let mut bounds = Bounds::default();
    let event = event(facts, answer, active, &mut bounds);
    let record = Record {
        time,
        place: Cow::Borrowed(place),
        truncated: bounds.into_truncated(),
        event,
    };
    record.into_entry()
}

fn event<'f>(
    facts: &Facts<'f>,
    answer: &Answer,
    active: &'f Active,
    bounds: &mut Bounds,
) -> Event<'f> {
    let mut review = Box::new(review(facts, answer, bounds));
    match (facts.endpoint, facts.request) {
        (Endpoint::End, Some(request)) => Event::End {
            end: gather::end_of(request, bounds),
            review,
        },
        (Endpoint::Mutate, _) => {
            review.outcome = Some(outcome(facts, answer, active, bounds));
            review.rules = Some(active.record_rules.clone());
            Event::Attempt(review)
        }
        (Endpoint::Validate | Endpoint::End, _) => {
            review.outcome = Some(outcome(facts, answer, active, bounds));
            review.rules = Some(active.record_rules.clone());
            Event::Decision(review)
        }
    }
}

/// All that does not depend on what was said.
fn review<'f>(facts: &Facts<'f>, answer: &Answer, bounds: &mut Bounds) -> Review<'f> {
    let Some(request) = facts.request else {
        return undecodable(facts, bounds);
    };
    let object = facts.stored_object().map(Templated::of);
    let object = object.as_ref();
    Review {
        request: gather::request_part(request, object, bounds),
        source: Some(gather::source(request, object, bounds)),
        subject: Some(gather::subject(
            request,
            object,
            facts.agent_namespace(),
            bounds,
        )),
        outcome: None,
        rules: None,
        digests: digests(facts, request, answer),
        workload: admitted_workload(facts, request, object, answer, bounds),
    }
}

fn undecodable<'f>(facts: &Facts<'f>, bounds: &mut Bounds) -> Review<'f> {
    Review {
        request: RequestPart {
            link: None,
            operation: None,
            resource: None,
            uid: bounds.text("request.uid", facts.uid),
        },
        source: None,
        subject: None,
        outcome: None,
        rules: None,
        digests: Digests::default(),
        workload: None,
    }
}

fn is_written(request: &Request<'_>) -> bool {
    matches!(request.operation, Operation::Create | Operation::Update)
}

fn digests(facts: &Facts<'_>, request: &Request<'_>, answer: &Answer) -> Digests {
    let sent = match request.operation {
        Operation::Connect => None,
        Operation::Delete => request.old_object,
        Operation::Create | Operation::Update => request.object,
    };
    let received = sent.map(Digest::of_object);
    let is_admitted = facts.endpoint == Endpoint::Validate && answer.allowed && is_written(request);
    let mut digests = Digests {
        admitted: received.filter(|_| is_admitted),
        received,
        ..Digests::default()
    };
    if let Said::Completed(completion) = facts.said
        && answer.allowed
        && !completion.patch.is_empty()
    {
        digests.patch = Some(Digest::of_patch(&completion.patch));
    }
    digests
}

/// What is admitted may write to, and what authenticates it; templates in a custom resource included,
/// with what they will be completed with.
fn admitted_workload<'f>(
    facts: &Facts<'f>,
    request: &Request<'f>,
    object: Option<&Templated<'f>>,
    answer: &Answer,
    bounds: &mut Bounds,
) -> Option<Workload<'f>> {
    let is_admitted = facts.endpoint == Endpoint::Validate
        && answer.allowed
        && is_written(request)
        && WHOLE_OBJECTS.contains(&request.subresource);
    let object = object.filter(|_| is_admitted)?;
    let own = object.template.iter();
    let mut templates: Vec<_> = own.map(|template| describe(template, bounds)).collect();
    if let Said::Judged(judgement, _) = facts.said {
        for (path, job) in &judgement.templates {
            templates.extend(Templated::of(job).template.map(|template| Template {
                path: path.to_string().into(),
                ..describe(&template, bounds)
            }));
        }
    }
    let templates = bounds.list("workload.templates", templates, TEMPLATES_MAX);
    (!templates.is_empty()).then_some(Workload { templates })
}

fn outcome<'f>(
    facts: &Facts<'f>,
    answer: &Answer,
    active: &'f Active,
    bounds: &mut Bounds,
) -> Outcome<'f> {
    let mut outcome = Outcome {
        break_glass: false,
        decision: if answer.allowed {
            Decision::Allow
        } else {
            Decision::Deny
        },
        exceptions: Vec::new(),
        failure: None,
        findings: Vec::new(),
        mode: facts.mode.map(Into::into),
        mutations: Vec::new(),
        notes: Vec::new(),
        verdicts: BTreeMap::new(),
    };
    match facts.said {
        Said::Completed(completion) => {
            let unjudged = completion.not_evaluated.iter();
            outcome.verdicts =
                gather::verdicts_of_failures(completion.failures.iter().chain(unjudged.clone()));
            let treated = completion
                .failures
                .iter()
                .map(|failure| (failure, Treatment::Deny));
            let treated = treated.chain(unjudged.map(|finding| (finding, Treatment::Warn)));
            let treated = bounds.list("outcome.findings", treated.collect(), FINDINGS_MAX);
            let findings = treated
                .into_iter()
                .map(|(finding, treatment)| gather::recorded(finding, treatment, None, bounds));
            outcome.findings = findings.collect::<Vec<RecordedFinding<'f>>>();
            let applied = completion
                .applied
                .iter()
                .map(|name| Cow::Borrowed(&**name))
                .collect();
            outcome.mutations = bounds.list("outcome.mutations", applied, NAMES_MAX);
        }
        Said::Judged(judgement, decision) => {
            outcome.verdicts = gather::verdicts(&judgement.evaluation, bounds);
            outcome.findings = gather::findings(decision, bounds);
            outcome.exceptions = gather::exceptions(decision, bounds);
            outcome.notes = gather::notes(&judgement.evaluation, bounds);
            outcome.break_glass = judgement.evaluation.policies.iter().any(|policy| {
                policy.verdicts.contains(&Verdict::Fail)
                    && active.break_glass.contains(&*policy.policy)
            });
        }
        Said::Failed(class, _) => outcome.failure = Some(class),
        Said::Ended => {}
    }
    outcome
}

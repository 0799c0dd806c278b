//! One round of answering a review: everything between its bytes and its answer, without waiting
//! for anything. What has to be looked up first comes back as [`Outcome::Needs`].

use admission_cel::json::{Json, ParseOptions};
use admission_cel::value::Timestamp;
use admission_policy::context::Namespace;
use admission_policy::decide::Mode;
use admission_policy::request::Request;
use bumpalo::Bump;

use super::answer::{Answer, Denial, excepted_lines, expiring, lines};
use super::authorizer::{Answers, RoundAuthorizer};
use super::entry::entry;
use super::facts::{Facts, Said};
use super::record::Record;
use super::state::Active;
use crate::evidence::gather::is_end;
use crate::evidence::record::{Entry, FailureClass, Place, RecordError, Time};
use crate::judge::{Completion, Judgement, Stage, Surroundings, complete, judge};
use crate::k8s::cluster::Cluster;
use crate::k8s::cluster::access::AccessQuestion;
use crate::k8s::namespace::named;
use crate::k8s::review::{self, ReviewError};

/// The audit annotation that holds the hash of an answer's evidence.
pub const EVIDENCE: &str = "evidence";
/// The one that says that there is none, because it could not be written.
pub const EVIDENCE_LOST: &str = "evidence-lost";

/// What a review is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Completes objects.
    Mutate,
    /// Judges objects.
    Validate,
    /// Sees objects off.
    End,
}

impl Endpoint {
    /// As in the URL.
    pub fn name(self) -> &'static str {
        match self {
            Endpoint::Mutate => "mutate",
            Endpoint::Validate => "validate",
            Endpoint::End => "end",
        }
    }
}

/// What earlier rounds looked up.
#[derive(Default)]
pub struct Supplies {
    /// The request's Namespace as JSON text; `Ok(None)` when there is none.
    pub namespace: Option<Result<Option<String>, String>>,
    /// Whether the ServiceAccount of the request's Pods exists; `Some(None)` when nobody could tell.
    pub account: Option<Option<bool>>,
    /// Answers of the cluster's authorizer.
    pub answers: Answers,
}

/// How a round ended.
pub enum Outcome {
    /// With an answer.
    Answered(Box<Answered>),
    /// The body is no AdmissionReview.
    Malformed(String),
    /// Something has to be looked up first.
    Needs(Needs),
}

/// An answer and its records.
pub struct Answered {
    /// What the API server gets.
    pub answer: Answer,
    /// What is logged and counted.
    pub record: Record,
    /// What goes into the evidence log; `None` for what leaves no record there.
    pub evidence: Option<Evidence>,
}

impl Answered {
    /// An answer that names its evidence: the API server's own audit log is a witness.
    pub fn new(mut answer: Answer, record: Record, evidence: Option<Evidence>) -> Self {
        if let Some(Evidence {
            entry: Ok(entry), ..
        }) = &evidence
        {
            answer.annotate(EVIDENCE, [entry.leaf.to_string()]);
        }
        Self {
            answer,
            record,
            evidence,
        }
    }
}

/// The evidence of an answer.
pub struct Evidence {
    /// The record.
    pub entry: Result<Entry, RecordError>,
    /// Whether the answer may depend on it.
    pub is_held: bool,
}

/// What has to be looked up.
#[derive(Debug, PartialEq, Eq)]
pub enum Needs {
    /// A Namespace that the watch has not shown yet.
    Namespace(String),
    /// A ServiceAccount that the watch has not shown yet.
    ServiceAccount {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// Questions to the authorizer.
    Access(Vec<AccessQuestion>),
}

/// Everything that a round works with.
pub struct Round<'r> {
    /// Which answer is wanted.
    pub endpoint: Endpoint,
    /// The rules; the same in all rounds of a review.
    pub active: &'r Active,
    /// The cluster, unless the program runs without one.
    pub cluster: Option<&'r Cluster>,
    /// What earlier rounds looked up.
    pub supplies: &'r Supplies,
    /// When the review is judged.
    pub now: Timestamp,
    /// Who writes evidence; `None` leaves none.
    pub place: Option<&'r Place>,
}

/// Reads, judges and answers a review.
pub fn run(round: &Round<'_>, body: &[u8]) -> Outcome {
    let arena = Bump::new();
    let options = ParseOptions {
        skip_managed_fields: true,
    };
    let review = match Json::parse_with(body, &arena, options) {
        Ok(review) => review,
        Err(error) => return Outcome::Malformed(format!("the body is not JSON: {error}")),
    };
    let request = match review::read(review, &arena) {
        Ok(request) => request,
        Err(ReviewError::NotAReview(why)) => {
            return Outcome::Malformed(format!("the body is not an AdmissionReview: {why}"));
        }
        Err(ReviewError::Undecodable { uid, reason }) => {
            let class = FailureClass::Undecodable;
            let facts = Facts::of_uid(round.endpoint, &uid, class, &reason);
            let answer = match round.endpoint {
                Endpoint::End => Answer::allowed(&uid),
                _ => Answer::denied(&uid, Denial::undecodable(&reason)),
            };
            return answered(round.finish(&facts, answer));
        }
    };
    if round.endpoint == Endpoint::End {
        return answered(round.ended(&request, &arena));
    }
    match round.namespace(&request, &arena) {
        Ok(namespace) => round.answer(&request, namespace, &arena),
        Err(NamespaceError::Unseen(name)) => Outcome::Needs(Needs::Namespace(name)),
        Err(NamespaceError::Failed(why)) => {
            let class = FailureClass::Namespace;
            round.failed(&request, Namespace::Unknown, None, class, &why)
        }
    }
}

fn answered(answered: Answered) -> Outcome {
    Outcome::Answered(Box::new(answered))
}

/// What the rules made of a request.
enum Verdict<'a> {
    Completed(Completion<'a>),
    Judged(Judgement<'a>),
}

enum NamespaceError {
    Unseen(String),
    Failed(String),
}

impl Round<'_> {
    /// The request's Namespace object. A Namespace has none of its own, as natively
    /// (`k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go`), though requests
    /// for it carry its name as their namespace.
    fn namespace<'a>(
        &self,
        request: &Request<'a>,
        arena: &'a Bump,
    ) -> Result<Namespace<'a>, NamespaceError> {
        let is_namespace = request.kind.group.is_empty() && request.kind.kind == "Namespace";
        if request.namespace.is_empty() || is_namespace {
            return Ok(Namespace::None);
        }
        let Some(cluster) = self.cluster else {
            // Without a cluster the labels of objects alone mark the boundary.
            return Ok(Namespace::Known(named(request.namespace, [], arena)));
        };
        let name = request.namespace;
        let text = match (cluster.namespace(name), &self.supplies.namespace) {
            (Some(text), _) => &*arena.alloc_str(&text),
            (None, Some(Ok(Some(text)))) => &*arena.alloc_str(text),
            (None, None) => return Err(NamespaceError::Unseen(name.to_owned())),
            (None, Some(Ok(None))) => {
                let why = format!("the API server knows no namespace `{name}`");
                return Err(NamespaceError::Failed(why));
            }
            (None, Some(Err(error))) => {
                let why = format!("namespace `{name}` could not be looked up: {error}");
                return Err(NamespaceError::Failed(why));
            }
        };
        Json::parse(text.as_bytes(), arena)
            .map(Namespace::Known)
            .map_err(|error| {
                NamespaceError::Failed(format!("namespace `{name}` cannot be read: {error}"))
            })
    }

    fn answer<'a>(
        &'a self,
        request: &Request<'a>,
        namespace: Namespace<'a>,
        arena: &'a Bump,
    ) -> Outcome {
        let access = self.cluster.map(Cluster::access);
        let authorizer = RoundAuthorizer::new(&request.user, access, &self.supplies.answers);
        let rules = &self.active.rules;
        let params = match rules.baseline.as_params(arena) {
            Ok(params) => params,
            Err(why) => return self.unjudged(request, namespace, &why),
        };
        let surroundings = Surroundings {
            namespace,
            params: &params,
            authorizer: &authorizer,
            new_id: &|| uuid::Uuid::now_v7().to_string(),
            now: self.now,
        };
        let said = if self.endpoint == Endpoint::Mutate {
            complete(rules, request, &surroundings, arena).map(Verdict::Completed)
        } else {
            let stage = match rules.mode_of(namespace) {
                // What enforce would have filled in has been filled in by now.
                Mode::Enforce => Stage::Completed,
                _ => Stage::Submitted,
            };
            judge(rules, request, stage, &surroundings, arena).map(Verdict::Judged)
        };
        let missing = authorizer.into_missing();
        if !missing.is_empty() {
            return Outcome::Needs(Needs::Access(missing));
        }
        let done = said.and_then(|said| match said {
            Verdict::Completed(completion) => self
                .completed(request, namespace, &completion)
                .map(answered),
            Verdict::Judged(judgement) => Ok(self.judged(request, namespace, &judgement)),
        });
        done.unwrap_or_else(|why| self.unjudged(request, namespace, &why))
    }

    /// The one place where an answer gets its records.
    fn finish(&self, facts: &Facts<'_>, mut answer: Answer) -> Answered {
        let mut record = Record::of(facts, self.active);
        record.finish(&mut answer);
        let is_dry_run = facts.request.is_some_and(|request| request.dry_run);
        let is_seen_off = !matches!(facts.said, Said::Ended) || facts.request.is_some_and(is_end);
        let place = self.place.filter(|_| !is_dry_run && is_seen_off);
        let evidence = place.map(|place| Evidence {
            entry: entry(facts, &answer, self.active, place, Time::new(self.now)),
            is_held: facts.is_held(),
        });
        Answered::new(answer, record, evidence)
    }

    /// Sees a Job or Pod off: nothing about it is judged, and nothing keeps it.
    fn ended<'a>(&self, request: &Request<'a>, arena: &'a Bump) -> Answered {
        let facts = Facts {
            endpoint: self.endpoint,
            uid: request.uid,
            request: Some(request),
            // One that is not known yet, or not any more, is not waited for.
            namespace: self.namespace(request, arena).unwrap_or(Namespace::Unknown),
            mode: None,
            said: Said::Ended,
        };
        self.finish(&facts, Answer::allowed(request.uid))
    }

    fn completed(
        &self,
        request: &Request<'_>,
        namespace: Namespace<'_>,
        completion: &Completion<'_>,
    ) -> Result<Answered, String> {
        let mut answer = match Denial::of_findings(&completion.failures) {
            Some(denial) => Answer::denied(request.uid, denial),
            None => {
                let mut answer = Answer::allowed(request.uid);
                answer
                    .set_patch(&completion.patch)
                    .map_err(|error| format!("the patch cannot be written: {error}"))?;
                answer
            }
        };
        answer.set_warnings(lines(&completion.not_evaluated.iter().collect::<Vec<_>>()));
        answer.annotate(
            "mutations",
            completion.applied.iter().map(ToString::to_string),
        );
        if let Some(id) = completion.investigation {
            answer.annotate("investigation", [id.to_owned()]);
        }
        let facts = Facts {
            endpoint: self.endpoint,
            uid: request.uid,
            request: Some(request),
            namespace,
            mode: Some(self.active.rules.mode_of(namespace)),
            said: Said::Completed(completion),
        };
        Ok(self.finish(&facts, answer))
    }

    fn judged(
        &self,
        request: &Request<'_>,
        namespace: Namespace<'_>,
        judgement: &Judgement<'_>,
    ) -> Outcome {
        let decision = judgement.decision();
        let mut answer = match Denial::of_findings(decision.denials.iter().copied()) {
            Some(denial) => Answer::denied(request.uid, denial),
            None => Answer::allowed(request.uid),
        };
        let unseen_account = self
            .unseen_account(request, judgement)
            .filter(|_| answer.allowed);
        let missing_account = match (unseen_account, self.supplies.account) {
            (Some(name), None) => {
                return Outcome::Needs(Needs::ServiceAccount {
                    namespace: request.namespace.to_owned(),
                    name: name.to_owned(),
                });
            }
            (Some(name), Some(Some(false))) => Some(format!(
                "no Pod can start before its account exists: kubectl create serviceaccount {name} -n {}",
                request.namespace
            )),
            _ => None,
        };
        let warnings = lines(&decision.warnings).into_iter();
        let expiring = expiring(&decision.excepted, self.now);
        answer.set_warnings(warnings.chain(missing_account).chain(expiring));
        answer.annotate("findings", lines(&decision.recorded));
        answer.annotate("exceptions", excepted_lines(&decision.excepted));
        for policy in &judgement.evaluation.policies {
            for (key, value) in &policy.audit_annotations {
                answer.annotate(format!("{}.{key}", policy.policy), [value.clone()]);
            }
        }
        let facts = Facts {
            endpoint: self.endpoint,
            uid: request.uid,
            request: Some(request),
            namespace,
            mode: Some(judgement.mode),
            said: Said::Judged(judgement, &decision),
        };
        answered(self.finish(&facts, answer))
    }

    /// The phase account of a Job of an enforcing namespace that the watch has not shown. Where there
    /// is none nothing else would say why the Job's Pods never appear.
    fn unseen_account<'j>(
        &self,
        request: &Request<'_>,
        judgement: &Judgement<'j>,
    ) -> Option<&'j str> {
        let cluster = self.cluster?;
        let pod_spec: &[&str] = match (request.resource.group, request.resource.resource) {
            ("batch", "jobs") => &["spec", "template", "spec"],
            ("batch", "cronjobs") => &["spec", "jobTemplate", "spec", "template", "spec"],
            _ => return None,
        };
        let is_new = request.old_object.is_none() && request.subresource.is_empty();
        if !is_new || judgement.mode != Mode::Enforce {
            return None;
        }
        let account = judgement
            .object?
            .at(pod_spec)?
            .get("serviceAccountName")?
            .as_str()?;
        let is_seen = || cluster.has_service_account(request.namespace, account);
        (account.starts_with("agent-") && !is_seen()).then_some(account)
    }

    /// What cannot be judged is denied, unless its namespace is known not to enforce: there an
    /// outage of ours must not stop anybody.
    fn failed(
        &self,
        request: &Request<'_>,
        namespace: Namespace<'_>,
        mode: Option<Mode>,
        class: FailureClass,
        why: &str,
    ) -> Outcome {
        let mut answer = match mode {
            Some(Mode::Audit | Mode::Warn) => Answer::allowed(request.uid),
            Some(Mode::Enforce) | None => Answer::denied(request.uid, Denial::internal(why)),
        };
        answer.annotate("failure", [why.to_owned()]);
        if mode == Some(Mode::Warn) {
            answer.set_warnings([format!("not judged: {why}")]);
        }
        let facts = Facts {
            endpoint: self.endpoint,
            uid: request.uid,
            request: Some(request),
            namespace,
            mode,
            said: Said::Failed(class, why),
        };
        answered(self.finish(&facts, answer))
    }

    /// A review that something keeps from being judged.
    fn unjudged(&self, request: &Request<'_>, namespace: Namespace<'_>, why: &str) -> Outcome {
        let mode = Some(self.active.rules.mode_of(namespace));
        self.failed(request, namespace, mode, FailureClass::Evaluation, why)
    }
}

//! What is logged and counted about one answered review, made of its facts. It holds no object and
//! no secret: only identities, labels of the program's own, and the names of policies.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use admission_cel::json::Json;
use admission_policy::decide::{Decision, Mode};
use admission_policy::finding::{Evaluation, Verdict};
use admission_policy::request::Request;

use super::answer::Answer;
use super::facts::{Facts, Said};
use super::metrics::{EndpointLabels, ExceptedLabels, Metrics, ReviewLabels, VerdictLabels};
use super::round::Endpoint;
use super::state::Active;
use crate::evidence::gather::{operation_name, resource_name};
use crate::evidence::record::FailureClass;
use crate::judge::Completion;
use crate::labels::{INVESTIGATION, PHASE, PROFILE, label};

/// One answered review.
#[derive(Debug)]
pub struct Record {
    endpoint: Endpoint,
    uid: String,
    operation: &'static str,
    resource: String,
    namespace: String,
    name: String,
    user: String,
    dry_run: bool,
    policies_digest: String,
    phase: String,
    phase_label: String,
    profile: String,
    investigation: String,
    allowed: bool,
    warnings: usize,
    /// The gravest verdict of each policy.
    verdicts: BTreeMap<String, Gravity>,
    failing: BTreeSet<String>,
    /// How many findings of which policy an exception let off: `(policy, exception)`.
    excepted: BTreeMap<(String, String), u64>,
    mutations: Vec<String>,
    is_matched: bool,
    is_decoded: bool,
    /// The mode that applied; `None` when nothing was judged.
    mode: Option<Mode>,
    /// Why nothing could be judged.
    failure: Option<String>,
}

impl Record {
    /// The record of a review.
    pub fn of(facts: &Facts<'_>, active: &Active) -> Self {
        let mut record = match facts.request {
            Some(request) => Self::new(facts.endpoint, request, facts.judged_object(), active),
            None => Self::undecodable(facts.endpoint, facts.uid),
        };
        record.mode = facts.mode;
        match facts.said {
            Said::Completed(completion) => record.add_mutations(completion),
            Said::Judged(judgement, decision) => {
                record.add_evaluation(&judgement.evaluation, decision);
            }
            // What is wrong with it may quote it; its sender is told.
            Said::Failed(FailureClass::Undecodable, _) | Said::Ended => {}
            Said::Failed(_, why) => record.failure = Some(why.to_owned()),
        }
        record
    }

    fn new<'a>(
        endpoint: Endpoint,
        request: &Request<'a>,
        object: Option<&'a Json<'a>>,
        active: &Active,
    ) -> Self {
        let text = |key: &str| {
            object
                .and_then(|o| label(o, key))
                .unwrap_or_default()
                .to_owned()
        };
        let phase = text(PHASE);
        Self {
            operation: operation_name(request.operation),
            resource: resource_name(request),
            namespace: request.namespace.to_owned(),
            name: name_of(request, object),
            user: request.user.name.to_owned(),
            dry_run: request.dry_run,
            policies_digest: active.rules.set.digest().to_owned(),
            phase_label: phase_label(&phase, active),
            phase,
            profile: text(PROFILE),
            investigation: text(INVESTIGATION),
            is_decoded: true,
            ..Self::undecodable(endpoint, request.uid)
        }
    }

    fn undecodable(endpoint: Endpoint, uid: &str) -> Self {
        Self {
            endpoint,
            uid: uid.to_owned(),
            operation: "",
            resource: String::new(),
            namespace: String::new(),
            name: String::new(),
            user: String::new(),
            dry_run: false,
            policies_digest: String::new(),
            phase: String::new(),
            phase_label: "none".to_owned(),
            profile: String::new(),
            investigation: String::new(),
            allowed: false,
            warnings: 0,
            verdicts: BTreeMap::new(),
            failing: BTreeSet::new(),
            excepted: BTreeMap::new(),
            mutations: Vec::new(),
            is_matched: true,
            is_decoded: false,
            mode: None,
            failure: None,
        }
    }

    fn add_mutations(&mut self, completion: &Completion<'_>) {
        self.mutations = completion.applied.iter().map(ToString::to_string).collect();
        self.failing = completion
            .failures
            .iter()
            .map(|f| f.policy.to_string())
            .collect();
        for failure in &completion.failures {
            self.add_verdict(&failure.policy, &failure.verdict);
        }
        if let Some(id) = completion.investigation {
            self.investigation = id.to_owned();
        }
    }

    fn add_evaluation(&mut self, evaluation: &Evaluation, decision: &Decision<'_>) {
        self.is_matched = !evaluation.policies.is_empty();
        for policy in &evaluation.policies {
            let of_findings = policy.findings.iter().map(|finding| &finding.verdict);
            for verdict in policy.verdicts.iter().chain(of_findings) {
                self.add_verdict(&policy.policy, verdict);
            }
        }
        let findings = decision
            .denials
            .iter()
            .chain(&decision.warnings)
            .chain(&decision.recorded);
        let failing = findings.filter(|f| !matches!(f.verdict, Verdict::NotEvaluated(_)));
        self.failing = failing.map(|finding| finding.policy.to_string()).collect();
        for excepted in &decision.excepted {
            let policy = excepted.finding.policy.to_string();
            let of = (policy, excepted.exception.name.clone());
            *self.excepted.entry(of).or_default() += 1;
        }
    }

    fn add_verdict(&mut self, policy: &str, verdict: &Verdict) {
        let gravity = Gravity::of(verdict);
        match self.verdicts.get_mut(policy) {
            Some(gravest) => *gravest = gravity.max(*gravest),
            None => {
                self.verdicts.insert(policy.to_owned(), gravity);
            }
        }
    }

    /// Takes over what was answered, and notes in the answer what it was judged by.
    pub fn finish(&mut self, answer: &mut Answer) {
        self.allowed = answer.allowed;
        self.warnings = answer.warnings.len();
        if let Some(mode) = self.mode {
            answer.annotate("mode", [mode_name(mode).to_owned()]);
        }
        answer.annotate("policy-set", [self.policies_digest.clone()]);
    }

    /// Notes that the answer became a denial because its evidence could not be written.
    pub fn deny_for_evidence(&mut self, why: &str) {
        self.allowed = false;
        self.failure = Some(why.to_owned());
    }

    /// Counts and logs the review.
    pub fn publish(&self, metrics: &Metrics, took: Duration) {
        self.count(metrics, took);
        self.log(took);
    }

    fn count(&self, metrics: &Metrics, took: Duration) {
        let endpoint = self.endpoint.name();
        let mode = self.mode.map_or("none", mode_name);
        let decision = self.decision();
        metrics
            .reviews
            .get_or_create(&ReviewLabels {
                endpoint,
                mode,
                decision,
            })
            .inc();
        metrics
            .latency
            .get_or_create(&EndpointLabels { endpoint })
            .observe(took.as_secs_f64());
        for (policy, verdict) in &self.verdicts {
            let labels = VerdictLabels {
                policy: policy.clone(),
                verdict: verdict.name(),
                phase: self.phase_label.clone(),
                mode,
            };
            metrics.verdicts.get_or_create(&labels).inc();
        }
        for ((policy, exception), count) in &self.excepted {
            let (policy, exception) = (policy.clone(), exception.clone());
            let labels = ExceptedLabels { policy, exception };
            metrics.excepted.get_or_create(&labels).inc_by(*count);
        }
        let errors = self
            .verdicts
            .values()
            .filter(|gravity| **gravity == Gravity::Error)
            .count();
        metrics.evaluation_errors.inc_by(errors as u64);
        if !self.is_matched && self.allowed {
            metrics.unmatched.inc();
        }
        if !self.is_decoded {
            metrics.undecodable.inc();
        }
    }

    fn log(&self, took: Duration) {
        let failing: Vec<&str> = self.failing.iter().map(String::as_str).collect();
        tracing::info!(
            target: "cattlegrid::decision",
            endpoint = self.endpoint.name(),
            uid = self.uid,
            operation = self.operation,
            resource = self.resource,
            namespace = self.namespace,
            name = self.name,
            user = self.user,
            dry_run = self.dry_run,
            mode = self.mode.map_or("none", mode_name),
            decision = self.decision(),
            policies = failing.join(","),
            exceptions = self.exceptions().join(","),
            mutations = self.mutations.join(","),
            warnings = self.warnings,
            investigation = self.investigation,
            phase = self.phase,
            profile = self.profile,
            policy_set = self.policies_digest,
            failure = self.failure.as_deref().unwrap_or_default(),
            duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            "decision"
        );
    }

    /// Names of the exceptions that let something off.
    fn exceptions(&self) -> Vec<&str> {
        let names: BTreeSet<&str> = self
            .excepted
            .keys()
            .map(|(_, name)| name.as_str())
            .collect();
        names.into_iter().collect()
    }

    fn decision(&self) -> &'static str {
        if self.allowed { "allow" } else { "deny" }
    }
}

/// The name that users know a mode by.
pub fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Audit => "audit",
        Mode::Warn => "warn",
        Mode::Enforce => "enforce",
    }
}

/// Verdicts without their texts, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gravity {
    Pass,
    NotEvaluated,
    Fail,
    Error,
}

impl Gravity {
    fn of(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Pass => Gravity::Pass,
            Verdict::NotEvaluated(_) => Gravity::NotEvaluated,
            Verdict::Fail => Gravity::Fail,
            Verdict::Error(_) => Gravity::Error,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Gravity::Pass => "pass",
            Gravity::NotEvaluated => "not-evaluated",
            Gravity::Fail => "fail",
            Gravity::Error => "error",
        }
    }
}

fn name_of(request: &Request<'_>, object: Option<&Json<'_>>) -> String {
    if !request.name.is_empty() {
        return request.name.to_owned();
    }
    let metadata = object.and_then(|object| object.get("metadata"));
    let text = |key: &str| {
        metadata
            .and_then(|metadata| metadata.get(key))
            .and_then(Json::as_str)
    };
    match (text("name"), text("generateName")) {
        (Some(name), _) => name.to_owned(),
        (None, Some(prefix)) => format!("{prefix}*"),
        (None, None) => String::new(),
    }
}

fn phase_label(phase: &str, active: &Active) -> String {
    match phase {
        "" => "none".to_owned(),
        phase if active.phases.contains(phase) => phase.to_owned(),
        _ => "other".to_owned(),
    }
}

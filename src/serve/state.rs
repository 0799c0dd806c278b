//! What every request sees.

use std::collections::BTreeSet;
use std::sync::Arc;

use admission_cel::json::Json;
use admission_policy::exception::{Exception, Exceptions};
use admission_policy::matching::selector::{Operator, Requirement};
use arc_swap::ArcSwap;
use bumpalo::Bump;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::evidence::Evidence;
use super::limits::BODIES_MAX;
use super::metrics::Metrics;
use crate::evidence::digest::Digest;
use crate::evidence::record::RuleSet;
use crate::judge::Rules;
use crate::k8s::cluster::Cluster;

/// On a policy: what its findings are evidence of.
const EVIDENCE_OF: &str = "cattlegrid.dev/evidence";
const BREAK_GLASS: &str = "break-glass";

/// The rules in use, and what is derived from them once.
pub struct Active {
    /// Policies, baseline and mode.
    pub rules: Rules,
    /// The trust phases that the baseline defines: the closed set of a metric's label values.
    pub phases: BTreeSet<String>,
    /// How evidence names the rules.
    pub record_rules: RuleSet,
    /// Policies that mark the breaking of glass.
    pub break_glass: BTreeSet<String>,
}

impl Active {
    /// Derives what depends on the rules.
    pub fn new(rules: Rules) -> Self {
        let phases = phases_of(rules.baseline.text());
        let record_rules = RuleSet {
            baseline: digest_of_spec(rules.baseline.text()),
            exceptions: digest_of_exceptions(&rules.exceptions),
            mode: rules.mode.into(),
            policy_set: Digest::parse(rules.set.digest()),
        };
        let break_glass = marked_policies(&rules);
        Self {
            rules,
            phases,
            record_rules,
            break_glass,
        }
    }
}

/// Names of the trust phases in an AgentBaseline's JSON text: the keys of `spec.phases`, or the
/// names of its items.
fn phases_of(baseline: &str) -> BTreeSet<String> {
    let document: serde_json::Value = serde_json::from_str(baseline).unwrap_or_default();
    match document.pointer("/spec/phases") {
        Some(serde_json::Value::Object(phases)) => phases.keys().cloned().collect(),
        Some(serde_json::Value::Array(phases)) => phases
            .iter()
            .filter_map(|phase| phase.get("name")?.as_str().map(str::to_owned))
            .collect(),
        _ => BTreeSet::new(),
    }
}

/// The digest of `spec` of an AgentBaseline's JSON text.
fn digest_of_spec(baseline: &str) -> Option<Digest> {
    let arena = Bump::new();
    let object = Json::parse(baseline.as_bytes(), &arena).ok()?;
    object.get("spec").map(Digest::of_json)
}

/// The digest of all exceptions, whether they have expired or not; `None` if there are none.
fn digest_of_exceptions(exceptions: &Exceptions) -> Option<Digest> {
    let mut all: Vec<serde_json::Value> = exceptions.iter().map(exception_value).collect();
    all.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
    let text = serde_json::Value::Array(all).to_string();
    let arena = Bump::new();
    let array = Json::parse(text.as_bytes(), &arena).ok()?;
    (!exceptions.is_empty()).then(|| Digest::of_json(array))
}

fn exception_value(exception: &Exception) -> serde_json::Value {
    let requirement = |requirement: &Requirement| {
        let (operator, values): (_, &[String]) = match &requirement.operator {
            Operator::In(values) => ("In", values),
            Operator::NotIn(values) => ("NotIn", values),
            Operator::Exists => ("Exists", &[]),
            Operator::DoesNotExist => ("DoesNotExist", &[]),
        };
        json!({"key": requirement.key, "operator": operator, "values": values})
    };
    let selector = exception.object_selector.requirements.iter();
    let selector: Vec<_> = selector.map(requirement).collect();
    json!({
        "expires": exception.expires.to_string(),
        "name": exception.name,
        "namespaces": exception.namespaces,
        "objectSelector": selector,
        "owner": exception.owner,
        "policies": exception.policies,
        "reason": exception.reason,
    })
}

/// Names of the policies that say of themselves what they are evidence of.
fn marked_policies(rules: &Rules) -> BTreeSet<String> {
    let marks = |annotations: &std::collections::BTreeMap<String, String>| {
        annotations.get(EVIDENCE_OF).map(String::as_str) == Some(BREAK_GLASS)
    };
    let policies = rules.set.policies();
    policies
        .filter(|policy| marks(&policy.definition.annotations))
        .map(|policy| policy.definition.name.to_string())
        .collect()
}

/// The running server.
pub struct State {
    /// The rules in use; a reload replaces them for the requests that come after it.
    pub active: ArcSwap<Active>,
    /// The cluster, unless the program runs without one.
    pub cluster: Option<Arc<Cluster>>,
    /// Where records go.
    pub evidence: Evidence,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// Bounds the bodies in memory.
    pub bodies: Semaphore,
    /// The stages of the process's life.
    pub life: Life,
}

/// What can be asked about a process before it serves.
#[derive(Clone, Default)]
pub struct Health {
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// The stages of the process's life.
    pub life: Life,
}

/// Stages that a process goes through once.
#[derive(Clone, Default)]
pub struct Life {
    /// Everything is loaded and the port is open.
    pub serving: CancellationToken,
    /// Asked to stop: not ready any more, still answering, connections close after an answer.
    pub draining: CancellationToken,
    /// No new connections.
    pub stopped: CancellationToken,
}

impl Life {
    /// Whether new requests should be sent here.
    pub fn is_ready(&self) -> bool {
        self.serving.is_cancelled() && !self.draining.is_cancelled()
    }
}

impl State {
    /// A server that judges by `active`.
    pub fn new(
        active: Active,
        cluster: Option<Arc<Cluster>>,
        evidence: Evidence,
        health: Health,
    ) -> Self {
        Self {
            active: ArcSwap::from_pointee(active),
            cluster,
            evidence,
            metrics: health.metrics,
            bodies: Semaphore::new(BODIES_MAX),
            life: health.life,
        }
    }
}

//! What every request sees.

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::limits::BODIES_MAX;
use super::metrics::Metrics;
use crate::judge::Rules;
use crate::k8s::cluster::Cluster;

/// The rules in use, and what is derived from them once.
pub struct Active {
    /// Policies, baseline and mode.
    pub rules: Rules,
    /// The trust phases that the baseline defines: the closed set of a metric's label values.
    pub phases: BTreeSet<String>,
}

impl Active {
    /// Derives what depends on the rules.
    pub fn new(rules: Rules) -> Self {
        let phases = phases_of(rules.baseline.text());
        Self { rules, phases }
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

/// The running server.
pub struct State {
    /// The rules in use; a reload replaces them for the requests that come after it.
    pub active: ArcSwap<Active>,
    /// The cluster, unless the program runs without one.
    pub cluster: Option<Arc<Cluster>>,
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
    pub fn new(active: Active, cluster: Option<Arc<Cluster>>, health: Health) -> Self {
        Self {
            active: ArcSwap::from_pointee(active),
            cluster,
            metrics: health.metrics,
            bodies: Semaphore::new(BODIES_MAX),
            life: health.life,
        }
    }
}

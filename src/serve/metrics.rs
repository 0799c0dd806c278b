//! What is counted, for Prometheus.
//!
//! No label takes its value from a user's object unless the value is one of a closed set: labels
//! must not grow with what strangers send.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds in seconds, from what a small review takes to what an API server waits for.
const LATENCY_BUCKETS: [f64; 12] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0,
];

/// `endpoint`, `mode` and `decision` of an answered review.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReviewLabels {
    /// `mutate` or `validate`.
    pub endpoint: &'static str,
    /// `audit`, `warn` or `enforce`; `none` for what could not be decoded.
    pub mode: &'static str,
    /// `allow` or `deny`.
    pub decision: &'static str,
}

/// The gravest verdict of one policy about one review.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct VerdictLabels {
    /// The policy's name.
    pub policy: String,
    /// `pass`, `fail`, `error` or `not-evaluated`.
    pub verdict: &'static str,
    /// The trust phase, when it is one of the baseline's; else `other`, or `none`.
    pub phase: String,
    /// `audit`, `warn` or `enforce`.
    pub mode: &'static str,
}

/// What an exception let off. Both names are those of administrators' objects.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ExceptedLabels {
    /// The policy's name.
    pub policy: String,
    /// The exception's name.
    pub exception: String,
}

/// `state` of PolicyExceptions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ExceptionLabels {
    state: &'static str,
}

/// What has become of a PolicyException.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceptionState {
    /// It lets objects off.
    Active,
    /// It did once.
    Expired,
    /// It cannot be read.
    Malformed,
}

/// `endpoint` alone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct EndpointLabels {
    /// `mutate` or `validate`.
    pub endpoint: &'static str,
}

/// What was reloaded, and whether it could be used.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReloadLabels {
    /// `certificate` or `rules`.
    pub subject: &'static str,
    /// `ok`, or `failed`: the former one stays in use.
    pub result: &'static str,
}

/// What can be reloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The server's certificate.
    Certificate,
    /// Policies and baseline.
    Rules,
}

/// How a reload ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// What was read is in use.
    Ok,
    /// The former one stays in use.
    Failed,
}

impl ReloadLabels {
    fn new(subject: Subject, result: Outcome) -> Self {
        Self {
            subject: match subject {
                Subject::Certificate => "certificate",
                Subject::Rules => "rules",
            },
            result: match result {
                Outcome::Ok => "ok",
                Outcome::Failed => "failed",
            },
        }
    }
}

/// The answer to a SubjectAccessReview.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct AccessLabels {
    /// `allowed`, `refused` or `failed`.
    pub result: &'static str,
}

/// What became of an evidence record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RecordLabels {
    /// `written`, or `failed`: the record is lost.
    pub result: &'static str,
}

/// Every metric of the process.
pub struct Metrics {
    registry: Registry,
    /// Reviews answered.
    pub reviews: Family<ReviewLabels, Counter>,
    /// Verdicts by policy.
    pub verdicts: Family<VerdictLabels, Counter>,
    /// Findings that an exception let off.
    pub excepted: Family<ExceptedLabels, Counter>,
    exceptions: Family<ExceptionLabels, Gauge>,
    /// Time from the complete body to the answer.
    pub latency: Family<EndpointLabels, Histogram, fn() -> Histogram>,
    /// Policies that could not be evaluated.
    pub evaluation_errors: Counter,
    /// Reviews allowed because no policy matched.
    pub unmatched: Counter,
    /// Bodies that are no AdmissionReview.
    pub malformed: Counter,
    /// Reviews denied because they could not be decoded.
    pub undecodable: Counter,
    /// Panics during evaluation, each answered with a denial.
    pub panics: Counter,
    /// Reloads of certificate, policies and baseline.
    pub reloads: Family<ReloadLabels, Counter>,
    /// When the certificate in use expires, in seconds since 1970.
    pub certificate_expiry: Gauge,
    /// SubjectAccessReviews made.
    pub access_reviews: Family<AccessLabels, Counter>,
    /// Open connections of the webhook listener.
    pub connections: Gauge,
    /// Handshakes that failed or took too long.
    pub handshakes_failed: Counter,
    /// Entries of our webhook configurations that are not what they should be.
    pub webhooks_drifted: Gauge,
    /// 1 where evidence is kept.
    pub evidence_enabled: Gauge,
    records: Family<RecordLabels, Counter>,
    /// Gap records written.
    pub evidence_gaps: Counter,
    /// Reviews whose answer waits for its record.
    pub evidence_waiting: Gauge,
}

fn latency_histogram() -> Histogram {
    Histogram::new(LATENCY_BUCKETS)
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("cattlegrid"),
            reviews: Family::default(),
            verdicts: Family::default(),
            excepted: Family::default(),
            exceptions: Family::default(),
            latency: Family::new_with_constructor(latency_histogram),
            evaluation_errors: Counter::default(),
            unmatched: Counter::default(),
            malformed: Counter::default(),
            undecodable: Counter::default(),
            panics: Counter::default(),
            reloads: Family::default(),
            certificate_expiry: Gauge::default(),
            access_reviews: Family::default(),
            connections: Gauge::default(),
            handshakes_failed: Counter::default(),
            webhooks_drifted: Gauge::default(),
            evidence_enabled: Gauge::default(),
            records: Family::default(),
            evidence_gaps: Counter::default(),
            evidence_waiting: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("reviews", "Reviews answered", self.reviews.clone());
        registry.register(
            "verdicts",
            "Verdicts of the policies that matched: the gravest of each policy for a review",
            self.verdicts.clone(),
        );
        registry.register_with_unit(
            "review_duration",
            "Time from a complete body to its answer",
            Unit::Seconds,
            self.latency.clone(),
        );
        registry.register(
            "evaluation_errors",
            "Policies that could not be evaluated",
            self.evaluation_errors.clone(),
        );
        registry.register(
            "unmatched_allowed",
            "Reviews allowed because no policy matched",
            self.unmatched.clone(),
        );
        registry.register(
            "excepted_findings",
            "Findings that a PolicyException let off",
            self.excepted.clone(),
        );
        registry.register(
            "policy_exceptions",
            "PolicyExceptions that have an effect, have expired, or cannot be read",
            self.exceptions.clone(),
        );
        registry.register(
            "malformed_bodies",
            "Bodies that are no AdmissionReview",
            self.malformed.clone(),
        );
        registry.register(
            "undecodable_reviews",
            "Reviews denied because they could not be decoded",
            self.undecodable.clone(),
        );
        registry.register(
            "panics",
            "Panics during evaluation, each answered with a denial",
            self.panics.clone(),
        );
        registry.register(
            "reloads",
            "Changed certificates, policies and baselines; after a failed one the former stays",
            self.reloads.clone(),
        );
        registry.register(
            "certificate_expiry_timestamp_seconds",
            "When the certificate in use expires, in seconds since 1970",
            self.certificate_expiry.clone(),
        );
        registry.register(
            "access_reviews",
            "SubjectAccessReviews made",
            self.access_reviews.clone(),
        );
        registry.register(
            "connections",
            "Open webhook connections",
            self.connections.clone(),
        );
        registry.register(
            "handshakes_failed",
            "TLS handshakes that failed or took too long",
            self.handshakes_failed.clone(),
        );
        registry.register(
            "webhooks_drifted",
            "Entries of the webhook configurations that are missing, changed or not ours",
            self.webhooks_drifted.clone(),
        );
        registry.register(
            "evidence_enabled",
            "1 where evidence is kept, 0 with `--evidence none`",
            self.evidence_enabled.clone(),
        );
        registry.register(
            "evidence_records",
            "Evidence records written, and those that failed and are lost",
            self.records.clone(),
        );
        registry.register(
            "evidence_gaps",
            "Gap records in the evidence: each tells of records that were lost before it",
            self.evidence_gaps.clone(),
        );
        registry.register(
            "evidence_waiting",
            "Records on their way into the evidence",
            self.evidence_waiting.clone(),
        );
        for result in ["written", "failed"] {
            let _ = self.records.get_or_create(&RecordLabels { result });
        }
        // A counter that appears with its first failure cannot be alerted on.
        for subject in [Subject::Certificate, Subject::Rules] {
            for result in [Outcome::Ok, Outcome::Failed] {
                let _ = self
                    .reloads
                    .get_or_create(&ReloadLabels::new(subject, result));
            }
        }
    }

    /// Counts a reload.
    pub fn count_reload(&self, subject: Subject, result: Outcome) {
        self.reloads
            .get_or_create(&ReloadLabels::new(subject, result))
            .inc();
    }

    /// Counts an evidence record.
    pub fn count_record(&self, is_written: bool) {
        let result = if is_written { "written" } else { "failed" };
        self.records.get_or_create(&RecordLabels { result }).inc();
    }

    /// Sets how many exceptions there are.
    pub fn set_exceptions(&self, state: ExceptionState, count: usize) {
        let state = match state {
            ExceptionState::Active => "active",
            ExceptionState::Expired => "expired",
            ExceptionState::Malformed => "malformed",
        };
        let gauge = self.exceptions.get_or_create(&ExceptionLabels { state });
        gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Everything, in the OpenMetrics text format.
    ///
    /// # Errors
    /// Never for these metrics; the encoder's signature has it.
    pub fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

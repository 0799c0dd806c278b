//! Options about evidence.

use std::path::PathBuf;
use std::time::Duration;

use crate::evidence::record::{Cluster, Place};

/// Where evidence goes, and what depends on it.
#[derive(Clone, Debug, clap::Args)]
pub struct EvidenceOptions {
    /// Where records of decisions go: `stdout` as lines, a log in file:///directory or
    /// s3://bucket/prefix, or `none`: nothing can be proved later
    #[arg(long, value_name = "stdout|URL|none", default_value = super::super::evidence::STDOUT)]
    pub evidence: String,

    /// When a request is answered
    #[arg(long, value_enum, default_value_t = EvidenceMode::BeforeResponse)]
    pub evidence_mode: EvidenceMode,

    /// What becomes of agents' requests whose record cannot be written, where rules are enforced
    #[arg(long, value_enum, default_value_t = OnEvidenceFailure::Deny)]
    pub on_evidence_failure: OnEvidenceFailure,

    /// File with a signing key of `evidence keygen` (may be given several times: all sign)
    /// [default: one made for this process]
    #[arg(long, value_name = "FILE")]
    pub evidence_key: Vec<PathBuf>,

    /// A log is closed and another opened when it is older than so many days
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    pub evidence_log_days: u32,

    /// A log is closed and another opened when its records are larger than so many MiB
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..))]
    pub evidence_log_mib: u32,

    /// What records call this replica
    #[arg(long, value_name = "NAME", env = "HOSTNAME", default_value = "local")]
    pub evidence_replica: String,

    /// What records call the cluster, besides its uid
    #[arg(long, value_name = "NAME")]
    pub evidence_cluster: Option<String>,
}

/// When a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum EvidenceMode {
    /// Once its record is durable
    BeforeResponse,
    /// At once: a process that is killed loses the records of its last second
    Batched,
}

/// What becomes of requests whose record cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OnEvidenceFailure {
    /// They are denied
    Deny,
    /// They go on, and a gap in the evidence tells of them
    Allow,
}

impl EvidenceMode {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            EvidenceMode::BeforeResponse => "before-response",
            EvidenceMode::Batched => "batched",
        }
    }
}

impl OnEvidenceFailure {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            OnEvidenceFailure::Deny => "deny",
            OnEvidenceFailure::Allow => "allow",
        }
    }
}

impl EvidenceOptions {
    /// Mode, and what becomes of requests without a record, as on the command line.
    pub fn behaviour(&self) -> (&'static str, &'static str) {
        (self.evidence_mode.name(), self.on_evidence_failure.name())
    }

    /// How old a log may become.
    pub fn log_age_max(&self) -> Duration {
        Duration::from_secs(u64::from(self.evidence_log_days) * 24 * 60 * 60)
    }

    /// How large a log's records may become.
    pub fn log_bytes_max(&self) -> u64 {
        u64::from(self.evidence_log_mib) << 20
    }

    /// Who writes records, in a cluster with this uid.
    pub fn place(&self, cluster_uid: Option<String>) -> Place {
        let name = self.evidence_cluster.clone();
        let is_known = name.is_some() || cluster_uid.is_some();
        Place {
            cluster: is_known.then_some(Cluster {
                name,
                uid: cluster_uid,
            }),
            program: concat!("cattlegrid/", env!("CARGO_PKG_VERSION")).to_owned(),
            replica: self.evidence_replica.clone(),
        }
    }
}

//! What `cattlegrid serve` can be told.

use std::net::SocketAddr;
use std::path::PathBuf;

use admission_policy::decide::Mode;

use crate::generate::webhooks::Address;
use crate::k8s::cluster::Target;

mod evidence;

pub use self::evidence::{EvidenceMode, EvidenceOptions, OnEvidenceFailure};

/// Judge and complete what an API server sends.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Address of the webhook
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    pub listen: SocketAddr,

    /// Address of /healthz, /readyz and /metrics (plain HTTP)
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub metrics_listen: SocketAddr,

    /// Directory of policies and bindings, read again when it changes [default: the shipped set]
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,

    /// File with the AgentBaseline, read again when it changes, or `cluster` for the cluster's
    /// [default: the cluster's where there is one, otherwise the shipped one]
    #[arg(long, value_name = "FILE|cluster")]
    pub baseline: Option<String>,

    /// File with PolicyExceptions, read again when it changes (may be given several times)
    /// [default: the cluster's, where there is one]
    #[arg(long, value_name = "FILE")]
    pub exceptions: Vec<PathBuf>,

    /// The strictest that findings are treated
    #[arg(long, value_enum, default_value_t = ModeOption::Enforce)]
    pub mode: ModeOption,

    /// Certificate chain in PEM form, read again when it changes [default: made for this process]
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// The certificate's private key in PEM form
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// kubeconfig of the cluster [default: the cluster that the program runs in]
    #[arg(long, value_name = "FILE", conflicts_with = "no_cluster")]
    pub kubeconfig: Option<PathBuf>,

    /// Context of the kubeconfig; without --kubeconfig, of the usual one
    #[arg(long, value_name = "NAME", conflicts_with = "no_cluster")]
    pub context: Option<String>,

    /// Do without a cluster: only labels mark agents, and what needs the cluster becomes a warning
    /// (implied when no cluster is named and --listen is a loopback address)
    #[arg(long)]
    pub no_cluster: bool,

    /// How long to go on serving after a request to stop, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    pub drain_seconds: u64,

    // No documentation comment: clap would take it for that of the command.
    #[allow(missing_docs)]
    #[command(flatten)]
    pub records: EvidenceOptions,

    // As `generate webhooks` was told: what is installed is compared with that.
    #[allow(missing_docs)]
    #[command(flatten)]
    pub webhooks: Address,

    /// Form of the log on standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Pretty)]
    pub log_format: LogFormat,
}

/// A [`Mode`] on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ModeOption {
    /// Findings are recorded
    Audit,
    /// Findings are recorded, and users warned
    Warn,
    /// Findings deny, and objects are completed
    Enforce,
}

impl From<ModeOption> for Mode {
    fn from(option: ModeOption) -> Self {
        match option {
            ModeOption::Audit => Mode::Audit,
            ModeOption::Warn => Mode::Warn,
            ModeOption::Enforce => Mode::Enforce,
        }
    }
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One JSON object per line
    Json,
    /// For people
    Pretty,
}

/// Where the baseline comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaselineSource {
    /// The shipped one.
    Embedded,
    /// A file.
    File(PathBuf),
    /// The cluster's, which must exist.
    Cluster,
    /// The cluster's; the shipped one until there is one.
    ClusterOrEmbedded,
}

/// Options that contradict each other or the surroundings.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Nobody said which cluster.
    #[error(
        "no cluster is named: give --kubeconfig or --context, run in a cluster, or say --no-cluster"
    )]
    NoClusterNamed,
    /// The baseline is to come from a cluster that is not there.
    #[error("--baseline cluster needs a cluster: give --kubeconfig or --context")]
    BaselineWithoutCluster,
}

impl Options {
    /// Which cluster to use; `None` for none. `is_in_cluster`: the program runs in a Pod.
    ///
    /// # Errors
    /// When none is named and the listener can be reached from elsewhere.
    pub fn target(&self, is_in_cluster: bool) -> Result<Option<Target>, OptionsError> {
        if self.no_cluster {
            return Ok(None);
        }
        if self.kubeconfig.is_some() || self.context.is_some() {
            let (file, context) = (self.kubeconfig.clone(), self.context.clone());
            return Ok(Some(Target::Kubeconfig { file, context }));
        }
        if is_in_cluster {
            return Ok(Some(Target::InCluster));
        }
        if self.listen.ip().is_loopback() {
            return Ok(None);
        }
        Err(OptionsError::NoClusterNamed)
    }

    /// Where the baseline comes from.
    ///
    /// # Errors
    /// When it is to come from a cluster and there is none.
    pub fn baseline_source(&self, has_cluster: bool) -> Result<BaselineSource, OptionsError> {
        match (self.baseline.as_deref(), has_cluster) {
            (Some("cluster"), true) => Ok(BaselineSource::Cluster),
            (Some("cluster"), false) => Err(OptionsError::BaselineWithoutCluster),
            (Some(file), _) => Ok(BaselineSource::File(PathBuf::from(file))),
            (None, true) => Ok(BaselineSource::ClusterOrEmbedded),
            (None, false) => Ok(BaselineSource::Embedded),
        }
    }
}

#[cfg(test)]
mod tests;

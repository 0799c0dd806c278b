//! `cattlegrid serve`: the webhook.
//!
//! The port opens when policies are compiled and the cluster is known, so that no answer is ever
//! given on less. From then on: [`routes`] → [`admit`] → [`round`] → [`crate::judge`].

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use self::evidence::{Evidence, EvidenceError};
use self::limits::RELOAD_SECONDS;
use self::listener::Service;
use self::options::{BaselineSource, OptionsError};
use self::reload::{
    BaselineOrigin, CertificateOrigin, ExceptionOrigin, Origin, cluster_source, exception_sources,
};
use self::signals::StopSignals;
use self::state::{Active, Health, State};
use self::tls::{CertificateError, CurrentCertificate};
use crate::k8s::cluster::baseline::{self as cluster_baseline, Change};
use crate::k8s::cluster::exceptions::{self as cluster_exceptions, Texts};
use crate::k8s::cluster::{self, Cluster, ClusterError, Target};
use crate::load::{self, LoadErrors};

mod admit;
mod answer;
mod authorizer;
mod changes;
mod drift;
mod entry;
mod evidence;
mod exceptions;
mod facts;
mod greeting;
mod limits;
mod listener;
mod log;
mod metrics;
mod options;
mod record;
mod reload;
mod round;
mod routes;
mod signals;
mod state;
mod timed;
mod tls;

pub use self::options::Options;
pub(crate) use self::round::{EVIDENCE, EVIDENCE_LOST};

/// Why the server cannot start, or did not end as it should.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Contradicting options.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// Policies or baseline.
    #[error(transparent)]
    Rules(#[from] LoadErrors),
    /// The certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// TLS itself.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The place for records.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The cluster's configuration.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// An address is taken, or not ours.
    #[error("cannot listen on {address}: {error}; choose another with {option}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
        /// The option that sets it.
        option: &'static str,
    },
    /// Signals.
    #[error("requests to stop cannot be received: {0}")]
    Signals(std::io::Error),
    /// A task of ours is gone.
    #[error("the server ended unexpectedly: {0}")]
    Ended(#[from] tokio::task::JoinError),
    /// A second request to stop.
    #[error("stopped at once by a second signal; requests may have been cut")]
    Interrupted,
}

/// Serves until asked to stop.
///
/// # Errors
/// [`ServeError`].
pub async fn run(options: Options) -> Result<(), ServeError> {
    log::start(options.log_format);
    let mut signals = StopSignals::new().map_err(ServeError::Signals)?;
    let drain = Duration::from_secs(options.drain_seconds);
    let health = Health::default();
    let life = health.life.clone();
    let mut server = tokio::spawn(serve(options, health));
    tokio::select! {
        ended = &mut server => return ended?,
        () = signals.next() => {}
    }
    life.draining.cancel();
    if life.serving.is_cancelled() {
        tracing::info!(
            seconds = drain.as_secs(),
            "draining: not ready any more, still serving"
        );
        tokio::select! {
            () = tokio::time::sleep(drain) => {}
            () = signals.next() => return Err(ServeError::Interrupted),
        }
    }
    life.stopped.cancel();
    tokio::select! {
        ended = &mut server => ended?,
        () = signals.next() => Err(ServeError::Interrupted),
    }
}

async fn serve(options: Options, health: Health) -> Result<(), ServeError> {
    let probes_stopped = CancellationToken::new();
    let probes = Service {
        router: routes::health(health.clone()),
        tls: None,
        stopped: probes_stopped.clone(),
        connections: Gauge::default(),
        handshakes_failed: Counter::default(),
    };
    let listener = listen(options.metrics_listen, "--metrics-listen").await?;
    let metrics_address = local_address(&listener, options.metrics_listen);
    tracing::info!(address = %metrics_address, "health and metrics");
    let probes = tokio::spawn(probes.serve(listener));

    // Interrupted while starting: nothing to drain.
    let stopped = health.life.stopped.clone();
    if let Some(started) = stopped.run_until_cancelled(start(&options, health)).await {
        let (state, service, listener) = started?;
        let address = local_address(&listener, options.listen);
        state.life.serving.cancel();
        tracing::info!(%address, %metrics_address, "serving");
        if state.cluster.is_none() {
            // Standard output belongs to the records.
            eprintln!("{}", greeting::text(&state.active.load(), address));
        }
        service.serve(listener).await;
        state.evidence.close().await;
    }
    probes_stopped.cancel();
    probes.await?;
    tracing::info!("stopped");
    Ok(())
}

/// Everything up to the open port.
async fn start(
    options: &Options,
    health: Health,
) -> Result<(Arc<State>, Service, TcpListener), ServeError> {
    let is_in_cluster = std::env::var_os("KUBERNETES_SERVICE_HOST").is_some();
    let target = options.target(is_in_cluster)?;
    let source = options.baseline_source(target.is_some())?;
    let (current, certificate_watch) = certificate(options, &health)?;
    let cluster = match &target {
        Some(target) => {
            let cluster = Cluster::start(cluster::connect(target).await?);
            tracing::info!("waiting for the cluster's Namespaces and ServiceAccounts");
            cluster.synced().await;
            Some(Arc::new(cluster))
        }
        None => None,
    };
    let (baseline, changes) = baseline(source, cluster.as_deref()).await?;
    let (exceptions, exception_changes) = exceptions(options, cluster.as_deref()).await;
    let origin = Origin {
        policies: options.policies.clone(),
        baseline,
        exceptions,
        mode: options.mode.into(),
    };
    let (rules, watch) = origin.start(&health.metrics)?;
    tracing::info!(policy_set = rules.set.digest(), "policies compiled");
    let place = options
        .records
        .place(cluster.as_deref().and_then(Cluster::uid));
    let metrics = Arc::clone(&health.metrics);
    let evidence = Evidence::open(&options.records, place, metrics).await?;
    let state = Arc::new(State::new(Active::new(rules), cluster, evidence, health));
    changes::loaded(&state).await;

    let listener = listen(options.listen, "--listen").await?;
    let tls = TlsAcceptor::from(Arc::new(tls::server_config(Arc::clone(&current))?));
    tokio::spawn(watch.follow(Arc::clone(&state), changes, exception_changes));
    // Outside a cluster nobody but --url says where the API server finds us.
    let is_registered = target == Some(Target::InCluster) || options.webhooks.url.is_some();
    if let Some(cluster) = state.cluster.as_deref().filter(|_| is_registered) {
        let (state, address) = (Arc::clone(&state), options.webhooks.clone());
        tokio::spawn(drift::follow(state, cluster.client(), address));
    }
    if let Some((origin, files)) = certificate_watch {
        tokio::spawn(origin.follow(current, files, Arc::clone(&state.metrics)));
    }
    let service = Service {
        router: routes::webhook(Arc::clone(&state)),
        tls: Some(tls),
        stopped: state.life.stopped.clone(),
        connections: state.metrics.connections.clone(),
        handshakes_failed: state.metrics.handshakes_failed.clone(),
    };
    Ok((state, service, listener))
}

type CertificateWatch = Option<(CertificateOrigin, tls::CertificateFiles)>;

fn certificate(
    options: &Options,
    health: &Health,
) -> Result<(Arc<CurrentCertificate>, CertificateWatch), CertificateError> {
    let (key, watch) = match (&options.tls_cert, &options.tls_key) {
        (Some(certificate), Some(key)) => {
            let origin = CertificateOrigin {
                certificate: certificate.clone(),
                key: key.clone(),
            };
            let files = origin.read()?;
            (files.certified_key()?, Some((origin, files)))
        }
        _ => (tls::ephemeral()?, None),
    };
    health
        .metrics
        .certificate_expiry
        .set(tls::expiry(&key).unwrap_or_default());
    Ok((Arc::new(CurrentCertificate::new(key)), watch))
}

/// The baseline to begin with, and its changes in the cluster.
async fn baseline(
    source: BaselineSource,
    cluster: Option<&Cluster>,
) -> Result<(BaselineOrigin, BoxStream<'static, Change>), LoadErrors> {
    let none = || stream::pending().boxed();
    match (source, cluster) {
        (BaselineSource::File(file), _) => Ok((BaselineOrigin::File(file), none())),
        (BaselineSource::Embedded, _) | (_, None) => {
            Ok((BaselineOrigin::Given(load::embedded_baseline()?), none()))
        }
        (source, Some(cluster)) => {
            let is_required = source == BaselineSource::Cluster;
            let given = match wait_for_baseline(cluster, is_required).await {
                Some(text) => cluster_source(text),
                None => {
                    tracing::info!("the cluster has no AgentBaseline; the shipped one is used");
                    load::embedded_baseline()?
                }
            };
            let changes = cluster_baseline::changes(cluster.client()).boxed();
            Ok((BaselineOrigin::Given(given), changes))
        }
    }
}

/// Asks for the cluster's baseline until there is an answer; when it is required, until there is
/// one.
async fn wait_for_baseline(cluster: &Cluster, is_required: bool) -> Option<String> {
    loop {
        match cluster_baseline::fetch(cluster.client()).await {
            Ok(None) if is_required => {
                tracing::warn!("waiting for the AgentBaseline `default`; apply one to start");
            }
            Ok(found) => return found,
            Err(error) => tracing::warn!(%error, "the AgentBaseline cannot be read; trying again"),
        }
        tokio::time::sleep(Duration::from_secs(RELOAD_SECONDS)).await;
    }
}

/// The PolicyExceptions to begin with, and their changes in the cluster.
async fn exceptions(
    options: &Options,
    cluster: Option<&Cluster>,
) -> (ExceptionOrigin, BoxStream<'static, Texts>) {
    let none = || stream::pending().boxed();
    match cluster {
        _ if !options.exceptions.is_empty() => {
            (ExceptionOrigin::Files(options.exceptions.clone()), none())
        }
        None => (ExceptionOrigin::Given(Vec::new()), none()),
        Some(cluster) => {
            let found = wait_for_exceptions(cluster).await;
            let changes = cluster_exceptions::changes(cluster.client()).boxed();
            (ExceptionOrigin::Given(exception_sources(found)), changes)
        }
    }
}

/// Asks for the cluster's exceptions until there is an answer; a cluster that does not know the
/// kind has none.
async fn wait_for_exceptions(cluster: &Cluster) -> Texts {
    loop {
        match cluster_exceptions::fetch(cluster.client()).await {
            Ok(Some(found)) => return found,
            Ok(None) => {
                tracing::info!(
                    "the cluster does not know the kind PolicyException; there are none"
                );
                return Texts::new();
            }
            Err(error) => tracing::warn!(%error, "PolicyExceptions cannot be read; trying again"),
        }
        tokio::time::sleep(Duration::from_secs(RELOAD_SECONDS)).await;
    }
}

async fn listen(address: SocketAddr, option: &'static str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| ServeError::Listen {
            address,
            error,
            option,
        })
}

/// The address with the port that the system chose for port 0.
fn local_address(listener: &TcpListener, asked: SocketAddr) -> SocketAddr {
    listener.local_addr().unwrap_or(asked)
}

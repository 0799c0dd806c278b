//! Rules and certificate from where they are kept, and again whenever that changes. What cannot be
//! used changes nothing: the former rules and certificate stay, the log says why, a metric counts.
//! Only an exception that cannot be used has no effect, whatever it said before.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use admission_policy::decide::Mode;
use futures::{Stream, StreamExt};

use super::changes;
use super::exceptions::Told;
use super::limits::RELOAD_SECONDS;
use super::metrics::{Metrics, Outcome, Subject};
use super::state::{Active, State};
use super::tls::{CertificateError, CertificateFiles, CurrentCertificate, expiry};
use crate::evidence::record::Of;
use crate::judge::Rules;
use crate::k8s::cluster::baseline::Change;
use crate::k8s::cluster::exceptions::Texts;
use crate::load::{self, LoadErrors, Source};
use crate::{clock, exceptions};

/// What rules are made of, as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Inputs {
    policies: Result<Vec<Source>, LoadErrors>,
    baseline: Result<Source, LoadErrors>,
    exceptions: Vec<Source>,
    /// Files of exceptions that cannot be read.
    unread: Vec<String>,
}

/// What is wrong with which part of the rules.
type Refused = Vec<(Of, LoadErrors)>;

/// Where the baseline is read.
#[derive(Clone, Debug)]
pub enum BaselineOrigin {
    /// In a file, which may change.
    File(PathBuf),
    /// It has been read: the shipped one, or what the cluster said last.
    Given(Source),
}

/// Where exceptions are read.
#[derive(Clone, Debug)]
pub enum ExceptionOrigin {
    /// In files, which may change.
    Files(Vec<PathBuf>),
    /// They have been read: what the cluster said last.
    Given(Vec<Source>),
}

/// Where rules come from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// A directory; the shipped set without.
    pub policies: Option<PathBuf>,
    /// The baseline.
    pub baseline: BaselineOrigin,
    /// The exceptions.
    pub exceptions: ExceptionOrigin,
    /// The strictest mode.
    pub mode: Mode,
}

/// A text of the cluster's baseline as a source.
pub fn cluster_source(text: String) -> Source {
    Source {
        name: "AgentBaseline/default".to_owned(),
        text,
    }
}

/// Texts of the cluster's exceptions as sources.
pub fn exception_sources(texts: Texts) -> Vec<Source> {
    let source = |(name, text): (String, String)| Source {
        name: format!("PolicyException/{name}"),
        text,
    };
    texts.into_iter().map(source).collect()
}

impl Origin {
    fn read(&self) -> Inputs {
        let policies = match &self.policies {
            Some(directory) => load::read_policies(directory),
            None => Ok(load::embedded_policies()),
        };
        let baseline = match &self.baseline {
            BaselineOrigin::File(file) => load::read_source(file),
            BaselineOrigin::Given(source) => Ok(source.clone()),
        };
        let (exceptions, unread) = match &self.exceptions {
            ExceptionOrigin::Files(files) => read_each(files),
            ExceptionOrigin::Given(sources) => (sources.clone(), Vec::new()),
        };
        Inputs {
            policies,
            baseline,
            exceptions,
            unread,
        }
    }

    /// The rules, and what is wrong with exceptions; or what is wrong with which of the rest.
    fn rules(&self, inputs: &Inputs) -> Result<(Rules, Vec<String>), Refused> {
        let policies = inputs.policies.as_ref().map_err(Clone::clone);
        let baseline = inputs.baseline.as_ref().map_err(Clone::clone);
        let set = policies.and_then(|sources| load::compile(sources));
        let baseline = baseline.and_then(load::baseline);
        match (set, baseline) {
            (Ok(set), Ok(baseline)) => {
                for warning in load::warnings(&set, &baseline) {
                    tracing::warn!(%warning, "allowed, but probably not meant");
                }
                let reading = match &self.exceptions {
                    ExceptionOrigin::Files(_) => exceptions::of_files(&inputs.exceptions),
                    ExceptionOrigin::Given(_) => exceptions::of_cluster(&inputs.exceptions),
                };
                let rules = Rules {
                    set,
                    baseline,
                    exceptions: reading.exceptions,
                    mode: self.mode,
                };
                let problems = [inputs.unread.as_slice(), &reading.problems].concat();
                Ok((rules, problems))
            }
            (set, baseline) => {
                let of_policies = set.err().map(|errors| (Of::PolicySet, errors));
                let of_baseline = baseline.err().map(|errors| (Of::Baseline, errors));
                Err(of_policies.into_iter().chain(of_baseline).collect())
            }
        }
    }

    /// Reads and compiles everything for the first time.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn start(self, metrics: &Metrics) -> Result<(Rules, RulesWatch), LoadErrors> {
        let inputs = self.read();
        let (rules, problems) = self.rules(&inputs).map_err(|refused| {
            let errors = refused.into_iter().flat_map(|(_, errors)| errors.0);
            LoadErrors(errors.collect())
        })?;
        // Who names a file is there to mend it; an object of the cluster must not keep us down.
        if matches!(self.exceptions, ExceptionOrigin::Files(_)) && !problems.is_empty() {
            return Err(LoadErrors(problems));
        }
        let told = Told::loaded(&rules, &problems, clock::now(), metrics);
        let watch = RulesWatch {
            origin: self,
            seen: inputs,
            told,
        };
        Ok((rules, watch))
    }
}

/// The files that can be read, and what is wrong with the others.
fn read_each(files: &[PathBuf]) -> (Vec<Source>, Vec<String>) {
    let (mut sources, mut unread) = (Vec::new(), Vec::new());
    for file in files {
        match load::read_source(file) {
            Ok(source) => sources.push(source),
            Err(errors) => unread.extend(errors.0),
        }
    }
    (sources, unread)
}

/// Follows the changes of rules.
pub struct RulesWatch {
    origin: Origin,
    /// As last looked at, usable or not: nothing is tried or reported twice.
    seen: Inputs,
    /// What has been told about exceptions.
    told: Told,
}

impl RulesWatch {
    /// Follows changes for as long as it is polled. `baselines` are the changes of the cluster's
    /// baseline, `exceptions` all of its exceptions after each change.
    pub async fn follow(
        mut self,
        state: Arc<State>,
        baselines: impl Stream<Item = Change>,
        exceptions: impl Stream<Item = Texts>,
    ) {
        let mut baselines = std::pin::pin!(baselines.fuse());
        let mut exceptions = std::pin::pin!(exceptions.fuse());
        let mut ticks = tokio::time::interval(Duration::from_secs(RELOAD_SECONDS));
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                Some(change) = baselines.next() => self.take(change, &state).await,
                Some(texts) = exceptions.next() => {
                    self.origin.exceptions = ExceptionOrigin::Given(exception_sources(texts));
                }
            }
            let origin = self.origin.clone();
            let Ok(read) = tokio::task::spawn_blocking(move || origin.read()).await else {
                continue;
            };
            if read != self.seen {
                self.seen = read;
                self.apply(&state).await;
            }
            let active = state.active.load_full();
            let expired = self.told.later(&active.rules, clock::now(), &state.metrics);
            if !expired.is_empty() {
                changes::expired(&state, &active, &expired).await;
            }
        }
    }

    async fn take(&mut self, change: Change, state: &State) {
        match change {
            Change::Now(text) => self.origin.baseline = BaselineOrigin::Given(cluster_source(text)),
            Change::Deleted => {
                state.metrics.count_reload(Subject::Rules, Outcome::Failed);
                tracing::error!("the AgentBaseline was deleted; its last state stays in use");
                changes::baseline_deleted(state).await;
            }
        }
    }

    async fn apply(&mut self, state: &State) {
        match self.origin.rules(&self.seen) {
            Ok((rules, problems)) => {
                tracing::info!(
                    policy_set = rules.set.digest(),
                    "policies, baseline and exceptions reloaded"
                );
                self.told = Told::loaded(&rules, &problems, clock::now(), &state.metrics);
                let active = Arc::new(Active::new(rules));
                let former = state.active.swap(Arc::clone(&active));
                state.metrics.count_reload(Subject::Rules, Outcome::Ok);
                changes::replaced(state, &former, &active).await;
            }
            Err(refused) => {
                state.metrics.count_reload(Subject::Rules, Outcome::Failed);
                for (of, errors) in refused {
                    for problem in &errors.0 {
                        tracing::error!(%problem, "changed rules cannot be used; the former stay");
                    }
                    changes::refused(state, of).await;
                }
            }
        }
    }
}

/// The two files of a certificate.
#[derive(Clone, Debug)]
pub struct CertificateOrigin {
    /// The chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl CertificateOrigin {
    /// Reads both files.
    ///
    /// # Errors
    /// Which one cannot be read.
    pub fn read(&self) -> Result<CertificateFiles, CertificateError> {
        CertificateFiles::read(&self.certificate, &self.key)
    }

    /// Follows changes for as long as it is polled.
    pub async fn follow(
        self,
        current: Arc<CurrentCertificate>,
        mut seen: CertificateFiles,
        metrics: Arc<Metrics>,
    ) {
        let mut ticks = tokio::time::interval(Duration::from_secs(RELOAD_SECONDS));
        let mut was_readable = true;
        loop {
            ticks.tick().await;
            let origin = self.clone();
            let Ok(read) = tokio::task::spawn_blocking(move || origin.read()).await else {
                continue;
            };
            let result = match read {
                Ok(files) if files == seen => continue,
                Ok(files) => {
                    let key = files.certified_key();
                    seen = files;
                    was_readable = true;
                    key
                }
                Err(_) if !was_readable => continue,
                Err(error) => {
                    was_readable = false;
                    Err(error)
                }
            };
            match result {
                Ok(key) => {
                    metrics
                        .certificate_expiry
                        .set(expiry(&key).unwrap_or_default());
                    current.replace(key);
                    metrics.count_reload(Subject::Certificate, Outcome::Ok);
                    tracing::info!("the certificate was reloaded");
                }
                Err(error) => {
                    metrics.count_reload(Subject::Certificate, Outcome::Failed);
                    tracing::error!(%error, "a changed certificate cannot be used; the former stays");
                }
            }
        }
    }
}

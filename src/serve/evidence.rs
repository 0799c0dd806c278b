//! Where records of a running server go: lines on standard output, or a log in a store.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use self::lines::Lines;
use self::notices::notices;
use super::limits::EVIDENCE_SECONDS_MAX;
use super::metrics::Metrics;
use super::options::{EvidenceMode, EvidenceOptions, OnEvidenceFailure};
use crate::clock;
use crate::evidence::key::{SigningKeys, SigningKeysError};
use crate::evidence::record::{Entry, Event, KeyOrigin, Place, Record, Time};
use crate::evidence::storage::{self, StorageError};
use crate::evidence::writer::{Log, OpenError, Settings, StopReason};

mod lines;
mod notices;

/// What names standard output.
pub const STDOUT: &str = "stdout";
/// What names no place at all.
pub const NONE: &str = "none";

/// Why there is no place for records.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A signing key.
    #[error(transparent)]
    Keys(#[from] SigningKeysError),
    /// The store.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The log.
    #[error(transparent)]
    Log(#[from] OpenError),
    /// Standard output.
    #[error("records cannot be written to standard output: {0}")]
    Lines(#[from] std::io::Error),
}

/// Why a record is lost, or may be.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// The store or the pipe does not take it.
    #[error("{0}")]
    NotWritten(String),
    /// It takes longer than an API server waits.
    #[error("it was not written within {EVIDENCE_SECONDS_MAX} s")]
    TimedOut,
}

enum Writer {
    Nowhere,
    Lines(Lines),
    Log(Log),
}

/// Takes records.
pub struct Evidence {
    place: Place,
    writer: Writer,
    mode: EvidenceMode,
    on_failure: OnEvidenceFailure,
    metrics: Arc<Metrics>,
}

impl Evidence {
    /// Opens what `options` name.
    ///
    /// # Errors
    /// [`EvidenceError`].
    pub async fn open(
        options: &EvidenceOptions,
        place: Place,
        metrics: Arc<Metrics>,
    ) -> Result<Self, EvidenceError> {
        let writer = match options.evidence.as_str() {
            NONE => {
                tracing::warn!(
                    "NO EVIDENCE IS KEPT (--evidence none): nobody can prove a decision later"
                );
                Writer::Nowhere
            }
            STDOUT => {
                let notices = notices(options, None, &place, &metrics);
                let lines = Lines::start(std::io::stdout(), notices)?;
                let (mode, on_failure) = options.behaviour();
                tracing::info!(to = STDOUT, mode, on_failure, "evidence is kept");
                Writer::Lines(lines)
            }
            url => Writer::Log(open_log(options, url, &place, &metrics).await?),
        };
        let is_kept = !matches!(writer, Writer::Nowhere);
        metrics.evidence_enabled.set(is_kept.into());
        Ok(Self {
            place,
            writer,
            mode: options.evidence_mode,
            on_failure: options.on_evidence_failure,
            metrics,
        })
    }

    /// Who writes records; `None` where none are kept.
    pub fn place(&self) -> Option<&Place> {
        (!matches!(self.writer, Writer::Nowhere)).then_some(&self.place)
    }

    /// Whether what is lost may not go on.
    pub fn denies(&self) -> bool {
        self.on_failure == OnEvidenceFailure::Deny
    }

    /// Writes a record; in `before-response` mode returns when it is durable.
    ///
    /// # Errors
    /// [`Lost`].
    pub async fn put(&self, entry: Entry) -> Result<(), Lost> {
        self.metrics.evidence_waiting.inc();
        let limit = Duration::from_secs(EVIDENCE_SECONDS_MAX);
        let written = tokio::time::timeout(limit, self.write(entry)).await;
        self.metrics.evidence_waiting.dec();
        let result = written.unwrap_or(Err(Lost::TimedOut));
        self.metrics.count_record(result.is_ok());
        if let Err(error) = &result {
            tracing::error!(%error, "an evidence record is lost");
        }
        result
    }

    async fn write(&self, entry: Entry) -> Result<(), Lost> {
        let not_written = |error: &dyn std::fmt::Display| Lost::NotWritten(error.to_string());
        match (&self.writer, self.mode) {
            (Writer::Nowhere, _) => Ok(()),
            (Writer::Lines(lines), EvidenceMode::BeforeResponse) => lines
                .append(entry)
                .await
                .map_err(|error| not_written(&error)),
            (Writer::Lines(lines), EvidenceMode::Batched) => {
                lines.enqueue(entry).map_err(|error| not_written(&error))
            }
            (Writer::Log(log), EvidenceMode::BeforeResponse) => {
                let appended = log.append(entry).await;
                appended.map(drop).map_err(|error| not_written(&error))
            }
            (Writer::Log(log), EvidenceMode::Batched) => {
                log.enqueue(entry).map_err(|error| not_written(&error))
            }
        }
    }

    /// Writes a record of something that is no review. What is lost is counted and told.
    pub async fn note(&self, event: Event<'_>) {
        let Some(place) = self.place() else { return };
        let record = Record {
            time: Time::new(clock::now()),
            place: Cow::Borrowed(place),
            truncated: Vec::new(),
            event,
        };
        match record.into_entry() {
            // Counted and logged where it is lost.
            Ok(entry) => drop(self.put(entry).await),
            Err(error) => {
                self.metrics.count_record(false);
                tracing::error!(%error, "an evidence record is lost");
            }
        }
    }

    /// Writes what waits, and the end.
    pub async fn close(&self) {
        match &self.writer {
            Writer::Nowhere => {}
            Writer::Lines(lines) => lines.close().await,
            Writer::Log(log) => {
                if let Err(error) = log.close(StopReason::Signal).await {
                    tracing::error!(%error, "the evidence log could not be closed");
                }
            }
        }
    }
}

/// Opens the log in the store of a URL, and says how.
async fn open_log(
    options: &EvidenceOptions,
    url: &str,
    place: &Place,
    metrics: &Arc<Metrics>,
) -> Result<Log, EvidenceError> {
    let keys = match options.evidence_key.as_slice() {
        [] => SigningKeys::ephemeral()?,
        files => SigningKeys::read(files)?,
    };
    let (key, key_name) = match keys.is_ephemeral() {
        true => (KeyOrigin::Ephemeral, "ephemeral"),
        false => (KeyOrigin::Given, "given"),
    };
    let verifiers = keys.verifiers().join(" ");
    let notices = notices(options, Some(key), place, metrics);
    let settings = Settings {
        log_age_max: options.log_age_max(),
        log_bytes_max: options.log_bytes_max(),
        ..Settings::new(&place.replica)
    };
    let log = Log::open(storage::open(url)?, keys, settings, notices).await?;
    let (mode, on_failure) = options.behaviour();
    let origin = log.status().borrow().origin.clone();
    tracing::info!(
        to = url,
        mode,
        on_failure,
        key = key_name,
        verifiers,
        log = origin,
        "evidence is kept"
    );
    Ok(log)
}

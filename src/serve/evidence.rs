//! Where records of a running server go: lines on standard output, or a log in a store.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use admission_cel::value::Timestamp;

use self::lines::Lines;
use super::limits::EVIDENCE_SECONDS_MAX;
use super::metrics::Metrics;
use super::options::{EvidenceMode, EvidenceOptions, OnEvidenceFailure};
use crate::clock;
use crate::evidence::key::{SigningKeys, SigningKeysError};
use crate::evidence::record::{
    Cause, CrossLink, Entry, Event, Gap, KeyOrigin, OtherLog, Place, Record, Resumed, Start, Stop,
    StopReason, Time,
};
use crate::evidence::storage::{self, StorageError};
use crate::evidence::writer::{
    GapCause, Log, Notice, Notices, OpenError, Settings, StopReason as Stopped,
};

mod lines;

/// What names standard output.
pub const STDOUT: &str = "stdout";

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
    Lines(Lines),
    Log(Log),
}

/// Takes records.
pub struct Evidence {
    /// Who writes them.
    pub place: Place,
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
        let writer = if options.evidence == STDOUT {
            let notices = notices(options, None, &place, &metrics);
            Writer::Lines(Lines::start(std::io::stdout(), notices)?)
        } else {
            let keys = match options.evidence_key.as_slice() {
                [] => SigningKeys::ephemeral()?,
                files => SigningKeys::read(files)?,
            };
            let origin = if keys.is_ephemeral() {
                KeyOrigin::Ephemeral
            } else {
                KeyOrigin::Given
            };
            let notices = notices(options, Some(origin), &place, &metrics);
            let store = storage::open(&options.evidence)?;
            let settings = Settings::new(&place.replica);
            Writer::Log(Log::open(store, keys, settings, notices).await?)
        };
        Ok(Self {
            place,
            writer,
            mode: options.evidence_mode,
            on_failure: options.on_evidence_failure,
            metrics,
        })
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
            (Writer::Lines(lines), EvidenceMode::BeforeResponse) => lines
                .append(entry)
                .await
                .map_err(|error| not_written(&error)),
            (Writer::Lines(lines), EvidenceMode::Batched) => {
                lines.enqueue(entry).map_err(|error| not_written(&error))
            }
            (Writer::Log(log), EvidenceMode::BeforeResponse) => {
                let appended = log.append(entry.bytes).await;
                appended.map(drop).map_err(|error| not_written(&error))
            }
            (Writer::Log(log), EvidenceMode::Batched) => {
                let queued = log.enqueue(entry.bytes);
                queued.map(drop).map_err(|error| not_written(&error))
            }
        }
    }

    /// Writes a record of something that is no review. What is lost is counted and told.
    pub async fn note(&self, event: Event<'_>) {
        let record = Record {
            time: Time::new(clock::now()),
            place: Cow::Borrowed(&self.place),
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
            Writer::Lines(lines) => lines.close().await,
            Writer::Log(log) => {
                if let Err(error) = log.close(Stopped::Signal).await {
                    tracing::error!(%error, "the evidence log could not be closed");
                }
            }
        }
    }
}

/// Makes the records that a log holds about itself.
fn notices(
    options: &EvidenceOptions,
    key: Option<KeyOrigin>,
    place: &Place,
    metrics: &Arc<Metrics>,
) -> Notices {
    let (place, metrics) = (place.clone(), Arc::clone(metrics));
    let scheme = options
        .evidence
        .split("://")
        .next()
        .unwrap_or_default()
        .to_owned();
    let (mode, on_failure) = (
        options.evidence_mode.name(),
        options.on_evidence_failure.name(),
    );
    Notices::new(move |notice| {
        if matches!(notice, Notice::Gap(_)) {
            metrics.evidence_gaps.inc();
        }
        let event = match notice {
            Notice::Start { resumes } => Event::Start(Start {
                evidence: Cow::Borrowed(if scheme.starts_with('/') {
                    "file"
                } else {
                    &scheme
                }),
                key,
                mode: mode.into(),
                on_failure: on_failure.into(),
                resumes: resumes.map(|head| Resumed {
                    origin: Cow::Borrowed(&head.origin),
                    root: head.root.to_string().into(),
                    size: head.size,
                }),
            }),
            Notice::Stop { reason, next } => Event::Stop(Stop {
                next: next.map(Into::into),
                reason: match reason {
                    Stopped::Signal => StopReason::Signal,
                    Stopped::Error => StopReason::Error,
                    Stopped::RollOver => StopReason::RollOver,
                },
            }),
            Notice::Gap(gap) => Event::Gap(Gap {
                cause: match gap.cause {
                    GapCause::Storage => Cause::Storage,
                    GapCause::QueueFull => Cause::QueueFull,
                    GapCause::TooLarge => Cause::TooLarge,
                },
                count: Some(gap.count),
                from: time_of(gap.from),
                to: time_of(gap.to),
            }),
            Notice::CrossLink(heads) => Event::CrossLink(CrossLink {
                logs: heads
                    .iter()
                    .map(|seen| OtherLog {
                        checkpoint: Cow::Borrowed(&seen.note),
                        origin: Cow::Borrowed(&seen.head.origin),
                        root: seen.head.root.to_string().into(),
                        size: seen.head.size,
                    })
                    .collect(),
            }),
        };
        let record = Record {
            time: Time::new(clock::now()),
            place: Cow::Borrowed(&place),
            truncated: Vec::new(),
            event,
        };
        // Its members are few and short, or may be left out: there is always room.
        record
            .into_entry()
            .map(|entry| entry.bytes)
            .unwrap_or_default()
    })
}

fn time_of(at: SystemTime) -> Time {
    let since = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    Time::new(Timestamp::utc(seconds, since.subsec_nanos()))
}

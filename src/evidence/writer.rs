//! Writing logs: records in, group commits out. docs/evidence/log-v1.md says in which order.
//!
//! One task owns the log. Whoever appends waits for the commit that took the record; all that wait
//! share one commit. A commit that fails is treated as a crash: nothing is believed of the log but
//! what is read again.

pub mod epoch;
pub mod intent;
mod notice;
mod open_log;
mod recover;
mod task;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use thiserror::Error;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use transparency_log::bundle::{self, BundleError};
use transparency_log::{Checkpoint, Hash};

use super::key::SigningKeys;
use super::record::Entry;
use super::storage::{Storage, StorageError};
pub use notice::{Gap, GapCause, Notice, Notices, SeenHead, StopReason};

/// What a waiting record counts for at least, so that there is also a limit to how many wait.
const ENTRY_COST_MIN: usize = 1024;

/// How logs are written.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name of the replica's logs, see [`check_replica`].
    pub replica: String,
    /// A log is closed when it is older.
    pub log_age_max: Duration,
    /// A log is closed when its entries have more bytes.
    pub log_bytes_max: u64,
    /// How many bytes of records may wait for a commit.
    pub queue_bytes_max: usize,
    /// How long records that nobody waits for are gathered before a commit.
    pub linger: Duration,
    /// How often the heads of other logs are recorded.
    pub cross_link_every: Duration,
    /// The time of day.
    pub clock: fn() -> SystemTime,
}

impl Settings {
    /// The settings that docs/evidence/log-v1.md gives as defaults.
    pub fn new(replica: &str) -> Self {
        Self {
            replica: replica.to_owned(),
            log_age_max: Duration::from_secs(30 * 24 * 60 * 60),
            log_bytes_max: 1 << 30,
            queue_bytes_max: 32 << 20,
            // Longer, and what waits does not stay in the processor's caches; shorter, and files are
            // made and replaced more often.
            linger: Duration::from_millis(500),
            cross_link_every: Duration::from_secs(60 * 60),
            clock: SystemTime::now,
        }
    }
}

/// Whether a text can name a replica: 1 to 63 characters of `a-z`, `0-9`, `-`, `.`, the first and last a
/// letter or digit.
pub fn check_replica(name: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=63).contains(&name.len())
        && name.chars().all(|c| is_inner(c) || c == '-' || c == '.')
        && name.starts_with(is_inner)
        && name.ends_with(is_inner)
}

/// A record for the log with its leaf hash, which whoever made it mostly knows.
#[derive(Clone, Debug)]
pub struct Leaf {
    entry: Vec<u8>,
    hash: Hash,
}

impl From<Vec<u8>> for Leaf {
    fn from(entry: Vec<u8>) -> Self {
        let hash = Hash::leaf(&entry);
        Self { entry, hash }
    }
}

impl From<Entry> for Leaf {
    fn from(record: Entry) -> Self {
        Self {
            entry: record.bytes,
            hash: Hash::new(*record.leaf.as_bytes()),
        }
    }
}

/// Where a record is. It is durable, under a signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The log.
    pub origin: Arc<str>,
    /// The number of the record in it.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Hash,
}

/// Why a record is not in the log.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AppendError {
    /// No log can hold it.
    #[error("the record cannot be in a log: {0}")]
    Entry(#[from] BundleError),
    /// Too many wait.
    #[error("the queue of records is full: the store does not keep up")]
    QueueFull,
    /// The writer has ended.
    #[error("the log is closed")]
    Closed,
    /// The store failed. Whether the record is in the log turns out later.
    #[error("the record could not be written: {0}")]
    Storage(Arc<str>),
}

/// Why there is no log to write to.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The replica's name could not be a directory's, or would not be the same everywhere.
    #[error(
        "`{0}` cannot name a replica: give 1 to 63 characters of `a-z`, `0-9`, `-` and `.`, the first \
         and last a letter or digit"
    )]
    Replica(String),
    /// The store refused.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a server shows of its log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The log that is being written; empty before the first commit.
    pub origin: String,
    /// How many records it has.
    pub size: u64,
    /// How many records were lost since the process began.
    pub lost: u64,
    /// Why the last commit failed; `None` if it did not.
    pub failing: Option<String>,
}

/// A log that is being written. Clones write the same one.
#[derive(Clone, Debug)]
pub struct Log {
    messages: mpsc::UnboundedSender<task::Message>,
    room: Arc<Semaphore>,
    room_max: usize,
    losses: Arc<task::Losses>,
    status: watch::Receiver<Status>,
    clock: fn() -> SystemTime,
}

impl Log {
    /// Opens the replica's log, or a new one, and begins it with a `start` record. A store that cannot
    /// be reached is no error: appending fails until it can.
    ///
    /// # Errors
    /// The replica's name is none, or another process writes its logs.
    pub async fn open(
        storage: Arc<dyn Storage>,
        keys: SigningKeys,
        settings: Settings,
        notices: Notices,
    ) -> Result<Self, OpenError> {
        if !check_replica(&settings.replica) {
            return Err(OpenError::Replica(settings.replica));
        }
        let room_max = settings.queue_bytes_max.min(Semaphore::MAX_PERMITS);
        let room = Arc::new(Semaphore::new(room_max));
        let clock = settings.clock;
        let (messages, received) = mpsc::unbounded_channel();
        let (status, watched) = watch::channel(Status::default());
        let losses = Arc::new(task::Losses::default());
        let mut writer = task::Writer::new(
            storage,
            keys,
            settings,
            notices,
            status,
            Arc::clone(&losses),
        );
        writer.begin().await?;
        tokio::spawn(writer.run(received));
        Ok(Self {
            messages,
            room,
            room_max,
            losses,
            status: watched,
            clock,
        })
    }

    /// Appends a record; returns when it is durable.
    ///
    /// # Errors
    /// It is too large, too many wait, or the store failed: then the record counts as lost.
    pub async fn append(&self, record: impl Into<Leaf>) -> Result<Appended, AppendError> {
        let (answer, answered) = oneshot::channel();
        self.send(record.into(), Some(answer))?;
        answered.await.unwrap_or(Err(AppendError::Closed))
    }

    /// Appends a record without waiting. It is lost if the process is killed before the next commit.
    ///
    /// # Errors
    /// It is too large, or too many wait: then it counts as lost.
    pub fn enqueue(&self, record: impl Into<Leaf>) -> Result<(), AppendError> {
        self.send(record.into(), None)
    }

    /// What is being written, and whether it works.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Writes what waits and a `stop` record, and ends the writer.
    ///
    /// # Errors
    /// The store failed; what waited is lost.
    pub async fn close(&self, reason: StopReason) -> Result<(), AppendError> {
        let (answer, answered) = oneshot::channel();
        self.messages
            .send(task::Message::Close { reason, answer })
            .map_err(|_| AppendError::Closed)?;
        answered.await.unwrap_or(Err(AppendError::Closed))
    }

    fn send(
        &self,
        leaf: Leaf,
        answer: Option<oneshot::Sender<Result<Appended, AppendError>>>,
    ) -> Result<(), AppendError> {
        let at = (self.clock)();
        if let Err(error) = bundle::check(&leaf.entry) {
            self.losses.add(1, GapCause::TooLarge, at);
            return Err(error.into());
        }
        let cost = leaf.entry.len().max(ENTRY_COST_MIN).min(self.room_max);
        let cost = u32::try_from(cost).unwrap_or(u32::MAX);
        let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(cost) else {
            self.losses.add(1, GapCause::QueueFull, at);
            return Err(AppendError::QueueFull);
        };
        let item = task::Item {
            leaf,
            answer,
            at,
            _room: room,
        };
        self.messages
            .send(task::Message::Item(item))
            .map_err(|_| AppendError::Closed)
    }
}

/// The heads of the newest logs of other replicas, at most `limit`.
///
/// # Errors
/// The store could not be asked.
pub async fn other_heads(
    storage: &dyn Storage,
    replica: &str,
    limit: usize,
) -> Result<Vec<SeenHead>, StorageError> {
    let mut heads = Vec::new();
    for other in storage.directories("").await? {
        if heads.len() == limit {
            break;
        }
        if other == replica || !check_replica(&other) {
            continue;
        }
        let epochs = storage.directories(&other).await?;
        let Some(newest) = epochs
            .iter()
            .filter(|name| epoch::parse(name).is_some())
            .max()
        else {
            continue;
        };
        let path = format!("{other}/{newest}/checkpoint");
        let Some(stored) = storage.read(&path).await? else {
            continue;
        };
        if let Ok((head, _)) = Checkpoint::parse(&stored.bytes)
            && let Ok(note) = std::str::from_utf8(&stored.bytes)
        {
            let note = note.to_owned();
            heads.push(SeenHead { head, note });
        }
    }
    Ok(heads)
}

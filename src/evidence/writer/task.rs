//! The task that owns the log: gathers what waits, commits it, answers.

mod commit;
mod losses;
mod ready;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use tokio::time::Instant;
use transparency_log::Checkpoint;

use self::commit::prepare;
pub use self::losses::Losses;
use super::notice::{Notice, Notices, StopReason};
use super::open_log::{OpenLog, hashed};
use super::{AppendError, Appended, Leaf, OpenError, Settings, Status};
use crate::evidence::key::SigningKeys;
use crate::evidence::storage::{Claim, Storage, StorageError};

/// The most records and bytes of one commit; more wait for the next.
const COMMIT_ENTRIES_MAX: usize = 4096;
const COMMIT_BYTES_MAX: usize = 8 << 20;

/// When records that nobody waits for are tried again after the store failed.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How often it is looked what else came while records that nobody waits for are gathered. Being woken
/// by each of them takes longer than writing it.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A record that waits.
#[derive(Debug)]
pub struct Item {
    pub leaf: Leaf,
    pub answer: Option<oneshot::Sender<Result<Appended, AppendError>>>,
    pub at: SystemTime,
    pub _room: OwnedSemaphorePermit,
}

/// What the task is told.
#[derive(Debug)]
pub enum Message {
    Item(Item),
    Close {
        reason: StopReason,
        answer: oneshot::Sender<Result<(), AppendError>>,
    },
}

/// A commit that failed: it may yet turn out to be in the log.
#[derive(Debug)]
struct InDoubt {
    origin: String,
    to: u64,
    /// What became of its records, once that is known.
    fate: Option<Fate>,
}

/// The records of a commit that failed.
#[derive(Debug)]
struct Fate {
    /// How many were answered with an error, and count as lost.
    answered: u64,
    /// Those that nobody waits for.
    kept: Vec<Item>,
}

/// The task.
#[derive(Debug)]
pub struct Writer {
    storage: Arc<dyn Storage>,
    keys: SigningKeys,
    settings: Settings,
    notices: Notices,
    status: watch::Sender<Status>,
    losses: Arc<Losses>,
    claim: Option<Claim>,
    log: Option<OpenLog>,
    /// Set while the log's `start` record is not written.
    start: Option<Option<Checkpoint>>,
    is_cross_link_due: bool,
    is_abandoned: bool,
    in_doubt: Option<InDoubt>,
    /// Records that nobody waits for, which could not be tried.
    kept: Vec<Item>,
    /// How many were answered by the last commit, and how long it took.
    last: (usize, Duration),
}

impl Writer {
    pub fn new(
        storage: Arc<dyn Storage>,
        keys: SigningKeys,
        settings: Settings,
        notices: Notices,
        status: watch::Sender<Status>,
        losses: Arc<Losses>,
    ) -> Self {
        Self {
            storage,
            keys,
            settings,
            notices,
            status,
            losses,
            claim: None,
            log: None,
            start: None,
            is_cross_link_due: false,
            is_abandoned: false,
            in_doubt: None,
            kept: Vec::new(),
            last: (0, Duration::ZERO),
        }
    }

    /// Claims the replica's logs and writes the `start` record, if the store can be reached.
    pub async fn begin(&mut self) -> Result<(), OpenError> {
        match self.storage.claim(&self.settings.replica).await {
            Ok(claim) => self.claim = Some(claim),
            Err(error @ StorageError::Locked { .. }) => return Err(error.into()),
            Err(error) => {
                tracing::error!(%error, "the evidence log cannot be opened");
                self.report(Some(&error));
                return Ok(());
            }
        }
        self.commit(Vec::new()).await;
        Ok(())
    }

    /// Runs until it is closed, or every handle is dropped.
    pub async fn run(mut self, mut messages: mpsc::UnboundedReceiver<Message>) {
        let mut cross_link = Instant::now() + self.settings.cross_link_every;
        loop {
            let retry = Instant::now() + RETRY_AFTER;
            let message = tokio::select! {
                message = messages.recv() => message,
                () = tokio::time::sleep_until(cross_link) => {
                    cross_link = Instant::now() + self.settings.cross_link_every;
                    self.is_cross_link_due = true;
                    self.commit(Vec::new()).await;
                    continue;
                }
                () = tokio::time::sleep_until(retry), if self.has_kept() => {
                    self.commit(Vec::new()).await;
                    continue;
                }
            };
            let (items, close) = self.gather(message, &mut messages).await;
            if !items.is_empty() {
                self.commit(items).await;
            }
            match close {
                Some(Message::Close { reason, answer }) => {
                    let _ = answer.send(self.stop(reason).await);
                    return;
                }
                Some(Message::Item(_)) | None => {}
            }
            if messages.is_closed() && messages.is_empty() {
                return;
            }
        }
    }

    /// What one commit takes, and a request to close that came after it.
    async fn gather(
        &self,
        first: Option<Message>,
        messages: &mut mpsc::UnboundedReceiver<Message>,
    ) -> (Vec<Item>, Option<Message>) {
        let now = Instant::now();
        let (expected, took) = self.last;
        // Whom the last commit answered asks again soon. Waiting for them costs less than it saves.
        let (soon, deadline) = (now + took / 2, now + self.settings.linger);
        let (mut items, mut bytes, mut is_awaited) = (Vec::new(), 0, false);
        let mut next = first;
        loop {
            match next {
                Some(Message::Item(item)) => {
                    bytes += item.leaf.entry.len();
                    is_awaited |= item.answer.is_some();
                    items.push(item);
                }
                close @ (Some(Message::Close { .. }) | None) => return (items, close),
            }
            if items.len() >= COMMIT_ENTRIES_MAX || bytes >= COMMIT_BYTES_MAX {
                return (items, None);
            }
            next = match messages.try_recv() {
                Ok(message) => Some(message),
                Err(_) if is_awaited && items.len() >= expected => return (items, None),
                Err(_) if is_awaited => {
                    let until = soon.min(deadline);
                    match tokio::time::timeout_at(until, messages.recv()).await {
                        Ok(message) => message,
                        Err(_) => return (items, None),
                    }
                }
                Err(_) => match self.look_again(deadline, messages).await {
                    Ok(message) => Some(message),
                    Err(_) => return (items, None),
                },
            };
        }
    }

    /// The next message that is there at one of the looks until the deadline.
    async fn look_again(
        &self,
        deadline: Instant,
        messages: &mut mpsc::UnboundedReceiver<Message>,
    ) -> Result<Message, TryRecvError> {
        loop {
            let look = Instant::now() + LOOK_EVERY;
            tokio::time::sleep_until(look.min(deadline)).await;
            match messages.try_recv() {
                Err(TryRecvError::Empty) if look < deadline => {}
                other => return other,
            }
        }
    }

    /// Writes what is kept and the last record.
    async fn stop(&mut self, reason: StopReason) -> Result<(), AppendError> {
        let stop = self.notices.record(&Notice::Stop { reason, next: None });
        let written = async {
            if self.has_kept() || self.log.is_none() {
                self.make_ready().await?;
                let kept = std::mem::take(&mut self.kept);
                self.write(&kept).await?;
            }
            if let Some(log) = &mut self.log {
                let prepared = prepare(log, [hashed(&stop)])?;
                log.commit(&*self.storage, prepared).await?;
            }
            Ok::<_, StorageError>(())
        };
        let result = written.await;
        self.report(result.as_ref().err());
        self.claim = None;
        result.map_err(|error| AppendError::Storage(error.to_string().into()))
    }

    fn report(&self, error: Option<&StorageError>) {
        self.status.send_modify(|status| {
            if let Some(log) = &self.log {
                status.origin.clone_from(&log.origin);
                status.size = log.tree.size();
            }
            status.lost = self.losses.total();
            status.failing = error.map(ToString::to_string);
        });
    }
}

//! The task that owns the log: gathers what waits, commits it, answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot, watch};
use tokio::time::Instant;
use transparency_log::Checkpoint;
use transparency_log::bundle;

use super::notice::{Gap, GapCause, Notice, Notices, StopReason};
use super::open_log::{OpenLog, Prepared};
use super::{AppendError, Appended, OpenError, Settings, Status, other_heads, recover};
use crate::evidence::key::SigningKeys;
use crate::evidence::storage::{Claim, Storage, StorageError};

/// The most records and bytes of one commit; more wait for the next.
const COMMIT_ENTRIES_MAX: usize = 4096;
const COMMIT_BYTES_MAX: usize = 8 << 20;

/// When records that nobody waits for are tried again after the store failed.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How many other logs a `cross-link` record names.
const CROSS_LINKS_MAX: usize = 64;

/// A record that waits.
#[derive(Debug)]
pub struct Item {
    pub entry: Vec<u8>,
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

/// Records that were lost and are not told yet.
#[derive(Debug, Default)]
pub struct Losses(Mutex<(BTreeMap<GapCause, Gap>, u64)>);

impl Losses {
    /// Counts losses.
    pub fn add(&self, count: u64, cause: GapCause, at: SystemTime) {
        if count == 0 {
            return;
        }
        let mut losses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        losses.1 += count;
        let gap = losses.0.entry(cause).or_insert(Gap {
            count: 0,
            from: at,
            to: at,
            cause,
        });
        gap.count += count;
        gap.from = gap.from.min(at);
        gap.to = gap.to.max(at);
    }

    /// Takes back losses that turned out to be none.
    fn forgive(&self, count: u64, cause: GapCause) {
        let mut losses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        losses.1 = losses.1.saturating_sub(count);
        if let Some(gap) = losses.0.get_mut(&cause) {
            gap.count = gap.count.saturating_sub(count);
        }
        losses.0.retain(|_, gap| gap.count > 0);
    }

    fn gaps(&self) -> Vec<Gap> {
        let losses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        losses.0.values().cloned().collect()
    }

    /// Takes away what a record tells now; what was lost since stays.
    fn told(&self, gaps: &[Gap]) {
        let mut losses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for told in gaps {
            if let Some(gap) = losses.0.get_mut(&told.cause) {
                gap.count = gap.count.saturating_sub(told.count);
                gap.from = told.to;
            }
        }
        losses.0.retain(|_, gap| gap.count > 0);
    }

    fn total(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
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
        let deadline = Instant::now() + self.settings.linger;
        let (mut items, mut bytes, mut is_awaited) = (Vec::new(), 0, false);
        let mut next = first;
        loop {
            match next {
                Some(Message::Item(item)) => {
                    bytes += item.entry.len();
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
                Err(_) if is_awaited => return (items, None),
                Err(_) => match tokio::time::timeout_at(deadline, messages.recv()).await {
                    Ok(message) => message,
                    Err(_) => return (items, None),
                },
            };
        }
    }

    /// Writes items, and those kept before them; answers all that are waited for.
    async fn commit(&mut self, items: Vec<Item>) {
        let result = self.make_ready().await;
        let mut all = std::mem::take(&mut self.kept);
        all.extend(items);
        let result = match result {
            Ok(()) => self.write(&all).await,
            Err(error) => Err(error),
        };
        self.report(result.as_ref().err());
        match result {
            Ok(appended) => {
                for (item, appended) in all.into_iter().zip(appended) {
                    if let Some(answer) = item.answer {
                        let _ = answer.send(Ok(appended));
                    }
                }
            }
            Err(error) => self.fail(all, &error),
        }
    }

    /// Answers what is waited for with the error, and keeps the rest for the next commit.
    fn fail(&mut self, items: Vec<Item>, error: &StorageError) {
        tracing::error!(%error, records = items.len(), "records could not be written");
        let text: Arc<str> = error.to_string().into();
        let mut answered = 0;
        let mut kept = Vec::new();
        for mut item in items {
            match item.answer.take() {
                Some(answer) => {
                    answered += 1;
                    self.losses.add(1, GapCause::Storage, item.at);
                    let _ = answer.send(Err(AppendError::Storage(Arc::clone(&text))));
                }
                None => kept.push(item),
            }
        }
        match &mut self.in_doubt {
            Some(doubt) if doubt.fate.is_none() => doubt.fate = Some(Fate { answered, kept }),
            _ => self.kept.extend(kept),
        }
        // The lost ones changed the number.
        self.report(Some(error));
    }

    /// A log to write to: after a failure, whatever can be gone on with.
    async fn make_ready(&mut self) -> Result<(), StorageError> {
        let storage = Arc::clone(&self.storage);
        if self.claim.is_none() {
            self.claim = Some(storage.claim(&self.settings.replica).await?);
        }
        if self.log.is_none() {
            let now = (self.settings.clock)();
            let replica = &self.settings.replica;
            let recovered =
                recover::recover(&*storage, &self.keys, replica, now, self.is_abandoned).await?;
            self.is_abandoned = false;
            self.is_cross_link_due = true;
            self.resolve_doubt(&recovered.log);
            self.start = Some(recovered.resumes);
            self.log = Some(recovered.log);
        }
        self.roll_over(&*storage).await
    }

    /// The commit that failed may have been finished after all.
    fn resolve_doubt(&mut self, log: &OpenLog) {
        let Some(InDoubt { origin, to, fate }) = self.in_doubt.take() else {
            return;
        };
        let Some(Fate { answered, mut kept }) = fate else {
            return;
        };
        if origin == log.origin && to <= log.tree.size() {
            self.losses.forgive(answered, GapCause::Storage);
        } else {
            kept.append(&mut self.kept);
            self.kept = kept;
        }
    }

    /// Whether records wait for the store to work again, without anybody waiting for them.
    fn has_kept(&self) -> bool {
        let fate = self.in_doubt.as_ref().and_then(|doubt| doubt.fate.as_ref());
        !self.kept.is_empty() || fate.is_some_and(|fate| !fate.kept.is_empty())
    }

    /// Closes a log that is old or large enough, and opens the next.
    async fn roll_over(&mut self, storage: &dyn Storage) -> Result<(), StorageError> {
        let Some(log) = &mut self.log else {
            return Ok(());
        };
        let now = (self.settings.clock)();
        let age = now.duration_since(log.opened).unwrap_or_default();
        let is_due =
            age > self.settings.log_age_max || log.entry_bytes > self.settings.log_bytes_max;
        if !is_due || log.tree.size() == 0 {
            return Ok(());
        }
        let epoch = log.directory.rsplit('/').next();
        let replica = &self.settings.replica;
        let next = recover::create(storage, &self.keys, replica, now, epoch).await?;
        let mut entries: Vec<Vec<u8>> = Vec::new();
        if let Some(resumes) = self.start.take() {
            let resumes = resumes.as_ref();
            entries.push(self.notices.record(&Notice::Start { resumes }));
        }
        entries.push(self.notices.record(&Notice::Stop {
            reason: StopReason::RollOver,
            next: Some(&next.origin),
        }));
        let written = match prepare(log, &entries) {
            Ok(prepared) => log.commit(storage, prepared).await,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            self.log = None;
            return Err(error);
        }
        self.start = Some(Some(log.head()));
        self.is_cross_link_due = true;
        self.log = Some(next);
        Ok(())
    }

    /// Writes one commit: what there is to say about the log, then the items.
    async fn write(&mut self, items: &[Item]) -> Result<Vec<Appended>, StorageError> {
        let gaps = self.losses.gaps();
        let notices = self.due_notices(&gaps).await;
        let Some(log) = &mut self.log else {
            return Ok(Vec::new());
        };
        if notices.is_empty() && items.is_empty() {
            return Ok(Vec::new());
        }
        let said = notices.len();
        let origin: Arc<str> = log.origin.as_str().into();
        let first = log.tree.size() + said as u64;
        let entries = notices.iter().chain(items.iter().map(|item| &item.entry));
        let prepared = prepare(log, entries)?;
        let leaves = prepared.leaves.clone();
        let to = prepared.size();
        if let Err(error) = log.commit(&*self.storage, prepared).await {
            self.is_abandoned = matches!(error, StorageError::Conflict { .. });
            self.in_doubt = Some(InDoubt {
                origin: log.origin.clone(),
                to,
                fate: None,
            });
            self.log = None;
            return Err(error);
        }
        self.start = None;
        self.is_cross_link_due = false;
        self.losses.told(&gaps);
        let appended = leaves.into_iter().skip(said).enumerate();
        let appended = appended.map(|(number, leaf)| Appended {
            origin: Arc::clone(&origin),
            index: first + number as u64,
            leaf,
        });
        Ok(appended.collect())
    }

    /// The records about the log itself that go before the items.
    async fn due_notices(&self, gaps: &[Gap]) -> Vec<Vec<u8>> {
        let mut due = Vec::new();
        if let Some(resumes) = &self.start {
            let resumes = resumes.as_ref();
            due.push(self.notices.record(&Notice::Start { resumes }));
        }
        if self.is_cross_link_due {
            let replica = &self.settings.replica;
            match other_heads(&*self.storage, replica, CROSS_LINKS_MAX).await {
                Ok(heads) if !heads.is_empty() => {
                    due.push(self.notices.record(&Notice::CrossLink(&heads)));
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the heads of other logs cannot be read"),
            }
        }
        due.extend(
            gaps.iter()
                .map(|gap| self.notices.record(&Notice::Gap(gap))),
        );
        // What no log can hold must not keep records from being written.
        due.retain(|record| {
            let fits = bundle::check(record);
            if let Err(error) = &fits {
                tracing::error!(%error, "a record about the log itself is left out");
            }
            fits.is_ok()
        });
        due
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
                let prepared = prepare(log, [&stop])?;
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

/// Entries were checked when they came in; a notice that does not fit is a bug of whoever makes them.
fn prepare<'a>(
    log: &OpenLog,
    entries: impl IntoIterator<Item = &'a Vec<u8>>,
) -> Result<Prepared, StorageError> {
    let prepared = log.prepare(entries.into_iter().map(Vec::as_slice));
    prepared.map_err(|error| StorageError::Remote {
        action: "prepare a commit of",
        path: log.directory.clone(),
        reason: error.to_string(),
    })
}

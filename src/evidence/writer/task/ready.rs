//! A log to write to: gone on with after a failure, and followed by another when it is old or large
//! enough.

use std::sync::Arc;

use super::commit::prepare;
use super::{Fate, InDoubt, Writer};
use crate::evidence::storage::{Storage, StorageError};
use crate::evidence::writer::notice::{GapCause, Notice, StopReason};
use crate::evidence::writer::open_log::{OpenLog, hashed};
use crate::evidence::writer::recover;

impl Writer {
    /// A log to write to: after a failure, whatever can be gone on with.
    pub(super) async fn make_ready(&mut self) -> Result<(), StorageError> {
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
    pub(super) fn has_kept(&self) -> bool {
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
        let written = match prepare(log, entries.iter().map(|entry| hashed(entry))) {
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
}

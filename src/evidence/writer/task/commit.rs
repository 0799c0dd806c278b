//! One commit: what there is to say about the log, then the records that wait.

use std::sync::Arc;
use std::time::Instant;

use transparency_log::{Hash, bundle};

use super::{Fate, InDoubt, Item, Writer};
use crate::evidence::storage::StorageError;
use crate::evidence::writer::notice::{Gap, GapCause, Notice};
use crate::evidence::writer::open_log::{OpenLog, Prepared, hashed};
use crate::evidence::writer::{AppendError, Appended, other_heads};

/// How many other logs a `cross-link` record names.
const CROSS_LINKS_MAX: usize = 64;

impl Writer {
    /// Writes items, and those kept before them; answers all that are waited for.
    pub(super) async fn commit(&mut self, items: Vec<Item>) {
        let result = self.make_ready().await;
        let mut all = std::mem::take(&mut self.kept);
        all.extend(items);
        all.retain(|item| !self.is_given_up(item));
        let (awaited, start) = (
            all.iter().filter(|item| item.answer.is_some()).count(),
            Instant::now(),
        );
        let result = match result {
            Ok(()) => self.write(&all).await,
            Err(error) => Err(error),
        };
        self.report(result.as_ref().err());
        match result {
            Ok(appended) => {
                self.last = (awaited, start.elapsed());
                for (item, appended) in all.into_iter().zip(appended) {
                    if let Some(answer) = item.answer {
                        let _ = answer.send(Ok(appended));
                    }
                }
            }
            Err(error) => self.fail(all, &error),
        }
    }

    /// Whether somebody waited for an item who was told meanwhile that it is lost: it must not turn
    /// up after all.
    fn is_given_up(&self, item: &Item) -> bool {
        let is_given_up = item
            .answer
            .as_ref()
            .is_some_and(|answer| answer.is_closed());
        self.losses
            .add(is_given_up.into(), GapCause::Storage, item.at);
        is_given_up
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

    /// Writes one commit: what there is to say about the log, then the items.
    pub(super) async fn write(&mut self, items: &[Item]) -> Result<Vec<Appended>, StorageError> {
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
        let said_first = notices.iter().map(|notice| hashed(notice));
        let items = items.iter().map(|item| (&*item.leaf.entry, item.leaf.hash));
        let entries = said_first.chain(items);
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
}

/// Entries were checked when they came in; a notice that does not fit is a bug of whoever makes them.
pub(super) fn prepare<'a>(
    log: &OpenLog,
    entries: impl IntoIterator<Item = (&'a [u8], Hash)>,
) -> Result<Prepared, StorageError> {
    log.prepare(entries).map_err(|error| StorageError::Remote {
        action: "prepare a commit of",
        path: log.directory.clone(),
        reason: error.to_string(),
    })
}

//! A store that fails at every point where something is written: what was answered is there, and
//! the logs verify, before and after the writer returns.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use cattlegrid::evidence::storage::{Claim, Listed, Storage, StorageError, Stored, Version};
use cattlegrid::evidence::verify::LogReport;
use cattlegrid::evidence::writer::{Appended, Log, StopReason};
use transparency_log::Hash;

use crate::support::*;

/// What happens to the write that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It is not done.
    Before,
    /// It is done, and nobody hears of it.
    After,
    /// Nothing may ever be deleted; all else works.
    NoDeleting,
}

/// Fails at one write, and then as often as asked.
#[derive(Debug)]
struct Faulty {
    inner: Arc<dyn Storage>,
    fault: Fault,
    /// Writes until the first that fails.
    left: AtomicUsize,
    /// How many calls fail from then on.
    failures: Mutex<usize>,
}

impl Faulty {
    fn new(inner: &Arc<dyn Storage>, fault: Fault, at: usize, failures: usize) -> Arc<Self> {
        Arc::new(Self {
            inner: Arc::clone(inner),
            fault,
            left: AtomicUsize::new(at),
            failures: Mutex::new(failures),
        })
    }

    fn error() -> StorageError {
        StorageError::Remote {
            action: "use",
            path: "the store".to_owned(),
            reason: "it is broken by the test".to_owned(),
        }
    }

    fn has_broken(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }

    /// An error while the store is broken.
    fn call(&self) -> Result<(), StorageError> {
        if !self.has_broken() {
            return Ok(());
        }
        let mut failures = self.failures.lock().unwrap();
        if *failures == 0 {
            return Ok(());
        }
        *failures -= 1;
        Err(Self::error())
    }

    /// Whether this write is the first that fails.
    fn breaks(&self) -> bool {
        let left = self.left.load(Ordering::SeqCst);
        self.left.store(left.saturating_sub(1), Ordering::SeqCst);
        left == 1
    }

    async fn write<T>(
        &self,
        write: impl Future<Output = Result<T, StorageError>> + Send,
    ) -> Result<T, StorageError> {
        self.call()?;
        if !self.breaks() {
            return write.await;
        }
        if self.fault == Fault::After {
            write.await?;
        }
        Err(Self::error())
    }
}

#[async_trait]
impl Storage for Faulty {
    async fn claim(&self, replica: &str) -> Result<Claim, StorageError> {
        self.inner.claim(replica).await
    }

    async fn read(&self, path: &str) -> Result<Option<Stored>, StorageError> {
        self.call()?;
        self.inner.read(path).await
    }

    async fn create(&self, files: &[(String, Vec<u8>)]) -> Result<(), StorageError> {
        for file in files {
            self.write(self.inner.create(std::slice::from_ref(file)))
                .await?;
        }
        Ok(())
    }

    async fn replace(
        &self,
        path: &str,
        bytes: &[u8],
        before: Option<&Version>,
    ) -> Result<Version, StorageError> {
        self.write(self.inner.replace(path, bytes, before)).await
    }

    async fn delete(&self, paths: &[String]) -> Result<(), StorageError> {
        if self.fault == Fault::NoDeleting {
            return Err(Self::error());
        }
        for path in paths {
            self.write(self.inner.delete(std::slice::from_ref(path)))
                .await?;
        }
        Ok(())
    }

    async fn list(&self, below: &str) -> Result<Vec<Listed>, StorageError> {
        self.call()?;
        self.inner.list(below).await
    }

    async fn directories(&self, of: &str) -> Result<Vec<String>, StorageError> {
        self.call()?;
        self.inner.directories(of).await
    }
}

/// Appends commits of several sizes; returns what was answered.
async fn append_all(log: &Log, first: usize) -> Vec<(Vec<u8>, Appended)> {
    let mut answered = Vec::new();
    let mut number = first;
    for size in [1, 3, 260, 250, 2] {
        let records: Vec<Vec<u8>> = (number..number + size).map(record).collect();
        number += size;
        let appended = records.iter().map(|record| log.append(record.clone()));
        let appended = futures::future::join_all(appended).await;
        let pairs = records.into_iter().zip(appended);
        answered.extend(pairs.filter_map(|(record, appended)| Some((record, appended.ok()?))));
    }
    answered
}

/// Every answered record is where the answer said, and all holds.
async fn check_answered(storage: &Arc<dyn Storage>, answered: &[(Vec<u8>, Appended)], when: &str) {
    let report = check(storage).await;
    assert_eq!(found(&report), [""; 0], "{when}");
    for (record, appended) in answered {
        let origin = &*appended.origin;
        let is_it = |log: &&LogReport| log.head.as_ref().is_some_and(|head| head.origin == origin);
        let log = report.logs.iter().find(is_it);
        let leaf = log.unwrap().leaves.get(appended.index as usize);
        assert_eq!(leaf, Some(&Hash::leaf(record)), "{when}: {appended:?}");
        assert_eq!(leaf, Some(&appended.leaf), "{when}");
    }
}

/// A crash at each write of the scenario, until there are no more.
async fn crash_everywhere(
    make: impl Fn() -> Arc<dyn Storage>,
    fault: Fault,
    points: impl Iterator<Item = usize>,
) -> usize {
    for at in points {
        let storage = make();
        let when = format!("write {at}, {fault:?}");
        let faulty = Faulty::new(&storage, fault, at, usize::MAX);
        let broken: Arc<dyn Storage> = Arc::<Faulty>::clone(&faulty);
        let log = open(&broken, "one").await;
        let mut answered = append_all(&log, 0).await;
        if !faulty.has_broken() {
            return at - 1;
        }
        // The writer has ended when it has answered this; the lock goes with it.
        let _ = log.close(StopReason::Error).await;
        check_answered(&storage, &answered, &when).await;
        let log = open(&storage, "one").await;
        let more = append_all(&log, 10_000).await;
        assert_eq!(more.len(), 516, "{when}");
        answered.extend(more);
        log.close(StopReason::Signal).await.unwrap();
        check_answered(&storage, &answered, &when).await;
    }
    unreachable!("the scenario writes more often than there are points")
}

#[tokio::test]
async fn a_bucket_that_breaks_at_any_write_loses_nothing_that_was_answered() {
    for fault in [Fault::Before, Fault::After] {
        let points = crash_everywhere(memory, fault, 1..).await;
        assert!(points > 30, "{points}");
    }
}

#[tokio::test]
async fn a_directory_that_breaks_at_any_write_loses_nothing_that_was_answered() {
    let directories = Mutex::new(Vec::new());
    let make = || {
        let (storage, directory) = directory();
        directories.lock().unwrap().push(directory);
        storage
    };
    for fault in [Fault::Before, Fault::After] {
        // Syncing to disk takes long: of the same points only some.
        let points = crash_everywhere(make, fault, (1..).step_by(7)).await;
        assert!(points > 30, "{points}");
    }
}

#[tokio::test]
async fn a_store_that_recovers_is_written_to_again_and_every_loss_is_told() {
    for fault in [Fault::Before, Fault::After] {
        for failures in [0, 1, 5] {
            for at in 1..=40 {
                let storage = memory();
                let when = format!("write {at}, {fault:?}, {failures} more");
                let broken: Arc<dyn Storage> = Faulty::new(&storage, fault, at, failures);
                let log = open(&broken, "one").await;
                let mut answered = append_all(&log, 0).await;
                let mut tries = 0;
                while answered.is_empty() || tries < 10 {
                    let record = record(5000 + tries);
                    if let Ok(appended) = log.append(record.clone()).await {
                        answered.push((record, appended));
                    }
                    tries += 1;
                }
                let lost = log.status().borrow().lost;
                log.close(StopReason::Signal).await.unwrap();
                check_answered(&storage, &answered, &when).await;
                let report = check(&storage).await;
                let told = report.logs.iter().flat_map(|log| &log.notices);
                let told = told.filter(|notice| notice.contains(" lost (")).count();
                assert_eq!(told > 0, lost > 0, "{when}: {lost} lost");
            }
        }
    }
}

#[tokio::test]
async fn records_that_nobody_waits_for_outlive_a_failure() {
    for fault in [Fault::Before, Fault::After] {
        for at in 4..12 {
            let storage = memory();
            let broken: Arc<dyn Storage> = Faulty::new(&storage, fault, at, 3);
            let log = open(&broken, "one").await;
            for number in 0..20 {
                log.enqueue(record(number)).unwrap();
            }
            // Each attempt to append is an attempt to write what is kept.
            for number in 100..110 {
                let _ = log.append(record(number)).await;
            }
            log.close(StopReason::Signal).await.unwrap();
            let report = check(&storage).await;
            holds(&report);
            let leaves: Vec<Hash> = report
                .logs
                .iter()
                .flat_map(|log| log.leaves.clone())
                .collect();
            for number in 0..20 {
                let leaf = Hash::leaf(&record(number));
                let count = leaves.iter().filter(|found| **found == leaf).count();
                assert_eq!(count, 1, "write {at}, {fault:?}, record {number}");
            }
        }
    }
}

#[tokio::test]
async fn where_nothing_may_be_deleted_everything_that_stays_is_verified() {
    let storage = memory();
    let strict: Arc<dyn Storage> = Faulty::new(&storage, Fault::NoDeleting, usize::MAX, 0);
    let mut answered = Vec::new();
    for round in 0..3 {
        let log = open(&strict, "one").await;
        answered.extend(append_all(&log, round * 1000).await);
        log.close(StopReason::Signal).await.unwrap();
        check_answered(&storage, &answered, "nothing is deleted").await;
    }
    assert_eq!(answered.len(), 3 * 516);
    assert_eq!(check(&storage).await.logs.len(), 1);
    // A replaced tile that is altered is found, though the head does not need it.
    let listed = storage.list("").await.unwrap();
    let replaced = listed
        .iter()
        .find(|file| file.path.ends_with("tile/0/000.p/1"))
        .unwrap();
    storage
        .delete(std::slice::from_ref(&replaced.path))
        .await
        .unwrap();
    let other = (replaced.path.clone(), vec![0; 32]);
    storage.create(&[other]).await.unwrap();
    let found = found(&check(&storage).await);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].contains("is no longer the beginning of the tile"),
        "{found:?}"
    );
}

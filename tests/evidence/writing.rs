//! What is appended is in a log that verifies.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use cattlegrid::evidence::verify::Expectations;
use cattlegrid::evidence::writer::{AppendError, OpenError, Settings, StopReason};

use crate::support::*;

#[tokio::test]
async fn a_record_is_where_the_answer_says() {
    let (storage, _directory) = directory();
    let log = open(&storage, "one").await;
    for number in 0..600 {
        let appended = log.append(record(number)).await.unwrap();
        // The first record is `start`.
        assert_eq!(appended.index, number as u64 + 1);
    }
    log.close(StopReason::Signal).await.unwrap();
    let expected = Expectations::default().pin(&[verifier(1)]).unwrap();
    let report = check_with(&storage, expected).await;
    holds(&report);
    assert_eq!(report.logs.len(), 1);
    assert_eq!(report.logs[0].size(), 602);
    assert_eq!(report.logs[0].notices, [""; 0]);
}

#[tokio::test]
async fn records_that_wait_share_commits() {
    for storage in [memory(), directory().0] {
        let log = open(&storage, "one").await;
        let waiting = (0..1000).map(|number| log.append(record(number)));
        let appended = futures::future::join_all(waiting).await;
        let mut indexes: Vec<u64> = appended.into_iter().map(|a| a.unwrap().index).collect();
        indexes.sort();
        assert_eq!(indexes, (1..=1000).collect::<Vec<u64>>());
        for number in 0..10 {
            log.enqueue(record(number)).unwrap();
        }
        log.close(StopReason::Signal).await.unwrap();
        let report = check(&storage).await;
        holds(&report);
        assert_eq!(report.logs[0].size(), 1012);
    }
}

#[tokio::test]
async fn only_files_of_the_head_stay() {
    let (storage, _directory) = directory();
    let log = open(&storage, "one").await;
    for number in 0..300 {
        log.append(record(number)).await.unwrap();
    }
    log.close(StopReason::Signal).await.unwrap();
    let listed = storage.list("one/20261123T005415000Z").await.unwrap();
    let names: Vec<&str> = listed.iter().map(|l| l.path.split_at(24).1).collect();
    let expected = [
        "checkpoint",
        "key.pub",
        "tile/0/000",
        "tile/0/001.p/46",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/46",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_replica_that_returns_goes_on_with_its_log() {
    for storage in [memory(), directory().0] {
        for round in 0..4 {
            let log = open(&storage, "one").await;
            for number in 0..100 {
                log.append(record(round * 100 + number)).await.unwrap();
            }
            log.close(StopReason::Signal).await.unwrap();
        }
        let report = check(&storage).await;
        holds(&report);
        assert_eq!(report.logs.len(), 1);
        assert_eq!(report.logs[0].size(), 4 * 102);
    }
}

#[tokio::test]
async fn other_keys_begin_a_new_log_that_names_the_one_before() {
    let storage = memory();
    for seeds in [&[1][..], &[1, 2], &[2]] {
        let log = open_with(&storage, keys(seeds), settings("one")).await;
        log.append(record(1)).await.unwrap();
        log.close(StopReason::Signal).await.unwrap();
    }
    let report = check(&storage).await;
    holds(&report);
    assert_eq!(report.logs.len(), 3);
    // Either key is enough where both signed.
    for (seed, findings) in [(1, 1), (2, 1), (3, 3)] {
        let pinned = Expectations::default().pin(&[verifier(seed)]).unwrap();
        let report = check_with(&storage, pinned).await;
        assert_eq!(found(&report).len(), findings, "{:?}", found(&report));
        assert!(
            found(&report)
                .iter()
                .all(|f| f.contains("is signed by no pinned key"))
        );
    }
}

#[tokio::test]
async fn a_large_or_old_log_is_closed_and_another_opened() {
    let (storage, _directory) = directory();
    let small = Settings {
        log_bytes_max: 10_000,
        ..settings("one")
    };
    let log = open_with(&storage, keys(&[1]), small).await;
    for number in 0..300 {
        log.append(record(number)).await.unwrap();
    }
    log.close(StopReason::Signal).await.unwrap();
    let report = check(&storage).await;
    holds(&report);
    let logs = report.logs.len();
    assert!(logs > 2, "{logs}");
    let later = Settings {
        clock: || UNIX_EPOCH + Duration::from_secs(1_795_395_255 + 31 * 24 * 60 * 60),
        ..settings("one")
    };
    let log = open_with(&storage, keys(&[1]), later).await;
    log.append(record(1)).await.unwrap();
    log.close(StopReason::Signal).await.unwrap();
    let report = check(&storage).await;
    holds(&report);
    assert_eq!(report.logs.len(), logs + 1);
}

#[tokio::test]
async fn logs_of_replicas_name_each_other_so_that_none_vanishes_unseen() {
    let (storage, directory) = directory();
    for replica in ["one", "two"] {
        let log = open(&storage, replica).await;
        log.append(record(1)).await.unwrap();
        log.close(StopReason::Signal).await.unwrap();
    }
    holds(&check(&storage).await);
    std::fs::remove_dir_all(directory.path().join("one")).unwrap();
    let report = check(&storage).await;
    let found = found(&report);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("vanished example.com/evidence/one/"),
        "{found:?}"
    );
    let later = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let retained = Expectations::default().retained_from(Some(later));
    holds(&check_with(&storage, retained).await);
}

#[tokio::test]
async fn what_no_log_can_hold_is_refused_and_told() {
    let storage = memory();
    let log = open(&storage, "one").await;
    let error = log.append(vec![b'x'; 65_536]).await.unwrap_err();
    assert!(matches!(error, AppendError::Entry(_)), "{error}");
    log.append(record(1)).await.unwrap();
    let report = check(&storage).await;
    holds(&report);
    assert_eq!(
        report.logs[0].notices,
        ["record 1: 1 record was lost (storage)"]
    );
}

#[tokio::test]
async fn a_full_queue_refuses_and_the_loss_is_told() {
    let storage = memory();
    let narrow = Settings {
        queue_bytes_max: 4096,
        linger: Duration::from_secs(3600),
        ..settings("one")
    };
    let log = open_with(&storage, keys(&[1]), narrow).await;
    for number in 1..5 {
        log.enqueue(record(number)).unwrap();
    }
    let error = log.enqueue(record(5)).unwrap_err();
    assert_eq!(error, AppendError::QueueFull);
    log.close(StopReason::Signal).await.unwrap();
    let report = check(&storage).await;
    holds(&report);
    assert_eq!(
        report.logs[0].notices,
        ["record 1: 1 record was lost (storage)"]
    );
    assert_eq!(log.status().borrow().lost, 1);
}

#[tokio::test]
async fn a_directory_has_one_writer() {
    let (storage, _directory) = directory();
    let log = open(&storage, "one").await;
    let other = cattlegrid::evidence::writer::Log::open(
        Arc::clone(&storage),
        keys(&[1]),
        settings("one"),
        notices(),
    );
    assert!(matches!(other.await, Err(OpenError::Storage(_))));
    log.append(record(1)).await.unwrap();
}

#[tokio::test]
async fn two_writers_of_one_bucket_never_fork_a_log() {
    let storage = memory();
    let (first, second) = (open(&storage, "one").await, open(&storage, "one").await);
    let mut answered = 0;
    for number in 0..50 {
        let (one, two) = tokio::join!(
            first.append(record(number)),
            second.append(record(1000 + number))
        );
        answered += usize::from(one.is_ok()) + usize::from(two.is_ok());
    }
    let report = check(&storage).await;
    holds(&report);
    assert!(answered > 50, "{answered}");
    let records: u64 = report.logs.iter().map(|log| log.size()).sum();
    assert!(records >= answered as u64, "{records} of {answered}");
}

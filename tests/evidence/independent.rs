//! Programs that are not ours verify our logs, on disk and in a bucket of a real S3 server.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use cattlegrid::evidence::storage::{Remote, Storage};
use cattlegrid::evidence::verify::{Expectations, LogReport};
use cattlegrid::evidence::writer::{Log, Settings, StopReason, other_heads};
use control_plane::evidence::{S3Server, build_verifier, fsck};
use object_store::aws::AmazonS3Builder;

use crate::attest::attestation;
use crate::support::*;

/// Three logs of different sizes, one of them of two levels of tiles, one with two keys.
async fn write(storage: &Arc<dyn Storage>) {
    for (replica, seeds, commits) in [
        ("small", &[1][..], &[1_usize][..]),
        ("rotating", &[1, 2], &[3, 252, 1, 1]),
        ("large", &[1], &[700, 1, 65_000, 12, 400]),
    ] {
        let settings = Settings {
            queue_bytes_max: 1 << 30,
            ..settings(replica)
        };
        let log = open_with(storage, keys(seeds), settings).await;
        append(&log, commits).await;
        log.close(StopReason::Signal).await.unwrap();
    }
}

async fn append(log: &Log, commits: &[usize]) {
    let mut number = 0;
    for commit in commits {
        let appended = (number..number + commit).map(|number| log.append(record(number)));
        for appended in futures::future::join_all(appended).await {
            appended.unwrap();
        }
        number += commit;
    }
}

/// Both verifiers, ours and theirs, agree on every log of a directory.
async fn check_both(storage: &Arc<dyn Storage>, directory: &Path) {
    let pinned = Expectations::default().pin(&[verifier(1)]).unwrap();
    let report = check_with(storage, pinned).await;
    holds(&report);
    assert_eq!(report.logs.len(), 3);
    for log in &report.logs {
        let theirs = fsck(&directory.join(&log.directory)).unwrap().unwrap();
        let origin = &log.head.as_ref().unwrap().origin;
        for line in theirs.lines() {
            assert_eq!(line, format!("{origin} {}", log.size()));
        }
    }
    let sizes: Vec<u64> = report.logs.iter().map(LogReport::size).collect();
    // In order of their names; each has a first and a last record, and mostly a link to others.
    assert!(sizes[0] > 65_536, "{sizes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_of_tessera_accepts_our_logs_and_refuses_altered_ones() {
    let (storage, directory) = directory();
    write(&storage).await;
    check_both(&storage, directory.path()).await;
    let log = directory.path().join("small/20261123T005415000Z");
    let bundle = log.join("tile/entries/000.p");
    let bundle = std::fs::read_dir(bundle)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let mut bytes = std::fs::read(&bundle).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    assert!(fsck(&log).unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tools_of_go_accept_our_proofs() {
    let (storage, _directory) = directory();
    let log = open(&storage, "one").await;
    append(&log, &[300]).await;
    log.close(StopReason::Signal).await.unwrap();
    let report = check(&storage).await;
    let head = report.logs[0].head.clone().unwrap();
    let proof = transparency_log::record_proof::RecordProof {
        entry: record(6),
        index: 7,
        path: transparency_log::proof::inclusion(&report.logs[0].leaves, 7).unwrap(),
        checkpoint: report.logs[0].note.clone(),
    };
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), proof.to_text()).unwrap();
    let key = transparency_log::VerifierKey::parse(&verifier(1)).unwrap();
    let key = key.named(&head.origin).unwrap().to_string();
    let output = Command::new(build_verifier().unwrap())
        .args(["proof", file.path().to_str().unwrap(), &key])
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let expected = String::from_utf8(record(6)).unwrap();
    assert_eq!(
        printed.trim_end(),
        expected,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test]
async fn the_libraries_of_in_toto_accept_our_attestations() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = attestation().await;
    let verified = |text: &str, key: &str| {
        std::fs::write(file.path(), text).unwrap();
        let mut verifier = Command::new(build_verifier().unwrap());
        let verifier = verifier.args(["attestation", file.path().to_str().unwrap(), key]);
        verifier.output().unwrap()
    };
    let output = verified(&text, &verifier(1));
    let expected = format!(
        "https://cattlegrid.dev/evidence/decision/v1 Job/incidents/investigator-x7k2p {}\n",
        "11".repeat(32)
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        expected,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!verified(&text, &verifier(2)).status.success());
    let altered = text.replace(
        "application/vnd.in-toto+json",
        "application/vnd.in-toto+jsom",
    );
    assert!(!verified(&altered, &verifier(1)).status.success());
}

fn bucket(server: &S3Server, prefix: &str) -> Arc<dyn Storage> {
    let store = AmazonS3Builder::new()
        .with_endpoint(server.endpoint())
        .with_allow_http(true)
        .with_bucket_name(server.bucket())
        .with_access_key_id(server.access_key())
        .with_secret_access_key(server.secret_key())
        .with_region("us-east-1")
        .build()
        .unwrap();
    Arc::new(Remote::new(Arc::new(store), prefix))
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_in_a_bucket_are_accepted_too() {
    let server = S3Server::start().unwrap();
    let storage = bucket(&server, "some/prefix");
    write(&storage).await;
    // What the server hands out, not what it keeps.
    let copy = tempfile::tempdir().unwrap();
    for file in storage.list("").await.unwrap() {
        let path = copy.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let stored = storage.read(&file.path).await.unwrap().unwrap();
        assert_eq!(stored.bytes.len() as u64, file.bytes, "{}", file.path);
        std::fs::write(path, stored.bytes).unwrap();
    }
    check_both(&storage, copy.path()).await;
    let heads = other_heads(&*storage, "large", 64).await.unwrap();
    assert_eq!(heads.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_writers_of_one_bucket_never_fork_a_log() {
    let server = S3Server::start().unwrap();
    let (one, two) = (bucket(&server, ""), bucket(&server, ""));
    let (first, second) = (open(&one, "one").await, open(&two, "one").await);
    let mut answered = 0;
    for number in 0..20 {
        let (one, two) = tokio::join!(
            first.append(record(number)),
            second.append(record(1000 + number))
        );
        answered += usize::from(one.is_ok()) + usize::from(two.is_ok());
    }
    let report = check(&one).await;
    holds(&report);
    assert!(answered >= 20, "{answered}");
    let records: u64 = report.logs.iter().map(LogReport::size).sum();
    assert!(records >= answered as u64, "{records} of {answered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_gone_fails_every_record_and_is_written_to_when_it_returns() {
    let server = S3Server::start().unwrap();
    let storage = bucket(&server, "");
    let log = open(&storage, "one").await;
    log.append(record(1)).await.unwrap();
    server.hide_bucket().unwrap();
    log.append(record(2)).await.unwrap_err();
    assert!(log.status().borrow().failing.is_some());
    server.show_bucket().unwrap();
    log.append(record(3)).await.unwrap();
    assert_eq!(log.status().borrow().failing, None);
    log.close(StopReason::Signal).await.unwrap();
    let report = check(&storage).await;
    holds(&report);
    let notices = report.logs.iter().flat_map(|log| &log.notices);
    assert_eq!(
        notices
            .filter(|notice| notice.contains("1 record was lost"))
            .count(),
        1
    );
}

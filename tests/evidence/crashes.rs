//! The process is killed at random moments under load.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use cattlegrid::evidence::storage::{Local, Storage};
use cattlegrid::evidence::writer::Settings;
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use transparency_log::Hash;

use crate::support::*;

/// How often the process is killed.
const KILLS: usize = 200;
/// How many of them hit one store: its logs become larger and are verified after each.
const KILLS_OF_STORE: usize = 20;
/// After how many answers it is killed, at most.
const ANSWERS_MAX: u32 = 150;
/// How many records wait at a time.
const WAITING: usize = 16;

/// Set for the process that is going to be killed.
const VICTIM_DIRECTORY: &str = "EVIDENCE_TEST_VICTIM_DIRECTORY";
const VICTIM_NUMBER: &str = "EVIDENCE_TEST_VICTIM_NUMBER";

/// A record that was answered.
struct Answered {
    record: usize,
    origin: String,
    index: usize,
}

#[test]
fn a_process_that_is_killed_loses_nothing_that_it_answered() {
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut total = 0;
    for store in 0..KILLS / KILLS_OF_STORE {
        let directory = directory_in_memory();
        let storage: Arc<dyn Storage> = Arc::new(Local::new(directory.path()));
        let mut answered = Vec::new();
        for kill in 0..KILLS_OF_STORE {
            let answers = (random.next_u32() % ANSWERS_MAX) as usize;
            answered.extend(run_and_kill(directory.path(), kill, answers));
            runtime.block_on(check_answered(&storage, &answered, store, kill));
        }
        total += answered.len();
    }
    assert!(total > KILLS, "only {total} records were answered");
}

/// What a killed process wrote is there without ever reaching a disk.
fn directory_in_memory() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

/// Starts a writer and kills it after so many answers. It goes on writing until it is dead.
fn run_and_kill(directory: &Path, number: usize, answers: usize) -> Vec<Answered> {
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crashes::victim", "--ignored", "--nocapture"])
        .env(VICTIM_DIRECTORY, directory)
        .env(VICTIM_NUMBER, number.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(victim.stdout.take().unwrap());
    let mut found = Vec::new();
    let mut is_killed = false;
    for line in output.lines() {
        let line = line.unwrap();
        // A line that is cut off was answered to nobody.
        let fields: Vec<&str> = line.split(' ').collect();
        if let ["answered", record, origin, index, "."] = fields.as_slice() {
            found.push(Answered {
                record: record.parse().unwrap(),
                origin: (*origin).to_owned(),
                index: index.parse().unwrap(),
            });
        }
        if found.len() >= answers && !is_killed {
            victim.kill().unwrap();
            is_killed = true;
        }
    }
    assert!(is_killed, "the writer ended by itself");
    victim.wait().unwrap();
    found
}

async fn check_answered(
    storage: &Arc<dyn Storage>,
    answered: &[Answered],
    store: usize,
    kill: usize,
) {
    let report = check(storage).await;
    assert_eq!(found(&report), [""; 0], "store {store}, kill {kill}");
    for Answered {
        record: number,
        origin,
        index,
    } in answered
    {
        let mut logs = report.logs.iter();
        let log = logs.find(|log| log.head.as_ref().is_some_and(|head| head.origin == *origin));
        let leaf = log.unwrap().leaves.get(*index);
        let expected = Hash::leaf(&record(*number));
        assert_eq!(
            leaf,
            Some(&expected),
            "store {store}, kill {kill}, record {number}"
        );
    }
}

#[test]
#[ignore = "started by the test above, to be killed"]
fn victim() {
    let Some(directory) = std::env::var_os(VICTIM_DIRECTORY) else {
        return;
    };
    let number: usize = std::env::var(VICTIM_NUMBER).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let storage: Arc<dyn Storage> = Arc::new(Local::new(Path::new(&directory)));
        // Logs are closed now and then, too.
        let small = Settings {
            log_bytes_max: 300_000,
            ..settings("one")
        };
        let log = open_with(&storage, keys(&[1]), small).await;
        let mut writers = Vec::new();
        for writer in 0..WAITING {
            let log = log.clone();
            writers.push(tokio::spawn(async move {
                for next in 0.. {
                    let record_number = (number * WAITING + writer) * 1_000_000 + next;
                    let appended = log.append(record(record_number)).await.unwrap();
                    let (origin, index) = (appended.origin, appended.index);
                    println!("answered {record_number} {origin} {index} .");
                }
            }));
        }
        futures::future::join_all(writers).await;
    });
}

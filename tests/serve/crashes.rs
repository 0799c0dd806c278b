//! A server that is killed at random moments under load.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::Value;

use crate::client::Client;
use crate::logs::Store;
use crate::rules::{allowed, pod_review, refused};
use crate::server::Server;

/// Set for more kills than a test run has time for.
const KILLS_VARIABLE: &str = "CATTLEGRID_KILLS";
const KILLS: usize = 20;
/// How many of them hit one store: its logs become larger and are verified after each.
const KILLS_OF_STORE: usize = 20;
/// A server lives up to so long.
const LIFE_MILLISECONDS_MAX: u32 = 800;
/// How many requests are made at a time.
const CONNECTIONS: usize = 16;

/// `uid` of a request and the hash of its record, as answered.
type Answers = BTreeMap<String, String>;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_has_a_record_of_every_answer() {
    let kills = std::env::var(KILLS_VARIABLE).map_or(KILLS, |text| text.parse().unwrap());
    let mut random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut total = 0;
    for first in (0..kills).step_by(KILLS_OF_STORE) {
        let store = Store::in_memory();
        let mut answered = Answers::new();
        for kill in first..kills.min(first + KILLS_OF_STORE) {
            let life = random.next_u32() % LIFE_MILLISECONDS_MAX;
            let life = Duration::from_millis(life.into());
            answered.extend(serve_and_kill(&store, kill, life).await);
            let records = store.records().await;
            for (uid, leaf) in &answered {
                let record = records.get(leaf);
                let record = record.unwrap_or_else(|| panic!("kill {kill}: nothing about {uid}"));
                assert_eq!(record["request"]["uid"], *uid, "kill {kill}");
            }
        }
        total += answered.len();
    }
    println!("{kills} kills, {total} answers");
    assert!(total > kills, "only {total} requests were answered");
}

/// What a server answered before it was killed.
async fn serve_and_kill(store: &Store, kill: usize, life: Duration) -> Answers {
    let [url, replica, key] = &store.options();
    let server = Server::start_with(&[url, replica, key, "--evidence-log-mib=1"]);
    let number = Arc::new(AtomicUsize::new(0));
    let asking: Vec<_> = (0..CONNECTIONS)
        .map(|_| tokio::spawn(ask(server.client(), kill, Arc::clone(&number))))
        .collect();
    tokio::time::sleep(life).await;
    drop(server);
    let mut answers = Answers::new();
    for asked in asking {
        answers.extend(asked.await.unwrap());
    }
    answers
}

/// Asks until nobody answers any more.
async fn ask(client: Client, kill: usize, number: Arc<AtomicUsize>) -> Answers {
    let mut answers = Answers::new();
    let Ok(mut connection) = client.try_connect().await else {
        return answers;
    };
    loop {
        let number = number.fetch_add(1, Ordering::Relaxed);
        let uid = format!("{kill}-{number}");
        let spec = if number.is_multiple_of(3) {
            refused()
        } else {
            allowed()
        };
        let path = if number.is_multiple_of(2) {
            "/mutate"
        } else {
            "/validate"
        };
        let review = pod_review(&uid, &spec).to_string();
        let Ok(answer) = connection.post(path, review).await else {
            return answers;
        };
        let response: Value = answer.response();
        let leaf = response["auditAnnotations"]["evidence"].as_str();
        answers.insert(uid, leaf.expect("a record").to_owned());
    }
}

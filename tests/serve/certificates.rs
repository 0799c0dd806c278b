//! TLS: the protocol, and certificates that change.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::pki::{project, serial};
use crate::rules::{allowed, pod_review};
use crate::server::{Server, eventually};

const RELOADED: &str = r#"cattlegrid_reloads_total{subject="certificate",result="ok"}"#;
const NOT_RELOADED: &str = r#"cattlegrid_reloads_total{subject="certificate",result="failed"}"#;

#[tokio::test]
async fn http_2_is_not_offered() {
    let server = Server::start();
    let connection = server
        .client()
        .offering(&[b"h2", b"http/1.1"])
        .connect()
        .await;
    assert_eq!(connection.protocol.as_deref(), Some(&b"http/1.1"[..]));
    assert!(server.client().offering(&[b"h2"]).tls().await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn swapping_the_certificate_under_load_fails_no_request() {
    let server = Server::start();
    let stop = Arc::new(AtomicBool::new(false));
    let newest = Arc::new(AtomicU64::new(0));
    let mut load = Vec::new();
    for number in 0..4 {
        let (client, stop, newest) = (server.client(), Arc::clone(&stop), Arc::clone(&newest));
        load.push(tokio::spawn(async move {
            let body = pod_review("load", &allowed()).to_string();
            let mut kept = client.connect().await;
            let mut count = 0;
            while !stop.load(Ordering::Relaxed) {
                // Half of the load holds its connections, half makes new ones.
                if number % 2 == 0 {
                    kept = client.connect().await;
                    newest.fetch_max(serial(&kept.certificate), Ordering::Relaxed);
                }
                assert_eq!(
                    kept.post("/validate", body.clone()).await.unwrap().status,
                    200
                );
                count += 1;
            }
            count
        }));
    }
    for number in 2..=4 {
        project(
            &server.path().join("tls"),
            &number.to_string(),
            &server.authority.issue(number),
        );
        eventually(async || (newest.load(Ordering::Relaxed) == number).then_some(())).await;
    }
    stop.store(true, Ordering::Relaxed);
    for task in load {
        assert!(task.await.expect("a request failed") > 0);
    }
    assert_eq!(server.metric(RELOADED).await, 3.0);
}

#[tokio::test]
async fn a_bad_certificate_is_counted_and_the_former_one_stays() {
    let server = Server::start();
    let mut mixed = server.authority.issue(2);
    mixed.key = server.authority.issue(3).key;
    project(&server.path().join("tls"), "mixed", &mixed);
    eventually(async || (server.metric(NOT_RELOADED).await == 1.0).then_some(())).await;
    assert_eq!(serial(&server.client().connect().await.certificate), 1);
    project(
        &server.path().join("tls"),
        "good",
        &server.authority.issue(4),
    );
    eventually(async || (serial(&server.client().connect().await.certificate) == 4).then_some(()))
        .await;
}

#[tokio::test]
async fn the_expiry_of_the_certificate_is_a_metric() {
    assert!(
        Server::start()
            .metric("cattlegrid_certificate_expiry_timestamp_seconds")
            .await
            > 1e9
    );
}

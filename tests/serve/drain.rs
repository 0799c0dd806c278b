//! The end of a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::rules::{allowed, pod_review};
use crate::server::{Server, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_under_load_fails_no_request() {
    /// Requests that each client still makes after the server has said that it is not ready: what
    /// an API server does until it has heard.
    const AFTERWARDS: usize = 20;
    let mut server = Server::start_with(&["--drain-seconds", "5"]);
    let not_ready = Arc::new(AtomicBool::new(false));
    let mut load = Vec::new();
    for _ in 0..4 {
        let (client, not_ready) = (server.client(), Arc::clone(&not_ready));
        load.push(tokio::spawn(async move {
            let body = pod_review("load", &allowed()).to_string();
            let mut connection = client.connect().await;
            let mut afterwards = 0;
            while afterwards < AFTERWARDS {
                let draining = not_ready.load(Ordering::Relaxed);
                let answer = connection.post("/validate", body.clone()).await.unwrap();
                assert_eq!(answer.response()["allowed"], true);
                assert!(
                    answer.closes || !draining,
                    "connections must close during the drain"
                );
                if answer.closes {
                    connection = client.connect().await;
                }
                afterwards += usize::from(draining);
            }
        }));
    }
    assert_eq!(server.get("/readyz").await.0, 200);
    server.terminate();
    eventually(async || (server.get("/readyz").await.0 == 503).then_some(())).await;
    assert_eq!(server.get("/healthz").await.0, 200);
    not_ready.store(true, Ordering::Relaxed);
    for task in load {
        task.await.expect("a request failed");
    }
    assert!(server.wait().success());
}

#[tokio::test]
async fn a_request_that_is_being_sent_when_the_drain_ends_is_answered() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut server = Server::start_with(&["--drain-seconds", "0"]);
    let body = pod_review("late", &allowed()).to_string();
    let (first, rest) = body.split_at(10);
    let mut stream = server.client().tls().await.unwrap();
    let head = format!(
        "POST /validate HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream
        .write_all(format!("{head}{first}").as_bytes())
        .await
        .unwrap();
    // An answer on another connection shows that this one has been accepted.
    server
        .client()
        .review("/validate", &pod_review("other", &allowed()))
        .await;
    eventually(async || (server.metric("cattlegrid_connections ").await >= 1.0).then_some(()))
        .await;
    server.terminate();
    eventually(async || server.log().iter().any(|e| e["seconds"] == 0).then_some(())).await;
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains(r#""uid":"late""#), "{answer}");
    assert!(server.wait().success());
}

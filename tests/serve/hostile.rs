//! Input that nobody should send.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::rules::{allowed, pod_review};
use crate::server::Server;

#[tokio::test]
async fn a_malformed_body_is_told_what_is_wrong_with_it() {
    let server = Server::start();
    let client = server.client();
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    for (body, expected) in [
        (String::new(), "the body is not JSON"),
        ("{".to_owned(), "line 1 column 1"),
        (deep, "recursion limit exceeded"),
        ("[]".to_owned(), "must be a JSON object"),
        (
            r#"{"apiVersion":"v1","kind":"Pod"}"#.to_owned(),
            "expected apiVersion",
        ),
        (
            r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}"#.to_owned(),
            "`request`",
        ),
    ] {
        for path in ["/validate", "/mutate"] {
            let answer = client.post(path, body.clone()).await;
            assert_eq!(answer.status, 400, "{}", answer.text());
            assert!(answer.text().contains(expected), "{}", answer.text());
        }
    }
    assert!(server.metric("cattlegrid_malformed_bodies_total").await >= 12.0);
}

#[tokio::test]
async fn bytes_that_are_no_text_are_malformed() {
    let answer = Server::start()
        .client()
        .post("/validate", &b"{\"a\":\"\xff\"}"[..])
        .await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("UTF-8"), "{}", answer.text());
}

#[tokio::test]
async fn the_content_type_does_not_matter() {
    let server = Server::start();
    let mut connection = server.client().connect().await;
    let body = pod_review("typed", &allowed()).to_string();
    let request = hyper::Request::post("/validate")
        .header("host", "127.0.0.1")
        .header("content-type", "text/plain; charset=utf-7")
        .body(http_body_util::Full::new(body.into()))
        .unwrap();
    assert_eq!(
        connection.send(request).await.unwrap().response()["uid"],
        "typed"
    );
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_read() {
    let server = Server::start();
    let answer = server
        .client()
        .post("/validate", vec![b' '; 17 * 1024 * 1024])
        .await;
    assert_eq!(answer.status, 413, "{}", answer.text());
}

#[tokio::test]
async fn other_paths_and_methods_are_told_where_to_go() {
    let server = Server::start();
    let client = server.client();
    assert_eq!(client.post("/", "").await.status, 404);
    let request = hyper::Request::get("/validate")
        .header("host", "127.0.0.1")
        .body(http_body_util::Full::default())
        .unwrap();
    assert_eq!(
        client.connect().await.send(request).await.unwrap().status,
        405
    );
}

#[tokio::test]
async fn an_expression_that_fails_denies_and_is_counted() {
    let server = Server::start();
    let response = server
        .client()
        .review("/validate", &pod_review("odd", &json!({"volumes": 7})))
        .await;
    assert_eq!(
        (&response["uid"], &response["allowed"]),
        (&json!("odd"), &json!(false))
    );
    assert_eq!(
        server.metric("cattlegrid_evaluation_errors_total").await,
        1.0
    );
}

#[tokio::test]
async fn what_is_not_tls_or_not_http_gets_no_further() {
    let server = Server::start();
    let mut plain = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    let _ = plain.read_to_end(&mut rest).await;
    assert!(!rest.starts_with(b"HTTP"));

    let mut odd = server.client().tls().await.unwrap();
    // The server may hang up while this is being sent.
    let _ = odd.write_all(&[b'x'; 200 * 1024]).await;
    let mut rest = Vec::new();
    let _ = odd.read_to_end(&mut rest).await;
    let rest = String::from_utf8_lossy(&rest);
    assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 4"), "{rest}");

    let response = server
        .client()
        .review("/validate", &pod_review("after", &allowed()))
        .await;
    assert_eq!(response["uid"], "after");
}

//! Reading lists of objects in pages, as text: objects never pass through typed structs.

use std::time::Duration;

use http_body_util::BodyExt as _;
use kube::Client;
use kube::client::Body;
use serde::Deserialize;

/// How long one page may take; large objects of a busy API server take a while.
const PAGE_SECONDS_MAX: u64 = 60;
/// How often a request is tried again that the API server could not answer just then.
const RETRIES_MAX: u32 = 6;
/// How often where it was not even reached.
const UNREACHED_RETRIES_MAX: u32 = 2;
/// How long to wait at most before that, whatever the API server says.
const WAIT_SECONDS_MAX: u64 = 30;
/// How long to wait first where the API server does not say; doubled each time.
const WAIT_MILLISECONDS: u64 = 250;

/// Why something was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not with these rights.
    #[error("forbidden: {0}")]
    Forbidden(String),
    /// There is no such thing.
    #[error("not found")]
    NotFound,
    /// The list has changed too much to go on with; where to go on with a later state of it.
    #[error("the list is no longer kept")]
    Expired(Option<String>),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

#[derive(Default, Deserialize)]
struct Status {
    #[serde(default)]
    message: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(rename = "continue")]
    rest: Option<String>,
}

/// Reads what is at a path, and waits where the API server asks for it.
///
/// # Errors
/// [`ReadError`].
pub async fn read(client: &Client, path: &str) -> Result<Vec<u8>, ReadError> {
    let mut attempt = 0;
    loop {
        let mut retries_max = RETRIES_MAX;
        let (error, wait) = match once(client, path).await {
            Ok((200..300, _, body)) => return Ok(body),
            Ok((code @ (429 | 500..600), wait, body)) => (said(code, &body), wait),
            Ok((code, _, body)) => return Err(refusal(code, &body)),
            Err(error) => {
                // Nobody is there, more often than not.
                retries_max = UNREACHED_RETRIES_MAX;
                (error, None)
            }
        };
        if attempt >= retries_max {
            return Err(ReadError::Failed(error));
        }
        let wait = wait.map_or_else(
            || Duration::from_millis(WAIT_MILLISECONDS << attempt),
            Duration::from_secs,
        );
        tokio::time::sleep(wait.min(Duration::from_secs(WAIT_SECONDS_MAX))).await;
        attempt += 1;
    }
}

/// Status, seconds to wait, body.
async fn once(client: &Client, path: &str) -> Result<(u16, Option<u64>, Vec<u8>), String> {
    let request = hyper::http::Request::get(path)
        .header("Accept", "application/json")
        .body(Body::empty())
        .map_err(|error| error.to_string())?;
    let answer = async {
        let response = client.send(request).await.map_err(|error| causes(&error))?;
        let status = response.status().as_u16();
        let wait = response.headers().get("retry-after");
        let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok());
        let body = response.into_body().collect().await;
        let body = body.map_err(|error| causes(&error))?.to_bytes().to_vec();
        Ok((status, wait, body))
    };
    match tokio::time::timeout(Duration::from_secs(PAGE_SECONDS_MAX), answer).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("no answer within {PAGE_SECONDS_MAX} s")),
    }
}

/// An error with what it came from, each said once.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    for cause in std::iter::successors(error.source(), |error| error.source()) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn refusal(code: u16, body: &[u8]) -> ReadError {
    let status: Status = serde_json::from_slice(body).unwrap_or_default();
    match code {
        401 | 403 => ReadError::Forbidden(said(code, body)),
        404 => ReadError::NotFound,
        410 => ReadError::Expired(status.metadata.rest.filter(|rest| !rest.is_empty())),
        _ => ReadError::Failed(said(code, body)),
    }
}

fn said(code: u16, body: &[u8]) -> String {
    let status: Status = serde_json::from_slice(body).unwrap_or_default();
    match status.message.as_str() {
        "" => format!("the API server answered with status {code}"),
        message => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_the_api_server_said() {
        let body = br#"{"kind": "Status", "metadata": {"continue": "later"}, "message": "gone"}"#;
        for (code, expected) in [
            (403, ReadError::Forbidden("gone".to_owned())),
            (401, ReadError::Forbidden("gone".to_owned())),
            (404, ReadError::NotFound),
            (410, ReadError::Expired(Some("later".to_owned()))),
            (400, ReadError::Failed("gone".to_owned())),
        ] {
            assert_eq!(refusal(code, body), expected);
        }
        assert_eq!(refusal(410, b"{}"), ReadError::Expired(None));
        assert_eq!(
            refusal(400, b"<html>"),
            ReadError::Failed("the API server answered with status 400".to_owned())
        );
    }
}

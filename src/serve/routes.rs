//! The two listeners' routes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State as Shared};
use axum::http::header::{ALLOW, CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::admit::{admit, publish};
use super::limits::{BODY_BYTES_MAX, BODY_SECONDS_MAX};
use super::round::Endpoint;
use super::state::{Health, State};

/// Routes of the webhook listener.
pub fn webhook(state: Arc<State>) -> Router {
    Router::new()
        .route("/mutate", post(mutate).fallback(only_post))
        .route("/validate", post(validate).fallback(only_post))
        .route("/end", post(end).fallback(only_post))
        .fallback(not_found)
        .layer(from_fn_with_state(Arc::clone(&state), close_while_draining))
        .with_state(state)
}

/// Routes of the metrics listener.
pub fn health(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(scrape))
        .with_state(health)
}

async fn mutate(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    review(&state, Endpoint::Mutate, request.into_body()).await
}

async fn validate(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    review(&state, Endpoint::Validate, request.into_body()).await
}

async fn end(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    review(&state, Endpoint::End, request.into_body()).await
}

/// The Content-Type is not looked at: what counts is what the body is.
async fn review(state: &Arc<State>, endpoint: Endpoint, body: Body) -> Response {
    let Ok(permit) = state.bodies.acquire().await else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping");
    };
    let body = match read(body).await {
        Ok(body) => body,
        Err((status, why)) => {
            state.metrics.malformed.inc();
            return refuse(status, &why);
        }
    };
    let start = Instant::now();
    let admitted = admit(state, endpoint, body).await;
    // The body is gone: what waits for its record keeps nobody out.
    drop(permit);
    let answer = match admitted {
        Ok(answered) => publish(state, answered, start).await,
        Err(why) => return refuse(StatusCode::BAD_REQUEST, &why),
    };
    match answer.to_json() {
        Ok(json) => ([(CONTENT_TYPE, "application/json")], json).into_response(),
        Err(error) => refuse(
            StatusCode::INTERNAL_SERVER_ERROR,
            &format!("the answer cannot be written: {error}"),
        ),
    }
}

async fn read(body: Body) -> Result<Bytes, (StatusCode, String)> {
    let collecting = Limited::new(body, BODY_BYTES_MAX).collect();
    match tokio::time::timeout(Duration::from_secs(BODY_SECONDS_MAX), collecting).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err((
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is larger than {BODY_BYTES_MAX} bytes"),
        )),
        Ok(Err(error)) => Err((
            StatusCode::BAD_REQUEST,
            format!("the body cannot be received: {error}"),
        )),
        Err(_) => Err((
            StatusCode::REQUEST_TIMEOUT,
            format!("the body did not arrive within {BODY_SECONDS_MAX} s"),
        )),
    }
}

fn refuse(status: StatusCode, why: &str) -> Response {
    (status, format!("{why}\n")).into_response()
}

async fn only_post() -> Response {
    let mut response = refuse(
        StatusCode::METHOD_NOT_ALLOWED,
        "send an AdmissionReview by POST",
    );
    response
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static("POST"));
    response
}

async fn not_found() -> Response {
    refuse(
        StatusCode::NOT_FOUND,
        "there is nothing here but /mutate, /validate and /end",
    )
}

async fn close_while_draining(
    Shared(state): Shared<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if state.life.draining.is_cancelled() {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn ready(Shared(health): Shared<Health>) -> Response {
    if health.life.is_ready() {
        "ready\n".into_response()
    } else if health.life.draining.is_cancelled() {
        refuse(StatusCode::SERVICE_UNAVAILABLE, "draining")
    } else {
        refuse(StatusCode::SERVICE_UNAVAILABLE, "starting")
    }
}

async fn scrape(Shared(health): Shared<Health>) -> Response {
    match health.metrics.encode() {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

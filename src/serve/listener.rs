//! Accepts connections and serves requests on them until told to stop.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::limits::{
    CONNECTIONS_MAX, FINISH_SECONDS_MAX, HANDSHAKE_SECONDS_MAX, HEAD_BYTES_MAX, HEADERS_MAX,
};
use super::timed::{Busy, Timed};

/// How long to wait when no connection can be accepted, mostly for want of file descriptors.
const ACCEPT_AGAIN_MILLISECONDS: u64 = 50;

/// How connections of a listener are served.
#[derive(Clone)]
pub struct Service {
    /// Answers requests.
    pub router: Router,
    /// Speaks TLS; plain text without.
    pub tls: Option<TlsAcceptor>,
    /// Ends accepting, and every connection after the request that it is answering.
    pub stopped: CancellationToken,
    /// Open connections.
    pub connections: Gauge,
    /// Handshakes that came to nothing.
    pub handshakes_failed: Counter,
}

impl Service {
    /// Serves until stopped; returns when the last connection has ended, or has had its time.
    pub async fn serve(self, listener: TcpListener) {
        let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let tasks = TaskTracker::new();
        while let Some((stream, permit)) = self.next(&listener, &permits).await {
            let service = self.clone();
            tasks.spawn(async move {
                service.connections.inc();
                service.connection(stream).await;
                service.connections.dec();
                drop(permit);
            });
        }
        drop(listener);
        tasks.close();
        let finish = Duration::from_secs(FINISH_SECONDS_MAX);
        if tokio::time::timeout(finish, tasks.wait()).await.is_err() {
            tracing::warn!(
                connections = tasks.len(),
                "connections were cut at the end of the drain"
            );
        }
    }

    /// The next connection, once there is room for it; `None` when stopped.
    async fn next(
        &self,
        listener: &TcpListener,
        permits: &Arc<Semaphore>,
    ) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
        self.stopped
            .run_until_cancelled(async {
                let permit = Arc::clone(permits).acquire_owned().await.ok()?;
                Some((accept(listener).await, permit))
            })
            .await
            .flatten()
    }

    async fn connection(&self, stream: TcpStream) {
        // Answers are small and complete: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let Some(tls) = &self.tls else {
            return self.requests(stream).await;
        };
        let handshake = tls.accept(stream);
        match tokio::time::timeout(Duration::from_secs(HANDSHAKE_SECONDS_MAX), handshake).await {
            Ok(Ok(stream)) => self.requests(stream).await,
            Ok(Err(error)) => {
                self.handshakes_failed.inc();
                tracing::debug!(%error, "a TLS handshake failed");
            }
            Err(_) => {
                self.handshakes_failed.inc();
                tracing::debug!("a TLS handshake took longer than {HANDSHAKE_SECONDS_MAX} s");
            }
        }
    }

    async fn requests<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, stream: S) {
        let busy = Busy::default();
        let stream = TokioIo::new(Timed::new(stream, busy.clone()));
        let router = self.router.clone();
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let guard = busy.enter();
            let router = router.clone();
            async move {
                let response: Result<Response, Infallible> = router.oneshot(request).await;
                drop(guard);
                response
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // `Timed` bounds the head and the idle time, each by its own measure.
            .header_read_timeout(None)
            .max_headers(HEADERS_MAX)
            .max_buf_size(HEAD_BYTES_MAX)
            .serve_connection(stream, service);
        let mut connection = pin!(connection);
        let ended = self.stopped.run_until_cancelled(connection.as_mut()).await;
        let ended = match ended {
            Some(ended) => ended,
            None => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted; trying again");
                tokio::time::sleep(Duration::from_millis(ACCEPT_AGAIN_MILLISECONDS)).await;
            }
        }
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

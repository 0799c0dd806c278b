//! Clients that ask as fast as they are answered.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;

use super::server::Server;

/// What is asked, in turns.
const PATHS: [&str; 2] = ["/mutate", "/validate"];

/// Requests that were answered.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    /// How long each took, sorted.
    took: Vec<Duration>,
    elapsed: Duration,
    cpu_seconds: f64,
}

impl Answered {
    pub(super) fn per_second(&self) -> f64 {
        self.took.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// Of the server, for one request.
    pub(super) fn cpu_microseconds(&self) -> f64 {
        self.cpu_seconds * 1e6 / self.took.len() as f64
    }

    /// What this share of the requests took at most.
    pub(super) fn milliseconds(&self, share: f64) -> f64 {
        let position = (self.took.len() as f64 * share) as usize;
        let took = self.took.get(position).or(self.took.last());
        took.map_or(0.0, |took| took.as_secs_f64() * 1e3)
    }
}

/// Clients and what they ask.
pub(super) struct Load {
    runtime: Runtime,
    review: Bytes,
    connections: u32,
}

impl Load {
    /// # Errors
    /// The review cannot be read.
    pub(super) fn new(repository: &Path, connections: u32) -> Result<Self> {
        let text = std::fs::read_to_string(repository.join("bench/review.json"))?;
        // As an API server sends it: without white space.
        let review: serde_json::Value = serde_json::from_str(&text)?;
        Ok(Self {
            runtime: Runtime::new()?,
            review: review.to_string().into(),
            connections,
        })
    }

    /// Asks a server for so long.
    ///
    /// # Errors
    /// A request was not answered, or with anything but 200.
    pub(super) fn run(&self, server: &Server, time: Duration) -> Result<Answered> {
        self.runtime.block_on(async {
            let mut roots = RootCertStore::empty();
            roots.add(server.authority.clone())?;
            let config = ClientConfig::builder().with_root_certificates(roots);
            let connector = TlsConnector::from(Arc::new(config.with_no_client_auth()));
            let mut clients = Vec::new();
            for _ in 0..self.connections {
                clients.push(connect(&connector, server.address).await?);
            }
            let (start, cpu) = (Instant::now(), server.cpu_seconds()?);
            let asking = clients.into_iter().enumerate().map(|(number, client)| {
                tokio::spawn(ask(client, number, self.review.clone(), start + time))
            });
            let asking: Vec<_> = asking.collect();
            let mut took = Vec::new();
            for asked in asking {
                took.extend(asked.await??);
            }
            took.sort_unstable();
            Ok(Answered {
                took,
                elapsed: start.elapsed(),
                cpu_seconds: server.cpu_seconds()? - cpu,
            })
        })
    }
}

async fn connect(
    connector: &TlsConnector,
    address: SocketAddr,
) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::from(address.ip());
    let stream = connector.connect(name, stream).await?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// How long each request took until it was answered.
async fn ask(
    mut client: SendRequest<Full<Bytes>>,
    number: usize,
    review: Bytes,
    until: Instant,
) -> Result<Vec<Duration>> {
    let mut took = Vec::new();
    // Half of the clients begin with the one, half with the other.
    for path in PATHS.iter().cycle().skip(number % PATHS.len()) {
        let start = Instant::now();
        if start >= until {
            break;
        }
        let request = Request::post(*path).header("host", "127.0.0.1");
        let request = request.body(Full::new(review.clone()))?;
        client.ready().await?;
        let response = client.send_request(request).await?;
        ensure!(response.status() == 200, "{path}: {}", response.status());
        response.into_body().collect().await.context("an answer")?;
        took.push(start.elapsed());
    }
    Ok(took)
}

//! HTTP/1.1 over TLS as an API server speaks it, with everything in view.

use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::pki::Authority;

#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    config: ClientConfig,
}

/// A response with its body.
pub struct Answer {
    pub status: u16,
    pub closes: bool,
    pub body: Bytes,
}

impl Answer {
    /// The `response` of an AdmissionReview.
    pub fn response(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        serde_json::from_slice::<Value>(&self.body).unwrap()["response"].clone()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    pub certificate: CertificateDer<'static>,
    pub protocol: Option<Vec<u8>>,
}

impl Client {
    pub fn new(address: SocketAddr, authority: &Authority) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate.clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        // A resumed session would not show the certificate that is current.
        config.resumption = rustls::client::Resumption::disabled();
        Self { address, config }
    }

    /// Offers these protocols instead of none.
    pub fn offering(mut self, protocols: &[&[u8]]) -> Self {
        self.config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        self
    }

    pub async fn tls(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::from(self.address.ip());
        TlsConnector::from(Arc::new(self.config.clone()))
            .connect(name, stream)
            .await
    }

    pub async fn connect(&self) -> Connection {
        self.try_connect().await.expect("no connection")
    }

    pub async fn try_connect(&self) -> std::io::Result<Connection> {
        let stream = self.tls().await?;
        let session = stream.get_ref().1;
        let certificate = session.peer_certificates().unwrap()[0].clone().into_owned();
        let protocol = session.alpn_protocol().map(<[u8]>::to_vec);
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Ok(Connection {
            sender,
            certificate,
            protocol,
        })
    }

    /// POSTs on a connection of its own.
    pub async fn post(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.connect()
            .await
            .post(path, body)
            .await
            .expect("no answer")
    }

    pub async fn review(&self, path: &str, review: &Value) -> Value {
        self.post(path, review.to_string()).await.response()
    }
}

impl Connection {
    pub async fn post(&mut self, path: &str, body: impl Into<Bytes>) -> hyper::Result<Answer> {
        let request = Request::post(path).header("host", "127.0.0.1");
        self.send(request.body(Full::new(body.into())).unwrap())
            .await
    }

    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Answer> {
        self.sender.ready().await?;
        read(self.sender.send_request(request).await?).await
    }
}

async fn read(response: Response<hyper::body::Incoming>) -> hyper::Result<Answer> {
    let status = response.status().as_u16();
    let closes = response
        .headers()
        .get("connection")
        .is_some_and(|value| value == "close");
    let body = response.into_body().collect().await?.to_bytes();
    Ok(Answer {
        status,
        closes,
        body,
    })
}

/// GETs without TLS.
pub async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get(path).header("host", "127.0.0.1");
    let request = request.body(Full::<Bytes>::default()).unwrap();
    let answer = read(sender.send_request(request).await.unwrap())
        .await
        .unwrap();
    (answer.status, answer.text())
}

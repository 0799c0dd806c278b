//! The server's certificate: from files that may change at any time, or made for this process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// The only protocol that is offered: API servers ask for HTTP/2 on loopback URLs, where
/// `Connection: close` would mean nothing.
const ALPN_HTTP_1_1: &[u8] = b"http/1.1";

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("{}: cannot be read: {error}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: holds no {expected} in PEM form", file.display())]
    NotPem {
        /// The file.
        file: PathBuf,
        /// What should be in it.
        expected: &'static str,
    },
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    #[error("{}: the certificate cannot be used with its key: {error}", file.display())]
    Unusable {
        /// The certificate's file.
        file: PathBuf,
        /// Why.
        error: rustls::Error,
    },
    /// None could be made.
    #[error("a certificate for this process could not be made: {0}")]
    Generate(#[from] rcgen::Error),
    /// The one that was made is not accepted.
    #[error("the certificate made for this process cannot be used: {0}")]
    Ephemeral(rustls::Error),
}

/// The two files of a certificate, as they were at one moment.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    certificate: (PathBuf, Vec<u8>),
    key: (PathBuf, Vec<u8>),
}

impl CertificateFiles {
    /// Reads both files. A kubelet swaps a projected Secret's files by one link, so that two reads
    /// may see two versions; the pair is then refused and read again after the next look.
    ///
    /// # Errors
    /// Which one cannot be read.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, CertificateError> {
        let read = |file: &Path| match std::fs::read(file) {
            Ok(bytes) => Ok((file.to_owned(), bytes)),
            Err(error) => Err(CertificateError::Unreadable {
                file: file.to_owned(),
                error,
            }),
        };
        Ok(Self {
            certificate: read(certificate)?,
            key: read(key)?,
        })
    }

    /// Parses both and checks that they belong together.
    ///
    /// # Errors
    /// What is wrong with which.
    pub fn certified_key(&self) -> Result<CertifiedKey, CertificateError> {
        let (certificate_file, certificate) = &self.certificate;
        let (key_file, key) = &self.key;
        let chain = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| CertificateError::NotPem {
                file: certificate_file.clone(),
                expected: "certificate",
            })?;
        // The parser's own error may quote the input, which is a key.
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| CertificateError::NotPem {
            file: key_file.clone(),
            expected: "private key",
        })?;
        CertifiedKey::from_der(chain, key, &default_provider()).map_err(|error| {
            CertificateError::Unusable {
                file: certificate_file.clone(),
                error,
            }
        })
    }
}

/// Makes a certificate that is good for this process on this machine, and nowhere else.
///
/// # Errors
/// When there is no randomness to make a key of.
pub fn ephemeral() -> Result<CertifiedKey, CertificateError> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names)?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    CertifiedKey::from_der(
        vec![made.cert.der().clone()],
        key.into(),
        &default_provider(),
    )
    .map_err(CertificateError::Ephemeral)
}

/// When a certificate expires, in seconds since 1970.
pub fn expiry(key: &CertifiedKey) -> Option<i64> {
    let leaf = key.cert.first()?;
    let (_, certificate) = x509_parser::parse_x509_certificate(leaf).ok()?;
    Some(certificate.validity().not_after.timestamp())
}

/// Hands every new connection the certificate that is current at that moment.
#[derive(Debug)]
pub struct CurrentCertificate(ArcSwap<CertifiedKey>);

impl CurrentCertificate {
    /// Starts with `key`.
    pub fn new(key: CertifiedKey) -> Self {
        Self(ArcSwap::from_pointee(key))
    }

    /// Uses `key` from the next connection on; open ones go on as they are.
    pub fn replace(&self, key: CertifiedKey) {
        self.0.store(Arc::new(key));
    }
}

impl ResolvesServerCert for CurrentCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// The TLS configuration of the webhook listener.
///
/// # Errors
/// Never with the provider that is built in.
pub fn server_config(current: Arc<CurrentCertificate>) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(current);
    config.alpn_protocols = vec![ALPN_HTTP_1_1.to_vec()];
    Ok(config)
}

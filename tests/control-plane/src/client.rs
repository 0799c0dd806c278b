//! Asks the API server whether it is ready. Tests use the `kube` crate.

use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use crate::error::ControlPlaneError;

/// One request; the caller has a longer deadline and asks again.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    server_url: String,
    authorization: String,
}

impl Client {
    pub(crate) fn new(
        server_url: &str,
        authority_pem: &str,
        token: &str,
    ) -> Result<Self, ControlPlaneError> {
        let authority = Certificate::from_pem(authority_pem.as_bytes())
            .map_err(|error| ControlPlaneError::Tls(error.to_string()))?;
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(RootCerts::new_with_certs(&[authority]))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            // A proxy that the environment names does not know this loopback.
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(REQUEST_TIMEOUT))
            .build()
            .new_agent();
        Ok(Self {
            agent,
            server_url: server_url.to_owned(),
            authorization: format!("Bearer {token}"),
        })
    }

    /// `Ok` for status 200, otherwise what was seen.
    pub(crate) fn get(&self, path: &str) -> Result<(), String> {
        let response = self
            .agent
            .get(format!("{}{path}", self.server_url))
            .header("Authorization", &self.authorization)
            .call()
            .map_err(|error| error.to_string())?;
        match response.status().as_u16() {
            200 => Ok(()),
            status => Err(format!("status {status}")),
        }
    }
}

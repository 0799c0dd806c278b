//! A certificate authority for one run, the API server's certificate, and the key
//! that signs ServiceAccount tokens.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};

use crate::error::ControlPlaneError;
use crate::run_directory::write_file;

/// The names under which Pods and tests reach the API server. 10.0.0.1 is the
/// first address of `--service-cluster-ip-range`.
const SERVER_NAMES: [&str; 6] = [
    "127.0.0.1",
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "10.0.0.1",
];

/// Where the PEM files of a run are.
#[derive(Debug)]
pub(crate) struct Certificates {
    pub(crate) authority: PathBuf,
    pub(crate) server: PathBuf,
    pub(crate) server_key: PathBuf,
    pub(crate) service_account_key: PathBuf,
    pub(crate) service_account_public_key: PathBuf,
    pub(crate) authority_pem: String,
}

impl Certificates {
    pub(crate) fn generate(directory: &Path) -> Result<Self, ControlPlaneError> {
        let authority_key = KeyPair::generate()?;
        let authority_params = authority_params()?;
        let authority_pem = authority_params.self_signed(&authority_key)?.pem();
        let issuer = Issuer::new(authority_params, authority_key);

        let server_key = KeyPair::generate()?;
        let server = server_params()?.signed_by(&server_key, &issuer)?;
        let service_account_key = KeyPair::generate()?;

        Ok(Self {
            authority: write_file(directory, "ca.crt", &authority_pem)?,
            server: write_file(directory, "server.crt", &server.pem())?,
            server_key: write_file(directory, "server.key", &server_key.serialize_pem())?,
            service_account_key: write_file(
                directory,
                "service-account.key",
                &service_account_key.serialize_pem(),
            )?,
            service_account_public_key: write_file(
                directory,
                "service-account.pub",
                &service_account_key.public_key_pem(),
            )?,
            authority_pem,
        })
    }
}

fn authority_params() -> Result<CertificateParams, ControlPlaneError> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = named("control plane for tests");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    Ok(params)
}

fn server_params() -> Result<CertificateParams, ControlPlaneError> {
    let mut params = CertificateParams::new(SERVER_NAMES.map(String::from))?;
    params.distinguished_name = named("kube-apiserver");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

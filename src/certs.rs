//! `cattlegrid certs`: a CA and a certificate for the webhook, where there is no cert-manager.
//!
//! The CA signs this one certificate and its key is then thrown away: nobody can make another that
//! the API server trusts. To rotate, run the command again.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::generate::GenerateError;
use crate::generate::webhooks::{Address, Trust, configurations, load};
use crate::generate::yaml;

/// How far back a certificate is valid, for clocks that are behind ours.
const CLOCK_SKEW: Duration = Duration::hours(1);
/// Name of the Secret that the Deployment mounts.
const SECRET: &str = "cattlegrid-tls";

/// Options of `cattlegrid certs`.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    address: Address,

    /// Further DNS name or IP address of the webhook
    #[arg(long = "san", value_name = "NAME")]
    names: Vec<String>,

    /// How long the certificate is valid, in days
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: u16,

    /// Directory of policies and bindings for the webhook configurations [default: the shipped set]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,

    /// File with the AgentBaseline for the webhook configurations [default: the shipped one]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Write ca.crt, tls.crt, tls.key and webhooks.yaml there [default: YAML with all of it, for
    /// kubectl apply -f -, on standard output]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertsError {
    /// Making it failed.
    #[error("the certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The webhook configurations.
    #[error(transparent)]
    Webhooks(#[from] GenerateError),
    /// A file cannot be written.
    #[error("{}: cannot be written: {error}", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

/// A certificate and what belongs to it, in PEM form.
struct Pem {
    ca: String,
    certificate: String,
    key: String,
}

/// Makes everything and writes it.
///
/// # Errors
/// [`CertsError`].
pub fn run(options: &Options) -> Result<(), CertsError> {
    let pem = make(options)?;
    let (set, baseline) = load(options.policies.as_deref(), options.baseline.as_deref())
        .map_err(GenerateError::from)?;
    let trust = Trust::Bundle(pem.ca.clone().into_bytes());
    let webhooks = configurations(&set, &baseline, &options.address, &trust);
    match &options.output {
        Some(directory) => write_files(directory, &pem, &webhooks),
        None => print(options, &pem, webhooks),
    }
}

fn make(options: &Options) -> Result<Pem, rcgen::Error> {
    let now = OffsetDateTime::now_utc();
    let validity = |params: &mut CertificateParams| {
        params.not_before = now - CLOCK_SKEW;
        params.not_after = now + Duration::days(i64::from(options.days));
    };

    let ca_key = KeyPair::generate()?;
    let mut ca = CertificateParams::default();
    ca.distinguished_name
        .push(DnType::CommonName, "cattlegrid webhook CA");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![
        KeyUsagePurpose::KeyCertSign,
        KeyUsagePurpose::DigitalSignature,
    ];
    validity(&mut ca);
    let ca_certificate = ca.self_signed(&ca_key)?;

    let key = KeyPair::generate()?;
    let mut leaf = CertificateParams::new(names(options))?;
    leaf.distinguished_name
        .push(DnType::CommonName, "cattlegrid webhook");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    validity(&mut leaf);
    let certificate = leaf.signed_by(&key, &Issuer::new(ca, ca_key))?;
    Ok(Pem {
        ca: ca_certificate.pem(),
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    })
}

/// The API server checks for `<service>.<namespace>.svc`, or for the URL's host.
fn names(options: &Options) -> Vec<String> {
    let Address {
        service,
        namespace,
        url,
    } = &options.address;
    let mut names = match url.as_deref().and_then(host) {
        Some(host) => vec![host.to_owned()],
        None => vec![
            format!("{service}.{namespace}.svc"),
            format!("{service}.{namespace}.svc.cluster.local"),
        ],
    };
    names.extend(options.names.iter().cloned());
    names
}

/// The host of `https://host:port/path`, an IPv6 address without its brackets.
fn host(url: &str) -> Option<&str> {
    let authority = url
        .split_once("://")
        .map_or(url, |(_, rest)| rest)
        .split('/')
        .next()?;
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split_once(']').map(|(host, _)| host);
    }
    authority.split(':').next().filter(|host| !host.is_empty())
}

fn print(options: &Options, pem: &Pem, webhooks: Vec<Value>) -> Result<(), CertsError> {
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET, "namespace": options.address.namespace},
        "type": "kubernetes.io/tls",
        "data": {
            "ca.crt": STANDARD.encode(&pem.ca),
            "tls.crt": STANDARD.encode(&pem.certificate),
            "tls.key": STANDARD.encode(&pem.key),
        },
    });
    let objects: Vec<Value> = std::iter::once(secret).chain(webhooks).collect();
    let text = yaml(&objects).map_err(GenerateError::from)?;
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(GenerateError::from)?;
    Ok(())
}

fn write_files(directory: &Path, pem: &Pem, webhooks: &[Value]) -> Result<(), CertsError> {
    let webhooks = yaml(webhooks).map_err(GenerateError::from)?;
    let unwritable = |file: &Path| {
        let file = file.to_owned();
        move |error| CertsError::Unwritable { file, error }
    };
    std::fs::create_dir_all(directory).map_err(unwritable(directory))?;
    for (name, content, is_secret) in [
        ("ca.crt", &pem.ca, false),
        ("tls.crt", &pem.certificate, false),
        ("tls.key", &pem.key, true),
        ("webhooks.yaml", &webhooks, false),
    ] {
        let file = directory.join(name);
        write_new(&file, content, is_secret).map_err(unwritable(&file))?;
    }
    Ok(())
}

/// Writes a file beside its place and moves it there, so that a server that is reading never sees
/// half of it, and a secret is never readable by others, not even for a moment.
fn write_new(file: &Path, content: &str, is_secret: bool) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let beside = file.with_added_extension("new");
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mode = if is_secret { 0o600 } else { 0o644 };
    let mut output = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&beside)?;
    output.write_all(content.as_bytes())?;
    output.sync_all()?;
    std::fs::rename(&beside, file)
}

#[cfg(test)]
mod tests;

//! Certificates of a CA that the tests' clients trust.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SerialNumber};
use rustls::pki_types::CertificateDer;

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub certificate: CertificateDer<'static>,
}

pub struct Pem {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self {
            issuer: Issuer::new(params, key),
            certificate,
        }
    }

    /// A certificate for loopback, recognisable by its serial number.
    pub fn issue(&self, serial: u64) -> Pem {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.serial_number = Some(SerialNumber::from(serial));
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Pem {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

/// Puts a certificate where a kubelet would: behind a link that is swapped in one step.
pub fn project(directory: &Path, version: &str, pem: &Pem) {
    use std::os::unix::fs::symlink;
    let data = directory.join(format!("..{version}"));
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("tls.crt"), &pem.certificate).unwrap();
    std::fs::write(data.join("tls.key"), &pem.key).unwrap();
    let beside = directory.join("..data_tmp");
    symlink(format!("..{version}"), &beside).unwrap();
    std::fs::rename(beside, directory.join("..data")).unwrap();
    for name in ["tls.crt", "tls.key"] {
        let link = directory.join(name);
        if !link.is_symlink() {
            symlink(format!("..data/{name}"), link).unwrap();
        }
    }
}

/// The serial number of a certificate.
pub fn serial(certificate: &CertificateDer<'_>) -> u64 {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).unwrap();
    certificate
        .raw_serial()
        .iter()
        .fold(0, |serial, byte| serial << 8 | u64::from(*byte))
}

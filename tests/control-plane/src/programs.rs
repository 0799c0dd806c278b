//! The three programs and their flags.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::access::{Access, kubeconfig_name};
use crate::error::ControlPlaneError;
use crate::options::Options;
use crate::process::{Program, Supervised};
use crate::run_directory::write_file;
use crate::users::User;

/// Relative to the run's directory: a socket's path must be shorter than 104 bytes.
pub(crate) const ETCD_SOCKET: &str = "etcd.sock";
const ETCD_DATA: &str = "etcd-data";

pub(crate) fn start_etcd(
    programs: &Path,
    directory: &Path,
) -> Result<Supervised, ControlPlaneError> {
    // etcd wants addresses of host and port to advertise; nobody connects there.
    let advertised = "http://localhost:2380";
    Program {
        name: "etcd",
        path: &programs.join("etcd"),
        arguments: flags(&[
            ("name", "tests"),
            ("data-dir", ETCD_DATA),
            ("listen-client-urls", &format!("unix://{ETCD_SOCKET}")),
            ("listen-peer-urls", "unix://etcd-peer.sock"),
            ("advertise-client-urls", advertised),
            ("initial-advertise-peer-urls", advertised),
            ("initial-cluster", &format!("tests={advertised}")),
            ("unsafe-no-fsync", "true"),
            ("log-level", "warn"),
        ]),
        directory,
        // More than 100 MB that nobody wants to read.
        scratch: Some(&directory.join(ETCD_DATA)),
    }
    .start()
}

/// Also returns where the audit log is, if the options ask for one.
pub(crate) fn start_api_server(
    programs: &Path,
    directory: &Path,
    access: &Access,
    address: SocketAddr,
    options: Options,
) -> Result<(Supervised, Option<PathBuf>), ControlPlaneError> {
    let mut arguments = api_server_flags(access, address, directory)?;
    let audit_log = options
        .audit_policy
        .is_some()
        .then(|| directory.join("audit.log"));
    if let (Some(policy), Some(log)) = (options.audit_policy, &audit_log) {
        let policy = write_file(directory, "audit-policy.yaml", &policy)?;
        arguments.extend(flags(&[
            ("audit-policy-file", &policy.to_string_lossy()),
            ("audit-log-path", &log.to_string_lossy()),
            // Whoever has a response finds the request in the log.
            ("audit-log-mode", "blocking-strict"),
        ]));
    }
    arguments.extend(options.api_server_arguments);
    let program = Program {
        name: "kube-apiserver",
        path: &programs.join("kube-apiserver"),
        arguments,
        directory,
        scratch: None,
    };
    Ok((program.start()?, audit_log))
}

fn api_server_flags(
    access: &Access,
    address: SocketAddr,
    directory: &Path,
) -> Result<Vec<String>, ControlPlaneError> {
    let certificates = &access.certificates;
    let tokens = write_file(directory, "tokens.csv", &access.tokens.to_csv())?;
    Ok(flags(&[
        ("etcd-servers", &format!("unix://{ETCD_SOCKET}")),
        ("bind-address", &address.ip().to_string()),
        ("secure-port", &address.port().to_string()),
        ("permit-port-sharing", "true"),
        ("tls-cert-file", &certificates.server.to_string_lossy()),
        (
            "tls-private-key-file",
            &certificates.server_key.to_string_lossy(),
        ),
        ("token-auth-file", &tokens.to_string_lossy()),
        ("authorization-mode", "RBAC"),
        ("allow-privileged", "true"),
        (
            "service-account-issuer",
            "https://kubernetes.default.svc.cluster.local",
        ),
        (
            "service-account-key-file",
            &certificates.service_account_public_key.to_string_lossy(),
        ),
        (
            "service-account-signing-key-file",
            &certificates.service_account_key.to_string_lossy(),
        ),
        ("service-cluster-ip-range", "10.0.0.0/24"),
        // A loopback address is not allowed in an Endpoints object.
        ("endpoint-reconciler-type", "none"),
    ]))
}

pub(crate) fn start_controller_manager(
    programs: &Path,
    directory: &Path,
    access: &Access,
) -> Result<Supervised, ControlPlaneError> {
    let certificates = &access.certificates;
    Program {
        name: "kube-controller-manager",
        path: &programs.join("kube-controller-manager"),
        arguments: flags(&[
            (
                "kubeconfig",
                &kubeconfig_name(User::ControllerManager.file_name()),
            ),
            // Pods are told apart by the controller that makes them.
            ("use-service-account-credentials", "true"),
            ("root-ca-file", &certificates.authority.to_string_lossy()),
            (
                "service-account-private-key-file",
                &certificates.service_account_key.to_string_lossy(),
            ),
            // There is one of them, and nobody asks it anything.
            ("leader-elect", "false"),
            ("secure-port", "0"),
            // The default of 20 requests a second makes up most of the start.
            ("kube-api-qps", "1000"),
            ("kube-api-burst", "1000"),
        ]),
        directory,
        scratch: None,
    }
    .start()
}

fn flags(pairs: &[(&str, &str)]) -> Vec<String> {
    pairs
        .iter()
        .map(|(name, value)| format!("--{name}={value}"))
        .collect()
}

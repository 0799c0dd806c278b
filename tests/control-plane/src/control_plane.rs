//! Starting the programs in order, and waiting for each.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};

use crate::binaries::locate_or_build;
use crate::certificates::Certificates;
use crate::client::Client;
use crate::error::ControlPlaneError;
use crate::kubeconfig::{Impersonation, Kubeconfig};
use crate::options::Options;
use crate::process::{Program, Supervised};
use crate::run_directory::{RunDirectory, write_file};
use crate::users::{Tokens, User};

/// Generous, for machines that compile at the same time; 3 s are usual.
const READY_WITHIN: Duration = Duration::from_secs(120);
const POLL_INTERVAL: Duration = Duration::from_millis(25);

/// Relative to the run's directory: a socket's path must be shorter than 104 bytes.
const ETCD_SOCKET: &str = "etcd.sock";
const ETCD_DATA: &str = "etcd-data";

/// A running control plane. Dropping it ends its programs.
#[derive(Debug)]
pub struct ControlPlane {
    // Dropped in this order: what depends on others first, the directory last.
    controller_manager: Option<Mutex<Supervised>>,
    api_server: Mutex<Supervised>,
    _etcd: Supervised,
    _port: Socket,
    client: Client,
    access: Access,
    audit_log: Option<PathBuf>,
    directory: RunDirectory,
}

/// What a client must know.
#[derive(Debug)]
struct Access {
    server_url: String,
    certificates: Certificates,
    tokens: Tokens,
}

impl ControlPlane {
    /// Starts etcd, kube-apiserver and, unless the options say otherwise,
    /// kube-controller-manager, and waits until they are ready. Programs that are
    /// missing are built first, which takes minutes.
    ///
    /// # Errors
    /// A program is missing and cannot be built, ended, or was not ready in time;
    /// the error shows the end of its log, and the log is kept.
    pub fn start(options: Options) -> Result<Self, ControlPlaneError> {
        let programs = locate_or_build(&mut std::io::stderr())?;
        let mut directory = RunDirectory::create()?;
        match Self::boot(&programs, directory.path(), options) {
            Ok(booted) => Ok(booted.into_control_plane(directory)),
            Err(error) => {
                directory.keep();
                Err(error)
            }
        }
    }

    fn boot(
        programs: &Path,
        directory: &Path,
        options: Options,
    ) -> Result<Booted, ControlPlaneError> {
        let (port, address) = reserve_port().map_err(ControlPlaneError::Port)?;
        let access = Access {
            server_url: format!("https://{address}"),
            certificates: Certificates::generate(directory)?,
            tokens: Tokens::generate()?,
        };
        for user in User::ALL {
            access.write_kubeconfig(directory, user.file_name(), access.tokens.get(user), None)?;
        }
        let client = Client::new(
            &access.server_url,
            &access.certificates.authority_pem,
            access.tokens.get(User::Admin),
        )?;

        let mut etcd = start_etcd(programs, directory)?;
        wait_for("etcd", &mut etcd, || {
            UnixStream::connect(directory.join(ETCD_SOCKET))
                .map(drop)
                .map_err(|e| e.to_string())
        })?;

        let (arguments, audit_log) =
            api_server_arguments(&access, address, directory, options.audit_policy)?;
        let mut api_server = Program {
            name: "kube-apiserver",
            path: &programs.join("kube-apiserver"),
            arguments: arguments
                .into_iter()
                .chain(options.api_server_arguments)
                .collect(),
            directory,
            scratch: None,
        }
        .start()?;
        wait_for("kube-apiserver's /readyz", &mut api_server, || {
            client.get("/readyz")
        })?;

        let controller_manager = if options.controller_manager {
            let mut started = start_controller_manager(programs, directory, &access)?;
            wait_for(&default_account_of("default"), &mut started, || {
                client.get(&default_account_path("default"))
            })?;
            Some(started)
        } else {
            None
        };
        Ok(Booted {
            controller_manager,
            api_server,
            etcd,
            port,
            client,
            access,
            audit_log,
        })
    }

    /// Such as `https://127.0.0.1:34567`.
    pub fn server_url(&self) -> &str {
        &self.access.server_url
    }

    /// The certificate authority that the API server's certificate is from.
    pub fn certificate_authority_pem(&self) -> &str {
        &self.access.certificates.authority_pem
    }

    /// The bearer token of [`User::Admin`].
    pub fn admin_token(&self) -> &str {
        self.token(User::Admin)
    }

    /// The bearer token of a user.
    pub fn token(&self, user: User) -> &str {
        self.access.tokens.get(user)
    }

    /// The kubeconfig file of [`User::Admin`].
    pub fn kubeconfig_path(&self) -> PathBuf {
        self.kubeconfig_path_of(User::Admin)
    }

    /// The kubeconfig file of a user.
    pub fn kubeconfig_path_of(&self, user: User) -> PathBuf {
        self.directory
            .path()
            .join(kubeconfig_name(user.file_name()))
    }

    /// Writes the kubeconfig file `<name>.kubeconfig` with which the admin acts as
    /// somebody else.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_kubeconfig_as(
        &self,
        name: &str,
        impersonation: &Impersonation,
    ) -> Result<PathBuf, ControlPlaneError> {
        let directory = self.directory.path();
        self.access
            .write_kubeconfig(directory, name, self.admin_token(), Some(impersonation))
    }

    /// The API server's audit log, if the options asked for one: JSON lines.
    pub fn audit_log_path(&self) -> Option<&Path> {
        self.audit_log.as_deref()
    }

    /// The directory of this run, with a log for each program.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Waits until a namespace has its `default` ServiceAccount: before that the
    /// API server refuses every Pod there. Needs the controller manager.
    ///
    /// # Errors
    /// A program ended, or the account was not there in time.
    pub fn wait_for_default_service_account(
        &self,
        namespace: &str,
    ) -> Result<(), ControlPlaneError> {
        let responsible = self.controller_manager.as_ref().unwrap_or(&self.api_server);
        let mut responsible = responsible
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let path = default_account_path(namespace);
        wait_for(&default_account_of(namespace), &mut responsible, || {
            self.client.get(&path)
        })
    }
}

/// Everything but the directory, which must survive a failure.
struct Booted {
    controller_manager: Option<Supervised>,
    api_server: Supervised,
    etcd: Supervised,
    port: Socket,
    client: Client,
    access: Access,
    audit_log: Option<PathBuf>,
}

impl Booted {
    fn into_control_plane(self, directory: RunDirectory) -> ControlPlane {
        ControlPlane {
            controller_manager: self.controller_manager.map(Mutex::new),
            api_server: Mutex::new(self.api_server),
            _etcd: self.etcd,
            _port: self.port,
            client: self.client,
            access: self.access,
            audit_log: self.audit_log,
            directory,
        }
    }
}

impl Access {
    fn write_kubeconfig(
        &self,
        directory: &Path,
        name: &str,
        token: &str,
        impersonation: Option<&Impersonation>,
    ) -> Result<PathBuf, ControlPlaneError> {
        let kubeconfig = Kubeconfig {
            server_url: &self.server_url,
            authority_path: &self.certificates.authority.to_string_lossy(),
            token,
            impersonation,
        };
        write_file(
            directory,
            &kubeconfig_name(name),
            &kubeconfig.to_json().to_string(),
        )
    }
}

fn kubeconfig_name(name: &str) -> String {
    format!("{name}.kubeconfig")
}

/// A port that stays ours until the API server, which permits sharing, listens
/// there: the socket is bound as long as it lives, but never listens.
fn reserve_port() -> std::io::Result<(Socket, SocketAddr)> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_port(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    let address = socket
        .local_addr()?
        .as_socket()
        .ok_or_else(|| std::io::Error::other("the bound socket has no address"))?;
    Ok((socket, address))
}

fn start_etcd(programs: &Path, directory: &Path) -> Result<Supervised, ControlPlaneError> {
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

/// The arguments, and where the audit log is if there is one.
fn api_server_arguments(
    access: &Access,
    address: SocketAddr,
    directory: &Path,
    audit_policy: Option<String>,
) -> Result<(Vec<String>, Option<PathBuf>), ControlPlaneError> {
    let certificates = &access.certificates;
    let tokens = write_file(directory, "tokens.csv", &access.tokens.to_csv())?;
    let mut arguments = flags(&[
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
    ]);
    let Some(policy) = audit_policy else {
        return Ok((arguments, None));
    };
    let policy = write_file(directory, "audit-policy.yaml", &policy)?;
    let log = directory.join("audit.log");
    arguments.extend(flags(&[
        ("audit-policy-file", &policy.to_string_lossy()),
        ("audit-log-path", &log.to_string_lossy()),
        // A test that reads the log has made the request before.
        ("audit-log-mode", "blocking-strict"),
    ]));
    Ok((arguments, Some(log)))
}

fn start_controller_manager(
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

fn default_account_path(namespace: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/serviceaccounts/default")
}

fn default_account_of(namespace: &str) -> String {
    format!("ServiceAccount `default` in namespace `{namespace}`")
}

/// Probes until it succeeds, the responsible program ends, or time is up.
fn wait_for(
    awaited: &str,
    responsible: &mut Supervised,
    mut probe: impl FnMut() -> Result<(), String>,
) -> Result<(), ControlPlaneError> {
    let started = Instant::now();
    loop {
        let Err(last) = probe() else { return Ok(()) };
        responsible.check_running()?;
        if started.elapsed() > READY_WITHIN {
            return Err(ControlPlaneError::NotReady {
                awaited: awaited.to_owned(),
                seconds: READY_WITHIN.as_secs(),
                last,
                log: responsible.log_path().to_path_buf(),
                tail: responsible.log_tail(),
            });
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

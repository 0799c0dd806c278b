//! Starting the programs in order, and waiting for each.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use socket2::Socket;

use crate::access::{Access, kubeconfig_name};
use crate::binaries::locate_or_build;
use crate::certificates::Certificates;
use crate::client::Client;
use crate::error::ControlPlaneError;
use crate::kubeconfig::Impersonation;
use crate::options::Options;
use crate::port::reserve_port;
use crate::process::Supervised;
use crate::programs::{ETCD_SOCKET, start_api_server, start_controller_manager, start_etcd};
use crate::readiness::wait_for;
use crate::run_directory::RunDirectory;
use crate::users::{Tokens, User};

/// A running control plane. Dropping it ends its programs.
#[derive(Debug)]
pub struct ControlPlane {
    // The programs end before their directory is removed.
    running: Running,
    directory: RunDirectory,
}

/// Everything but the directory, which must outlive a failed start.
#[derive(Debug)]
struct Running {
    // Dropped in this order: what depends on others first.
    controller_manager: Option<Mutex<Supervised>>,
    api_server: Mutex<Supervised>,
    _etcd: Supervised,
    _port: Socket,
    client: Client,
    access: Access,
    audit_log: Option<PathBuf>,
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
        match Running::boot(&programs, directory.path(), options) {
            Ok(running) => Ok(Self { running, directory }),
            Err(error) => {
                directory.keep();
                Err(error)
            }
        }
    }

    /// Such as `https://127.0.0.1:34567`.
    pub fn server_url(&self) -> &str {
        &self.running.access.server_url
    }

    /// The certificate authority that the API server's certificate is from.
    pub fn certificate_authority_pem(&self) -> &str {
        &self.running.access.certificates.authority_pem
    }

    /// The bearer token of [`User::Admin`].
    pub fn admin_token(&self) -> &str {
        self.token(User::Admin)
    }

    /// The bearer token of a user.
    pub fn token(&self, user: User) -> &str {
        self.running.access.tokens.get(user)
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
        self.running.access.write_kubeconfig(
            directory,
            name,
            self.admin_token(),
            Some(impersonation),
        )
    }

    /// The API server's audit log, if the options asked for one: JSON lines.
    pub fn audit_log_path(&self) -> Option<&Path> {
        self.running.audit_log.as_deref()
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
        let responsible = self
            .running
            .controller_manager
            .as_ref()
            .unwrap_or(&self.running.api_server);
        let mut responsible = responsible.lock().unwrap_or_else(PoisonError::into_inner);
        let path = default_account_path(namespace);
        wait_for(&default_account_of(namespace), &mut responsible, || {
            self.running.client.get(&path)
        })
    }
}

impl Running {
    fn boot(
        programs: &Path,
        directory: &Path,
        options: Options,
    ) -> Result<Self, ControlPlaneError> {
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
        // Connecting would fail for a long path, which the programs need not use.
        let socket = directory.join(ETCD_SOCKET);
        wait_for("etcd's socket", &mut etcd, || {
            if socket.exists() {
                Ok(())
            } else {
                Err("no such file".to_owned())
            }
        })?;

        let has_controller_manager = options.controller_manager;
        let (mut api_server, audit_log) =
            start_api_server(programs, directory, &access, address, options)?;
        wait_for("kube-apiserver's /readyz", &mut api_server, || {
            client.get("/readyz")
        })?;

        let controller_manager = if has_controller_manager {
            let mut started = start_controller_manager(programs, directory, &access)?;
            wait_for(&default_account_of("default"), &mut started, || {
                client.get(&default_account_path("default"))
            })?;
            Some(started)
        } else {
            None
        };
        Ok(Self {
            controller_manager: controller_manager.map(Mutex::new),
            api_server: Mutex::new(api_server),
            _etcd: etcd,
            _port: port,
            client,
            access,
            audit_log,
        })
    }
}

fn default_account_path(namespace: &str) -> String {
    format!("/api/v1/namespaces/{namespace}/serviceaccounts/default")
}

fn default_account_of(namespace: &str) -> String {
    format!("ServiceAccount `default` in namespace `{namespace}`")
}

//! What clients of one run need.

use std::path::{Path, PathBuf};

use crate::certificates::Certificates;
use crate::error::ControlPlaneError;
use crate::kubeconfig::{Impersonation, Kubeconfig};
use crate::run_directory::write_file;
use crate::users::Tokens;

/// What a client must know.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) server_url: String,
    pub(crate) certificates: Certificates,
    pub(crate) tokens: Tokens,
}

impl Access {
    pub(crate) fn write_kubeconfig(
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

pub(crate) fn kubeconfig_name(name: &str) -> String {
    format!("{name}.kubeconfig")
}

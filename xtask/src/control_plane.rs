//! `cargo xtask control-plane`

use std::process::ExitCode;

use anyhow::Result;
use control_plane::binaries::{ASSETS_VARIABLE, locate_or_build};

/// Build what is missing of etcd, kube-apiserver and kube-controller-manager, and
/// print where they are in the form `KUBEBUILDER_ASSETS=<directory>`
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(Arguments {}: Arguments) -> Result<ExitCode> {
    let directory = locate_or_build(&mut std::io::stderr())?;
    println!("{ASSETS_VARIABLE}={}", directory.display());
    Ok(ExitCode::SUCCESS)
}

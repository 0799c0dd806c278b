//! Where things are in this workspace.

use std::path::{Path, PathBuf};

/// The folder of this crate: it holds the Go modules of the control plane.
pub(crate) fn crate_directory() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the oracle's Go module.
pub(crate) fn oracle_directory() -> PathBuf {
    tests_directory().join("oracle")
}

/// The folder of the Go module that verifies evidence logs.
pub(crate) fn verifier_directory() -> PathBuf {
    tests_directory().join("tessera")
}

/// The folder of the Go module that reads YAML.
pub(crate) fn yaml_directory() -> PathBuf {
    tests_directory().join("yaml")
}

/// The folder for what is built and run here. It does not follow
/// `CARGO_TARGET_DIR`: the programs are the same for each of them, and building
/// them takes minutes.
pub(crate) fn output_directory() -> PathBuf {
    tests_directory().join("../target/control-plane")
}

fn tests_directory() -> PathBuf {
    crate_directory()
        .parent()
        .unwrap_or(crate_directory())
        .to_path_buf()
}

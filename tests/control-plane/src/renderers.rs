//! The programs that render charts and kustomizations: built once from pinned Go modules.

use std::io::Write;
use std::path::PathBuf;

use crate::error::ControlPlaneError;
use crate::go_build::{GoProgram, lock_directory, say};
use crate::workspace::{crate_directory, output_directory};

/// Each with the package that it is built from.
const PROGRAMS: [(&str, &str); 2] = [
    ("helm", "helm.sh/helm/v3/cmd/helm"),
    ("kustomize", "sigs.k8s.io/kustomize/kustomize/v5"),
];

/// The directory that holds `helm` and `kustomize`, built here if they are missing. Progress goes
/// to `log`, one line a program.
///
/// # Errors
/// Go is missing, a build failed, or the directory cannot be written.
pub fn locate_or_build(log: &mut dyn Write) -> Result<PathBuf, ControlPlaneError> {
    let directory = output_directory().join("renderers");
    let _lock = lock_directory(&directory, log)?;
    for (name, package) in PROGRAMS {
        if !directory.join(name).is_file() {
            say(log, &format!("building {name}, minutes the first time"));
            let program = GoProgram {
                name,
                module: crate_directory().join(name),
                package,
                linker_flags: "-s -w".to_owned(),
                alternative: "",
            };
            program.build(&directory)?;
        }
    }
    directory
        .canonicalize()
        .map_err(crate::error::io_error("resolve", &directory))
}

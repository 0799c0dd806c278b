//! Building programs with the Go compiler.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::error::{ControlPlaneError, io_error};

/// How much of the compiler's output an error shows, in bytes from its end.
const OUTPUT_SHOWN_BYTES: usize = 4096;

/// A main package of one of our Go modules.
pub(crate) struct GoProgram {
    pub(crate) name: &'static str,
    /// The directory of the module that pins its version.
    pub(crate) module: PathBuf,
    pub(crate) package: &'static str,
    pub(crate) linker_flags: String,
    /// Completes "Install Go" in the error for those who have none.
    pub(crate) alternative: &'static str,
}

impl GoProgram {
    /// Builds into `directory`. The Go compiler leaves a program alone that is up
    /// to date; a half-written program never has the final name.
    pub(crate) fn build(&self, directory: &Path) -> Result<PathBuf, ControlPlaneError> {
        self.build_with("go", directory)
    }

    fn build_with(&self, compiler: &str, directory: &Path) -> Result<PathBuf, ControlPlaneError> {
        let destination = directory.join(self.name);
        let unfinished = directory.join(format!(".{}.unfinished", self.name));
        if destination.exists() {
            // For the comparison by the Go compiler.
            fs::copy(&destination, &unfinished).map_err(io_error("write", &unfinished))?;
        }
        let output = self.run(compiler, &unfinished)?;
        if !output.status.success() {
            return Err(ControlPlaneError::Build {
                program: self.name,
                module: self.module.clone(),
                status: output.status.to_string(),
                output: end_of(&output.stderr),
            });
        }
        // The Go compiler leaves a file that it replaced writable for everybody.
        fs::set_permissions(&unfinished, Permissions::from_mode(0o755))
            .map_err(io_error("set the mode of", &unfinished))?;
        fs::rename(&unfinished, &destination).map_err(io_error("rename to", &destination))?;
        Ok(destination)
    }

    fn run(&self, compiler: &str, destination: &Path) -> Result<Output, ControlPlaneError> {
        Command::new(compiler)
            .args([
                "build",
                "-trimpath",
                "-buildvcs=false",
                "-ldflags",
                &self.linker_flags,
                "-o",
            ])
            .arg(destination)
            .arg(self.package)
            .current_dir(&self.module)
            // The result must not depend on the commit, a C compiler, or settings of the
            // user that would lift the versions which go.mod pins.
            .env("CGO_ENABLED", "0")
            .env("GOFLAGS", "-mod=readonly")
            .env("GOWORK", "off")
            .output()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => ControlPlaneError::GoMissing {
                    program: self.name,
                    alternative: self.alternative,
                },
                _ => io_error("run `go` in", &self.module)(error),
            })
    }
}

pub(crate) fn end_of(output: &[u8]) -> String {
    let start = output.len().saturating_sub(OUTPUT_SHOWN_BYTES);
    String::from_utf8_lossy(output.get(start..).unwrap_or_default())
        .trim()
        .to_owned()
}

/// Creates `directory` and keeps other processes from building there until the
/// returned file is dropped.
pub(crate) fn lock_directory(
    directory: &Path,
    log: &mut dyn Write,
) -> Result<File, ControlPlaneError> {
    fs::create_dir_all(directory).map_err(io_error("create", directory))?;
    let path = directory.join(".lock");
    let lock = File::create(&path).map_err(io_error("create", &path))?;
    match lock.try_lock() {
        Ok(()) => return Ok(lock),
        Err(TryLockError::WouldBlock) => say(log, "waiting for another process that is building"),
        Err(TryLockError::Error(error)) => return Err(io_error("lock", &path)(error)),
    }
    lock.lock().map_err(io_error("lock", &path))?;
    Ok(lock)
}

/// Writes one line of progress; a closed pipe is no reason to stop building.
pub(crate) fn say(log: &mut dyn Write, line: &str) {
    let _ = writeln!(log, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_compiler_is_reported_with_what_to_do() {
        let directory = tempfile::tempdir().unwrap();
        let program = GoProgram {
            name: "etcd",
            module: directory.path().to_path_buf(),
            package: ".",
            linker_flags: String::new(),
            alternative: ", or bring your own",
        };
        let error = program
            .build_with("no-such-compiler", directory.path())
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "Go is needed to build etcd, and no `go` was found. Install Go 1.26 or later \
             (https://go.dev/dl), or bring your own. `cargo xtask test --without-cluster` runs \
             the tests that need neither Go nor a control plane"
        );
    }
}

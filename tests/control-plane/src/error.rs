use std::io;
use std::path::PathBuf;

/// Why the control plane, or a program that the tests need, is not there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlPlaneError {
    /// The programs have to be built and there is no compiler for them.
    #[error(
        "Go is needed to build {program}, and no `go` was found. Install Go 1.26 or later \
         (https://go.dev/dl){alternative}. `cargo xtask test --without-cluster` runs the tests \
         that need neither Go nor a control plane"
    )]
    GoMissing {
        /// The program that was to be built.
        program: &'static str,
        /// What else would do, or nothing.
        alternative: &'static str,
    },

    /// The Go compiler refused.
    #[error("`go build` of {program} in {module} failed ({status}):\n{output}")]
    Build {
        /// The program that was to be built.
        program: &'static str,
        /// The directory of its Go module.
        module: PathBuf,
        /// How `go` ended.
        status: String,
        /// The end of what `go` wrote.
        output: String,
    },

    /// A program has to be installed and there is no Python for it.
    #[error(
        "Python is needed to install compliance-trestle, and no `python3` was found. Install Python \
         3.11 or later with its module venv. `cargo xtask test --without-cluster` runs the tests \
         that do not need it"
    )]
    PythonMissing,

    /// Python packages could not be installed.
    #[error("{program} failed ({status}):\n{output}")]
    Install {
        /// What was run.
        program: PathBuf,
        /// How it ended.
        status: String,
        /// The end of what it wrote.
        output: String,
    },

    /// A file, a directory or a process could not be used.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was attempted, such as `create`.
        action: &'static str,
        /// What it was attempted on.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },

    /// No port of the loopback interface could be reserved.
    #[error("reserve a loopback port: {0}")]
    Port(io::Error),

    /// No randomness for tokens.
    #[error("make a token: {0}")]
    Token(getrandom::Error),

    /// The certificates could not be made.
    #[error("make the certificates: {0}")]
    Certificate(#[from] rcgen::Error),

    /// The client for the API server could not be set up.
    #[error("set up TLS for the API server: {0}")]
    Tls(String),

    /// A program ended before it was ready.
    #[error("{program} ended before it was ready ({status}). The end of {log}:\n{tail}")]
    Ended {
        /// The program.
        program: &'static str,
        /// How it ended.
        status: String,
        /// Its log, which is kept.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },

    /// A program did not become ready in time.
    #[error(
        "{awaited} did not happen within {seconds} s (last: {last}). The end of {log}:\n{tail}"
    )]
    NotReady {
        /// What was waited for.
        awaited: String,
        /// For how long.
        seconds: u64,
        /// What was seen instead.
        last: String,
        /// The log of the program that is responsible, which is kept.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },

    /// The oracle broke off.
    #[error("the oracle {0}")]
    Oracle(String),
}

/// Adds to an I/O error what was attempted, and on what.
pub(crate) fn io_error(
    action: &'static str,
    path: impl Into<PathBuf>,
) -> impl FnOnce(io::Error) -> ControlPlaneError {
    let path = path.into();
    move |source| ControlPlaneError::Io {
        action,
        path,
        source,
    }
}

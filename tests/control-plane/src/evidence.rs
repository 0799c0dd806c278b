//! What evidence logs are tried with: a verifier that is not ours, and a real S3 server.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::binaries::cache_directory;
use crate::error::{ControlPlaneError, io_error};
use crate::go_build::{GoProgram, lock_directory};
use crate::process::{Program, Supervised};
use crate::readiness::wait_for;
use crate::run_directory::RunDirectory;
use crate::workspace::{crate_directory, verifier_directory};

const ACCESS_KEY: &str = "tests";
const SECRET_KEY: &str = "secret-of-the-tests";
const BUCKET: &str = "evidence";

/// Builds the program of `tests/tessera` if it is missing or its sources changed, and says where it
/// is.
///
/// # Errors
/// Go is missing, or the build failed.
pub fn build_verifier() -> Result<PathBuf, ControlPlaneError> {
    build("tessera", verifier_directory(), ".")
}

/// What `fsck` of tessera says of the log in a directory: a line with origin and size for each key,
/// or what is wrong with it.
///
/// # Errors
/// As [`build_verifier`].
pub fn fsck(log: &Path) -> Result<Result<String, String>, ControlPlaneError> {
    let mut command = Command::new(build_verifier()?);
    let output = command.arg("fsck").arg(log).output();
    let output = output.map_err(io_error("run the verifier on", log))?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok(match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stderr)),
    })
}

fn build(
    name: &'static str,
    module: PathBuf,
    package: &'static str,
) -> Result<PathBuf, ControlPlaneError> {
    let cache = cache_directory();
    let _lock = lock_directory(&cache, &mut io::stderr())?;
    let program = GoProgram {
        name,
        module,
        package,
        linker_flags: "-s -w".to_owned(),
        alternative: "",
    };
    program.build(&cache)
}

/// A running Versity S3 Gateway with one bucket, kept in a directory. Dropping it ends it.
#[derive(Debug)]
pub struct S3Server {
    process: Option<Supervised>,
    program: PathBuf,
    address: SocketAddr,
    directory: RunDirectory,
}

impl S3Server {
    /// Builds the server if it is missing, starts it, and waits until it listens.
    ///
    /// # Errors
    /// Go is missing, the build failed, or the server does not start.
    pub fn start() -> Result<Self, ControlPlaneError> {
        let module = crate_directory().join("versitygw");
        let program = build(
            "versitygw",
            module,
            "github.com/versity/versitygw/cmd/versitygw",
        )?;
        let directory = RunDirectory::create()?;
        let at = directory.path().to_owned();
        for name in ["data/evidence", "metadata"] {
            let path = at.join(name);
            fs::create_dir_all(&path).map_err(io_error("create", &path))?;
        }
        let address = free_address().map_err(io_error("find a port for", &program))?;
        let mut server = Self {
            process: None,
            program,
            address,
            directory,
        };
        server.start_again()?;
        Ok(server)
    }

    /// Ends it; what it keeps stays.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Starts it where it was, and waits until it listens.
    ///
    /// # Errors
    /// It does not start.
    pub fn start_again(&mut self) -> Result<(), ControlPlaneError> {
        let (at, address) = (self.directory.path().to_owned(), self.address);
        let port = address.to_string();
        // The server changes its working directory to that of the data.
        let absolute = |name: &str| at.join(name).to_string_lossy().into_owned();
        let (data, metadata) = (absolute("data"), absolute("metadata"));
        let arguments = [
            "--access",
            ACCESS_KEY,
            "--secret",
            SECRET_KEY,
            "--port",
            &port,
            "--quiet",
            "posix",
            "--sidecar",
            &metadata,
            &data,
        ];
        let mut process = Program {
            name: "versitygw",
            path: &self.program,
            arguments: arguments.map(str::to_owned).to_vec(),
            directory: &at,
            scratch: None,
        }
        .start()?;
        wait_for("the S3 server", &mut process, || {
            TcpStream::connect(address)
                .map(|_| ())
                .map_err(|error| error.to_string())
        })?;
        self.process = Some(process);
        Ok(())
    }

    /// Where it listens, without TLS.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its one bucket.
    pub fn bucket(&self) -> &'static str {
        BUCKET
    }

    /// Who may do everything.
    pub fn access_key(&self) -> &'static str {
        ACCESS_KEY
    }

    /// The secret that goes with the access key.
    pub fn secret_key(&self) -> &'static str {
        SECRET_KEY
    }

    /// Takes the bucket away.
    ///
    /// # Errors
    /// It is gone already.
    pub fn hide_bucket(&self) -> Result<(), ControlPlaneError> {
        self.rename("data/evidence", "hidden")
    }

    /// Brings the bucket back.
    ///
    /// # Errors
    /// It is there already.
    pub fn show_bucket(&self) -> Result<(), ControlPlaneError> {
        self.rename("hidden", "data/evidence")
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), ControlPlaneError> {
        let (from, to) = (
            self.directory.path().join(from),
            self.directory.path().join(to),
        );
        fs::rename(&from, &to).map_err(io_error("rename to", &to))
    }
}

/// A port that was free a moment ago.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

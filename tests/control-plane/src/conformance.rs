//! The simple conformance tests of the CEL specification, as JSON. A program in
//! `tests/oracle/conformance` reads protobuf's text form.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::binaries::cache_directory;
use crate::error::{ControlPlaneError, io_error};
use crate::go_build::{GoProgram, lock_directory};
use crate::workspace::oracle_directory;

/// The version of the specification that cel-go v0.26.0 pins.
const MODULE: &str = "cel.dev/expr@v0.24.0";

/// All tests: objects with `file`, `section` and `test`, the last one protobuf's JSON form of
/// `cel.expr.conformance.test.SimpleTest`.
///
/// # Errors
/// Go is missing, the module cannot be downloaded, or the program fails.
pub fn simple_tests() -> Result<Vec<Value>, ControlPlaneError> {
    let cache = cache_directory();
    let program = {
        let _lock = lock_directory(&cache, &mut std::io::stderr())?;
        reader().build(&cache)?
    };
    let directory = module_directory()?.join("tests/simple/testdata");
    let lines = output(Command::new(&program).arg(directory), &program)?;
    lines
        .lines()
        .map(|line| serde_json::from_str(line).map_err(|error| failed(&error.to_string())))
        .collect()
}

/// Where the Go module cache has the specification; it is downloaded if need be.
fn module_directory() -> Result<PathBuf, ControlPlaneError> {
    let mut download = Command::new("go");
    download
        .args(["mod", "download", "-json", MODULE])
        .current_dir(oracle_directory())
        .env("GOFLAGS", "-mod=readonly")
        .env("GOWORK", "off");
    let described = output(&mut download, Path::new("go"))?;
    let described: Value =
        serde_json::from_str(&described).map_err(|error| failed(&error.to_string()))?;
    match described.get("Dir").and_then(Value::as_str) {
        Some(directory) => Ok(PathBuf::from(directory)),
        None => Err(failed(&format!(
            "`go mod download {MODULE}` names no directory"
        ))),
    }
}

fn output(command: &mut Command, program: &Path) -> Result<String, ControlPlaneError> {
    let output = command.output().map_err(io_error("run", program))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn failed(reason: &str) -> ControlPlaneError {
    ControlPlaneError::Oracle(format!("cannot read the conformance tests: {reason}"))
}

fn reader() -> GoProgram {
    GoProgram {
        name: "conformance",
        module: oracle_directory(),
        package: "./conformance",
        linker_flags: "-s -w".to_owned(),
        alternative: "",
    }
}

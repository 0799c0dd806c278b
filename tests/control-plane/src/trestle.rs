//! The program that judges OSCAL documents: compliance-trestle, installed once from pinned packages.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{ControlPlaneError, io_error};
use crate::go_build::{end_of, lock_directory, say};
use crate::workspace::output_directory;

const REQUIREMENTS: &str = include_str!("../trestle/requirements.txt");
/// Says in the environment what was installed there.
const INSTALLED: &str = "installed.txt";

/// The Python that has `trestle`, installed here if it is missing or its pins changed. Progress goes to
/// `log`. Scripts of an environment name its path, so run `-m trestle`: that survives a checkout's move.
///
/// # Errors
/// Python is missing, an installation failed, or the directory cannot be written.
pub fn locate_or_install(log: &mut dyn Write) -> Result<PathBuf, ControlPlaneError> {
    let environment = output_directory().join("trestle");
    let program = environment.join("bin/python");
    let _lock = lock_directory(&output_directory(), log)?;
    let installed = environment.join(INSTALLED);
    if fs::read_to_string(&installed).is_ok_and(|text| text == REQUIREMENTS) {
        return Ok(program);
    }
    say(
        log,
        "installing compliance-trestle, a minute the first time",
    );
    let mut python = Command::new("python3");
    run(python.args(["-m", "venv", "--clear"]).arg(&environment))?;
    let requirements = environment.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS).map_err(io_error("write", &requirements))?;
    let mut pip = Command::new(environment.join("bin/pip"));
    pip.args([
        "install",
        "--disable-pip-version-check",
        "--no-deps",
        "--requirement",
    ]);
    run(pip.arg(&requirements))?;
    fs::rename(&requirements, &installed).map_err(io_error("write", &installed))?;
    Ok(program)
}

fn run(command: &mut Command) -> Result<(), ControlPlaneError> {
    let program = Path::new(command.get_program()).to_owned();
    let output = command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ControlPlaneError::PythonMissing,
        _ => io_error("run", &program)(error),
    })?;
    match output.status.success() {
        true => Ok(()),
        false => Err(ControlPlaneError::Install {
            program,
            status: output.status.to_string(),
            output: end_of(&output.stderr),
        }),
    }
}

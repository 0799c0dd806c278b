//! What `sigs.k8s.io/yaml` makes of documents, asked of the program in `tests/yaml`.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::error::{ControlPlaneError, io_error};
use crate::go_build::{GoProgram, lock_directory};
use crate::workspace::{output_directory, yaml_directory};

/// The answers about documents, in their order: objects with `json`, `error` or both.
///
/// # Errors
/// Go is missing, the build failed, or the program does not answer.
pub fn answers(documents: &[&str]) -> Result<Vec<Value>, ControlPlaneError> {
    let directory = output_directory().join("renderers");
    let program = {
        let _lock = lock_directory(&directory, &mut std::io::stderr())?;
        let program = GoProgram {
            name: "yaml",
            module: yaml_directory(),
            package: ".",
            linker_flags: "-s -w".to_owned(),
            alternative: "",
        };
        program.build(&directory)?
    };
    let mut questions =
        tempfile_of(documents).map_err(io_error("write questions for", &program))?;
    std::io::Seek::rewind(&mut questions).map_err(io_error("rewind questions for", &program))?;
    let output = Command::new(&program)
        .stdin(Stdio::from(questions))
        .stderr(Stdio::inherit())
        .output()
        .map_err(io_error("start", &program))?;
    let answers = String::from_utf8_lossy(&output.stdout);
    let answers = answers.lines().map(|line| {
        serde_json::from_str(line)
            .map_err(|error| ControlPlaneError::Oracle(format!("answered `{line}`: {error}")))
    });
    answers.collect()
}

/// A file, since a pipe would fill up on both ends.
fn tempfile_of(documents: &[&str]) -> std::io::Result<std::fs::File> {
    let mut file = tempfile::tempfile()?;
    for document in documents {
        writeln!(file, "{}", Value::from(*document))?;
    }
    Ok(file)
}

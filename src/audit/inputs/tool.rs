//! Running a program that renders manifests: without a shell, for so long, with so much output.

use std::ffi::OsStr;
use std::io::{Read as _, Seek as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use super::read::FILE_BYTES_MAX;

/// How long one rendering may take: remote bases are fetched meanwhile.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is looked at.
const INTERVAL: Duration = Duration::from_millis(10);
/// How much of its complaints is shown.
const COMPLAINT_BYTES_MAX: u64 = 4096;

/// Why nothing was rendered.
#[derive(Debug)]
pub(super) enum Failure {
    /// The program is not installed.
    Missing,
    /// It does not start, or it failed.
    Failed(String),
}

/// Runs a program to its end; what it prints goes into a file, however much that is.
///
/// # Errors
/// Why there is no whole output.
pub(super) fn run<S: AsRef<OsStr>>(
    program: &str,
    arguments: &[S],
) -> Result<NamedTempFile, Failure> {
    run_within(program, arguments, PATIENCE, FILE_BYTES_MAX)
}

fn run_within<S: AsRef<OsStr>>(
    program: &str,
    arguments: &[S],
    patience: Duration,
    bytes_max: u64,
) -> Result<NamedTempFile, Failure> {
    let failed = |error: std::io::Error| Failure::Failed(format!("cannot run {program}: {error}"));
    let output = NamedTempFile::new().map_err(failed)?;
    let mut complaints = tempfile::tempfile().map_err(failed)?;
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output.reopen().map_err(failed)?)
        .stderr(complaints.try_clone().map_err(failed)?)
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Failure::Missing,
            _ => failed(error),
        })?;
    let ended = wait(&mut child, &output, patience, bytes_max);
    let status = match ended {
        Ok(status) => status,
        Err(reason) => {
            let _ = child.kill();
            let _ = child.wait();
            return Err(Failure::Failed(format!("{program} {reason}")));
        }
    };
    if status.success() {
        return Ok(output);
    }
    let mut complaint = Vec::new();
    let _ = complaints.rewind();
    let _ = complaints
        .take(COMPLAINT_BYTES_MAX)
        .read_to_end(&mut complaint);
    let complaint = String::from_utf8_lossy(&complaint);
    let complaint = complaint.trim();
    Err(Failure::Failed(match complaint {
        "" => format!("{program} failed without a word: {status}"),
        complaint => format!("{program} failed: {complaint}"),
    }))
}

fn wait(
    child: &mut Child,
    output: &NamedTempFile,
    patience: Duration,
    bytes_max: u64,
) -> Result<ExitStatus, String> {
    let until = Instant::now() + patience;
    loop {
        let ended = child
            .try_wait()
            .map_err(|error| format!("was lost: {error}"))?;
        let size = output.as_file().metadata().map_or(0, |it| it.len());
        if size > bytes_max {
            return Err(format!("printed more than {bytes_max} bytes"));
        }
        if let Some(status) = ended {
            return Ok(status);
        }
        if Instant::now() >= until {
            return Err(format!("took longer than {} s", patience.as_secs()));
        }
        sleep(INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(program: &str, arguments: &[&str]) -> String {
        let patience = Duration::from_millis(200);
        match run_within(program, arguments, patience, 1000) {
            Ok(_) => String::new(),
            Err(Failure::Missing) => "missing".to_owned(),
            Err(Failure::Failed(reason)) => reason,
        }
    }

    #[test]
    fn what_does_not_end_well_is_told() {
        for (program, arguments, expected) in [
            ("true", &[][..], ""),
            ("cattlegrid-has-no-such-program", &[], "missing"),
            ("sleep", &["60"], "took longer than"),
            ("yes", &[], "printed more than 1000 bytes"),
            ("false", &[], "failed without a word"),
            ("ls", &["/cattlegrid/no/such/file"], "no/such/file"),
        ] {
            let reason = reason(program, arguments);
            assert!(reason.contains(expected), "{program}: {reason}");
            assert_eq!(reason.is_empty(), expected.is_empty(), "{reason}");
        }
    }
}

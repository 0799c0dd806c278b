//! Running a program and measuring it.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use wait4::Wait4 as _;

/// What a run took.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) exit_code: i32,
    elapsed: Duration,
    cpu: Duration,
    /// The most memory it had at once.
    pub(super) resident_kib: u64,
    /// What it said last.
    pub(super) last_line: String,
}

impl Run {
    pub(super) fn seconds(&self) -> f64 {
        self.elapsed.as_secs_f64()
    }

    pub(super) fn cpu_seconds(&self) -> f64 {
        self.cpu.as_secs_f64()
    }
}

/// Runs a program to its end, reading all that it prints.
///
/// # Errors
/// It does not start, or a signal ended it.
pub(super) fn run(command: &mut Command) -> Result<Run> {
    let start = Instant::now();
    let mut process = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("start {command:?}"))?;
    let mut output = Vec::new();
    if let Some(stream) = &mut process.stdout {
        stream.read_to_end(&mut output)?;
    }
    let ended = process.wait4()?;
    let elapsed = start.elapsed();
    let usage = ended.rusage;
    let output = String::from_utf8_lossy(&output);
    Ok(Run {
        exit_code: ended.status.code().context("a signal ended it")?,
        elapsed,
        cpu: usage.utime + usage.stime,
        // Bytes, whatever the system counts in.
        resident_kib: usage.maxrss / 1024,
        last_line: output.lines().last().unwrap_or_default().to_owned(),
    })
}

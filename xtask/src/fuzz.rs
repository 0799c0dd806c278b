//! `cargo xtask fuzz`

use std::ffi::OsString;
use std::process::{Child, Command, ExitCode};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The variable that makes the tests of package `fuzz` long.
const SECONDS_VARIABLE: &str = "CATTLEGRID_FUZZ_SECONDS";

/// How much longer than asked the targets may take: to compile, to shrink an input that fails, and
/// to finish the last case.
const GRACE_SECONDS: u64 = 1800;

/// Feed random input to everything that reads what others wrote, for longer than a test run does
///
/// The targets are tests of package `fuzz`. A panic is shrunk to a small input and printed with its
/// seed. If an input takes longer than a minute, it is in `cattlegrid-fuzz-*.hang` in the directory
/// for temporary files; if one ends the process, in `cattlegrid-fuzz-*.input`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,

    /// Run only targets whose name contains this, such as `expressions::` or `manifests::`
    #[arg(value_name = "TARGET")]
    target: Option<String>,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    let mut process = cargo_test(&arguments).spawn().context("run `cargo test`")?;
    // One after the other there would be this many.
    let targets_max = 20;
    let patience = arguments
        .seconds
        .saturating_mul(targets_max)
        .saturating_add(GRACE_SECONDS);
    wait(&mut process, Duration::from_secs(patience))
}

/// Waits for the end; a target that hangs is a failure.
fn wait(process: &mut Child, patience: Duration) -> Result<ExitCode> {
    let until = Instant::now() + patience;
    while Instant::now() < until {
        if let Some(status) = process.try_wait()? {
            return Ok(if status.success() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            });
        }
        sleep(Duration::from_millis(200));
    }
    process.kill()?;
    bail!("a target hangs; see the newest cattlegrid-fuzz-*.input in the temporary directory")
}

fn cargo_test(arguments: &Arguments) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command
        .args([
            "test",
            "--release",
            "--package",
            "fuzz",
            "--test",
            "targets",
            "--",
            // How many inputs there were shows.
            "--nocapture",
        ])
        .args(&arguments.target)
        .env(SECONDS_VARIABLE, arguments.seconds.to_string());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_and_the_time_reach_the_tests() {
        let command = cargo_test(&Arguments {
            seconds: 5,
            target: Some("expressions::".to_owned()),
        });
        let words: Vec<_> = command
            .get_args()
            .map(|word| word.to_string_lossy())
            .collect();
        assert!(
            words.ends_with(&["--nocapture".into(), "expressions::".into()]),
            "{words:?}"
        );
        let seconds = command
            .get_envs()
            .find(|(name, _)| *name == SECONDS_VARIABLE);
        assert_eq!(seconds.unwrap().1.unwrap(), "5");
    }
}

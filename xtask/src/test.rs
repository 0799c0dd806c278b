//! `cargo xtask test`

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use control_plane::binaries::{ASSETS_VARIABLE, locate_or_build};

/// The feature of each crate that has tests against a control plane or the oracle.
/// A plain `cargo test` does not build them, rather than passing them unseen.
const CLUSTER_FEATURE: &str = "cluster-tests";

/// Run all tests of the workspace, those against a real control plane included
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Leave out the tests that need Go or a control plane
    #[arg(long)]
    without_cluster: bool,

    /// Passed on to `cargo test`, such as `--package` or, after another `--`, a
    /// test's name
    #[arg(last = true, value_name = "CARGO_TEST_ARGUMENT")]
    cargo_arguments: Vec<OsString>,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    let mut command = cargo_test(&arguments);
    if !arguments.without_cluster {
        // Before the tests are compiled: who lacks Go wants to know at once.
        let directory = locate_or_build(&mut std::io::stderr())?;
        command.env(ASSETS_VARIABLE, directory);
    }
    let status = command.status().context("run `cargo test`")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn cargo_test(arguments: &Arguments) -> Command {
    // Cargo names itself to the programs that it runs.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(["test", "--workspace"]);
    if !arguments.without_cluster {
        command.args(["--features", CLUSTER_FEATURE]);
    }
    command.args(&arguments.cargo_arguments);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cargo_arguments(without_cluster: bool, passed_on: &[&str]) -> Vec<String> {
        let cargo_arguments = passed_on.iter().map(OsString::from).collect();
        let command = cargo_test(&Arguments {
            without_cluster,
            cargo_arguments,
        });
        command
            .get_args()
            .map(|argument| argument.to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn cluster_tests_are_on_unless_left_out() {
        assert_eq!(
            cargo_arguments(false, &[]),
            ["test", "--workspace", "--features", "cluster-tests"]
        );
        assert_eq!(cargo_arguments(true, &[]), ["test", "--workspace"]);
    }

    #[test]
    fn further_arguments_go_to_cargo_test() {
        assert_eq!(
            cargo_arguments(true, &["--release", "--", "mutations"]),
            ["test", "--workspace", "--release", "--", "mutations"]
        );
    }
}

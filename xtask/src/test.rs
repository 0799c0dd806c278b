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

    /// Test this package instead of the whole workspace
    #[arg(long, short, value_name = "NAME")]
    package: Vec<String>,

    /// Passed on to `cargo test`, such as `--test cluster`; after another `--`, to
    /// the tests
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
    command.arg("test");
    if arguments.package.is_empty() {
        command.arg("--workspace");
    }
    for package in &arguments.package {
        command.args(["--package", package]);
    }
    if !arguments.without_cluster {
        command.args(["--features", CLUSTER_FEATURE]);
    }
    command.args(&arguments.cargo_arguments);
    command
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn cargo_arguments(command_line: &[&str]) -> String {
        let command_line = ["test"].iter().chain(command_line);
        let parsed = CommandLine::try_parse_from(command_line).unwrap();
        let command = cargo_test(&parsed.arguments);
        let words: Vec<&str> = command
            .get_args()
            .map(|word| word.to_str().unwrap())
            .collect();
        words.join(" ")
    }

    #[test]
    fn cluster_tests_are_on_unless_left_out() {
        assert_eq!(
            cargo_arguments(&[]),
            "test --workspace --features cluster-tests"
        );
        assert_eq!(cargo_arguments(&["--without-cluster"]), "test --workspace");
    }

    #[test]
    fn named_packages_replace_the_workspace() {
        assert_eq!(
            cargo_arguments(&["--without-cluster", "-p", "xtask"]),
            "test --package xtask"
        );
    }

    #[test]
    fn further_arguments_go_to_cargo_test_and_to_the_tests() {
        assert_eq!(
            cargo_arguments(&["--without-cluster", "--", "--release", "--", "mutations"]),
            "test --workspace --release -- mutations"
        );
    }
}

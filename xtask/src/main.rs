//! The chores of this repository: `cargo xtask --help`. Each command is a module.

mod bench;
mod control_plane;
mod differential;
mod docs;
mod fuzz;
mod playground;
mod test;

use std::process::ExitCode;

use clap::Parser;

/// The chores of this repository
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    Bench(bench::Arguments),
    ControlPlane(control_plane::Arguments),
    Differential(differential::Arguments),
    Docs(docs::Arguments),
    Fuzz(fuzz::Arguments),
    Playground(playground::Arguments),
    Test(test::Arguments),
}

fn main() -> ExitCode {
    let result = match Command::parse() {
        Command::Bench(arguments) => bench::run(arguments),
        Command::ControlPlane(arguments) => control_plane::run(arguments),
        Command::Differential(arguments) => differential::run_differential(arguments),
        Command::Docs(arguments) => docs::run(arguments),
        Command::Fuzz(arguments) => fuzz::run(arguments),
        Command::Playground(arguments) => playground::run(arguments),
        Command::Test(arguments) => test::run(arguments),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

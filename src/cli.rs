//! The command line: parse, dispatch, exit code.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

mod name;
mod output;
mod pages;

use self::output::output;
use crate::{audit, certs, evidence, generate, policy, serve};

/// Done, and nothing to complain about.
const EXIT_SUCCESS: u8 = 0;
/// It could not be done. Findings are 1, which only `audit` and `evidence verify` return.
const EXIT_ERROR: u8 = 2;

/// Admission control, audit and evidence for LLM agents that run as disposable Jobs on Kubernetes
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, disable_help_subcommand = true)]
pub struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Judge and complete what an API server sends
    Serve(Box<serve::Options>),
    /// Judge manifests before a cluster sees them
    #[command(visible_alias = "check")]
    Audit(Box<audit::Arguments>),
    /// Make a CA and a certificate for the webhook, without cert-manager
    Certs(certs::Options),
    /// Print what gets installed
    #[command(subcommand)]
    Generate(Generate),
    /// List, explain, test, compare, evaluate and export policies
    #[command(subcommand)]
    Policy(Policy),
    /// Verify the logs of what was decided, tell what is in them, and make the keys that sign them
    #[command(subcommand)]
    Evidence(Evidence),
    /// Print completions for a shell
    Completions(pages::Completions),
    /// Print the man page, or write all of them into a directory
    Man(pages::ManPages),
}

#[derive(Debug, Subcommand)]
enum Policy {
    /// List the policies, or the controls that they support
    List(policy::list::Arguments),
    /// Tell what a policy does, why, how to comply, and what it reads
    Explain(policy::explain::Arguments),
    /// Run the cases beside policies, and print what differs
    Test(policy::test::Arguments),
    /// Show which verdicts on manifests change from one policy set to another
    Diff(policy::diff::Arguments),
    /// Evaluate a CEL expression as the API server does: value, type and cost
    Eval(policy::eval::Arguments),
    /// Print the policies as objects that an API server enforces without the webhook
    Export(policy::export::Arguments),
}

#[derive(Debug, Subcommand)]
enum Evidence {
    /// Make a key that signs logs
    Keygen(evidence::key::KeygenArguments),
    /// Recompute logs from their bytes, and print what does not hold
    Verify(evidence::verify::Arguments),
    /// Tell everything that logs hold about one investigation, in order of time
    Trail(evidence::trail::Arguments),
    /// Sign an in-toto statement about one decision
    Attest(evidence::attest::Arguments),
    /// List what agents may write to, which credentials they have, and what ends both
    Inventory(Box<evidence::inventory::Arguments>),
    /// Report on logs: what was seen of each control, exceptions, gaps, as OSCAL, a page or JSON
    Report(evidence::report::Arguments),
}

#[derive(Debug, Subcommand)]
enum Generate {
    /// The webhook configurations that the policies and the baseline need
    Webhooks(generate::webhooks::Options),
    /// All objects of one agent namespace: boundary, accounts, roles, network policies, quota
    Namespace(generate::namespace::Options),
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let program = std::env::args_os().next().unwrap_or_default();
    let definition = Command::command().bin_name(name::typed(&program));
    let command = Command::from_arg_matches(&definition.get_matches());
    match run(command.unwrap_or_else(|error| error.exit())) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", text_of(&error));
            ExitCode::from(EXIT_ERROR)
        }
    }
}

/// An error and its causes in one line; causes that the text already tells are not repeated.
fn text_of(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command.action {
        Action::Serve(options) => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .context("the runtime cannot be started")?;
            let result = runtime.block_on(serve::run(*options));
            // Watches go on for as long as the process: nobody waits for them.
            runtime.shutdown_background();
            result?;
        }
        Action::Audit(arguments) => {
            let mut output = std::io::stdout();
            let is_terminal = output.is_terminal();
            return audit::run(&arguments, is_terminal, &mut output);
        }
        Action::Certs(options) => certs::run(&options)?,
        Action::Generate(Generate::Webhooks(options)) => generate::webhooks::run(&options)?,
        Action::Generate(Generate::Namespace(options)) => generate::namespace::run(&options)?,
        Action::Completions(arguments) => {
            pages::completions(&arguments, Command::command(), &mut output())?;
        }
        Action::Man(arguments) => {
            pages::man(&arguments, Command::command(), &mut output())?;
        }
        Action::Policy(Policy::Export(arguments)) => policy::export::run(&arguments)?,
        Action::Policy(Policy::List(arguments)) => {
            policy::list::run(&arguments, &mut output())?;
        }
        Action::Policy(Policy::Explain(arguments)) => {
            policy::explain::run(&arguments, &mut output())?;
        }
        Action::Policy(Policy::Test(arguments)) => {
            return policy::test::run(&arguments, &mut output());
        }
        Action::Policy(Policy::Diff(arguments)) => {
            return policy::diff::run(&arguments, &mut output());
        }
        Action::Evidence(Evidence::Keygen(arguments)) => {
            let (mut output, mut messages) = (output(), std::io::stderr());
            evidence::key::keygen(&arguments, &mut output, &mut messages)?;
        }
        Action::Evidence(Evidence::Verify(arguments)) => {
            return wait_for(evidence::verify::run(&arguments, &mut output()));
        }
        Action::Evidence(Evidence::Trail(arguments)) => {
            return wait_for(evidence::trail::run(&arguments, &mut output()));
        }
        Action::Evidence(Evidence::Attest(arguments)) => {
            wait_for(evidence::attest::run(&arguments, &mut output()))?;
        }
        Action::Evidence(Evidence::Inventory(arguments)) => {
            return evidence::inventory::run(&arguments, &mut output());
        }
        Action::Evidence(Evidence::Report(arguments)) => {
            let (mut output, mut messages) = (output(), std::io::stderr());
            let report = evidence::report::run(&arguments, &mut output, &mut messages);
            return wait_for(report);
        }
        Action::Policy(Policy::Eval(arguments)) => {
            let coloured =
                std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            return policy::eval::run(&arguments, coloured, &mut output());
        }
    }
    Ok(ExitCode::from(EXIT_SUCCESS))
}

fn wait_for<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    runtime.block_on(work)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Command::command().debug_assert();
    }

    #[test]
    fn an_error_tells_every_cause_once() {
        use anyhow::Context as _;
        let error = std::io::Error::other("disk full");
        let error = Err::<(), _>(anyhow::anyhow!("cannot write: {error}").context(error))
            .context("no report")
            .unwrap_err();
        assert_eq!(
            super::text_of(&error),
            "no report: disk full: cannot write: disk full"
        );
    }
}

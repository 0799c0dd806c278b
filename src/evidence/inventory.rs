//! `evidence inventory`: what agents may write to, which credentials they have, and what ends both.
//!
//! Manifests, a cluster's objects and records all become [`collect::Sighting`]s; these are gathered
//! into one [`model::Inventory`], and every form of the output is made of that alone.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use crate::audit::basis::BasisArguments;
use crate::evidence::period::PeriodArguments;
use crate::evidence::reading::ExpectationArguments;
use crate::evidence::verify::{EXIT_FINDINGS, EXIT_HOLDS};
use crate::policy::prose;

mod collect;
mod html;
mod log;
mod markdown;
mod model;
mod objects;
mod page;
mod words;

use self::collect::Collection;

/// Something could not be read.
const EXIT_FAILED: u8 = 2;

/// A heading of the help.
const LOGS: &str = "Logs";

/// What `evidence inventory` is given.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Files and directories with manifests, charts and kustomizations; `-` is standard input
    #[arg(value_name = "PATH", required_unless_present_any = ["cluster", "file", "log"])]
    paths: Vec<PathBuf>,
    /// The same as PATH
    #[arg(short = 'f', long = "filename", value_name = "PATH")]
    file: Vec<PathBuf>,
    /// Form of the output
    #[arg(short = 'o', long, visible_alias = "output", value_enum, default_value_t = Format::Markdown)]
    format: Format,
    /// List workloads that are no agents, too
    #[arg(long)]
    all: bool,
    /// List what is written: fill in what the API server does, and nothing of what mutations would
    #[arg(long)]
    no_mutate: bool,
    /// List what was admitted, by the records of a store of logs, one replica's logs or one log (a
    /// directory, `file://…`, `s3://…`)
    #[arg(long, value_name = "URL", conflicts_with_all = ["paths", "file", "cluster", "kubeconfig", "context"], help_heading = LOGS)]
    log: Option<String>,
    #[command(flatten, next_help_heading = LOGS)]
    period: PeriodArguments,
    #[command(flatten, next_help_heading = LOGS)]
    expected: ExpectationArguments,
    #[command(flatten)]
    basis: BasisArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for a system security plan
    Markdown,
    /// For programs, as docs/evidence/inventory-v1.schema.json describes
    Json,
    /// One page for a browser; needs nothing else
    Html,
}

/// Lists what the arguments name. Exit code 0 when everything could be read, 1 when logs do not hold, 2
/// when something could not be read: the rest is listed all the same, and the inventory says so.
///
/// # Errors
/// When the input as a whole cannot be used, or the output cannot be written.
pub fn run(arguments: &Arguments, output: &mut dyn Write) -> Result<ExitCode> {
    // clap asks for nothing that contradicts a PATH.
    let is_about_logs = arguments.period.is_given() || arguments.expected.is_given();
    ensure!(
        arguments.log.is_some() || !is_about_logs,
        "--from, --to, --key, --checkpoint and --retained-from are about logs; name them with --log URL"
    );
    let mut collection = Collection::new(arguments.all);
    let source = match &arguments.log {
        Some(url) => log::read(arguments, url, &mut collection)?,
        None => objects::read(arguments, &mut collection)?,
    };
    for message in collection.messages() {
        eprintln!("{message}");
    }
    let is_whole = collection.is_whole();
    let holds = source.holds();
    let inventory = collection.into_inventory(source)?;
    let text = match arguments.format {
        Format::Markdown => markdown::render(&page::of(&inventory)),
        Format::Json => serde_json::to_string_pretty(&inventory)? + "\n",
        Format::Html => html::render(&page::of(&inventory))?,
    };
    prose::print(&text, output)?;
    if !holds {
        eprintln!("error: the logs do not hold; `cattlegrid evidence verify` says what does not");
    }
    Ok(ExitCode::from(match (is_whole, holds) {
        (true, true) => EXIT_HOLDS,
        (true, false) => EXIT_FINDINGS,
        (false, _) => EXIT_FAILED,
    }))
}

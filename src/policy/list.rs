//! `cattlegrid policy list`: which policies there are, or which controls they support.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};
use serde_json::json;

use super::controls::{self, Supported};
use super::page::Page;
use super::prose::{print, table, wrapped};
use super::shelf;

/// What `policy list` is asked to do.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// List the controls of NIST SP 800-53 that policies and the evidence log support, how far, by
    /// what, and what is left to you
    #[arg(long)]
    controls: bool,
    /// Directory with folders of policies [default: the embedded set]
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// In which form
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Prints the list.
///
/// # Errors
/// When the policies cannot be read, or the output cannot be written.
pub fn run(arguments: &Arguments, output: &mut dyn Write) -> Result<()> {
    let pages = shelf::pages(&shelf::folders(arguments.policies.as_deref())?);
    let text = match (arguments.controls, arguments.output) {
        (false, Format::Table) => policies(&pages),
        (true, Format::Table) => supported(&controls::supported(&pages)),
        (false, Format::Json) => json(&json!({"policies": pages}))?,
        (true, Format::Json) => json(&json!({"controls": controls::supported(&pages)}))?,
    };
    print(&text, output)
}

fn json(value: &serde_json::Value) -> Result<String> {
    let text = serde_json::to_string_pretty(value).context("the list cannot be written as JSON")?;
    Ok(format!("{text}\n"))
}

fn policies(pages: &[Page]) -> String {
    let heading = ["ID", "KIND", "TITLE"].map(str::to_owned).to_vec();
    let row = |page: &Page| {
        let title = page.title.clone();
        vec![page.id.clone(), page.kind.name().to_owned(), title]
    };
    let rows: Vec<Vec<String>> = std::iter::once(heading)
        .chain(pages.iter().map(row))
        .collect();
    table(&rows)
}

fn supported(controls: &[Supported]) -> String {
    let blocks: Vec<String> = controls.iter().map(block).collect();
    blocks.join("\n")
}

fn block(control: &Supported) -> String {
    let supplemental = match control.supplemental {
        true => " (supplemental)",
        false => "",
    };
    let heading = format!("{} {}", control.id, control.title);
    let mut block = format!("{}{supplemental}\n", heading.trim_end());
    let policies = control.policies.join(", ");
    let log = control.log.map_or("", |log| log.extent);
    for (label, text) in [
        ("", control.selected().as_str()),
        ("supported: ", control.extent),
        ("by: ", &policies),
        ("by the log: ", log),
        ("left to you: ", control.owed),
    ] {
        if !text.is_empty() {
            block.push_str(&wrapped(&format!("{label}{text}"), "  "));
            block.push('\n');
        }
    }
    block
}

//! `cattlegrid policy test`: the cases beside policies.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::Value;

pub mod check;
mod completeness;
mod text;

use super::folder::{self, Folder};
use super::nearest::did_you_mean;
use crate::load::{self, LoadErrors};

/// Every case came out as its file says, and no rule is untried.
const EXIT_PASSED: u8 = 0;
/// Something differs or is missing.
const EXIT_DIFFERS: u8 = 1;
/// Something could not be run, whatever else was found.
const EXIT_FAILED: u8 = 2;
/// Where policies are looked for when nobody says where.
const DEFAULT_DIRECTORY: &str = "policies";

/// What `policy test` is asked to do.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Directories with folders of policies: each policy.yaml, its bindings, and tests.yaml
    /// [default: policies]
    #[arg(value_name = "DIR")]
    directories: Vec<PathBuf>,
    /// Test this policy only; may be given more than once
    #[arg(long = "policy", value_name = "ID")]
    policies: Vec<String>,
    /// AgentBaseline that the cases' `baseline` changes [default: the embedded one]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
}

/// Runs every case under the directories and prints what differs. Exit code 0 when nothing does, 1
/// when something does, or a validation or file is untried, 2 when something could not be run.
///
/// # Errors
/// When nothing can be run at all, or the output cannot be written.
pub fn run(arguments: &Arguments, output: &mut dyn Write) -> Result<ExitCode> {
    let baseline = baseline(arguments)?;
    let mut renderer = text::Renderer::default();
    for folder in select(arguments)? {
        match folder {
            Ok(folder) => {
                for warning in folder.set.warnings() {
                    eprintln!("warning: {warning}");
                }
                let report = check::check(&folder, &baseline);
                if let Err(error) = renderer.add(&folder, &report, output) {
                    return unwritten(error);
                }
            }
            Err(errors) => {
                renderer.unreadable();
                for line in errors.0 {
                    eprintln!("error: {line}");
                }
            }
        }
    }
    if let Err(error) = renderer.finish(output) {
        return unwritten(error);
    }
    Ok(ExitCode::from(match renderer {
        _ if renderer.failed() => EXIT_FAILED,
        _ if renderer.found_something() => EXIT_DIFFERS,
        _ => EXIT_PASSED,
    }))
}

/// Whoever closed the pipe has read enough.
fn unwritten(error: std::io::Error) -> Result<ExitCode> {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Ok(ExitCode::from(EXIT_FAILED)),
        _ => Err(error).context(super::UNWRITABLE),
    }
}

fn baseline(arguments: &Arguments) -> Result<Value> {
    let source = match &arguments.baseline {
        Some(file) => load::read_source(file)?,
        None => load::embedded_baseline()?,
    };
    let baseline = load::baseline(&source)?;
    serde_json::from_str(baseline.text()).with_context(|| format!("{}: unreadable", source.name))
}

/// The folders to test: all, or those of the policies that were named.
fn select(arguments: &Arguments) -> Result<Vec<Result<Folder, LoadErrors>>> {
    let directories = match arguments.directories.as_slice() {
        [] if !PathBuf::from(DEFAULT_DIRECTORY).is_dir() => anyhow::bail!(
            "there is no directory `{DEFAULT_DIRECTORY}` here; name the one with your policies: \
             cattlegrid policy test DIR"
        ),
        [] => vec![PathBuf::from(DEFAULT_DIRECTORY)],
        named => named.to_vec(),
    };
    let folders = folder::find(&directories)?;
    let is_empty = |files: &folder::Files| files.manifests.is_empty() && files.tests.is_none();
    if folders.iter().all(is_empty) {
        let shown: Vec<String> = directories
            .iter()
            .map(|directory| directory.display().to_string())
            .collect();
        anyhow::bail!("{}: no policies here", shown.join(", "));
    }
    let folders: Vec<_> = folders.iter().map(folder::Files::read).collect();
    if arguments.policies.is_empty() {
        return Ok(folders);
    }
    only(&arguments.policies, folders)
}

/// The folders that hold one of the named policies. Folders that cannot be read might hold it, so
/// they stay as long as one is missing.
fn only(
    policies: &[String],
    folders: Vec<Result<Folder, LoadErrors>>,
) -> Result<Vec<Result<Folder, LoadErrors>>> {
    let readable = folders.iter().filter_map(|folder| folder.as_ref().ok());
    let known: Vec<String> = readable
        .flat_map(|folder| folder.policies().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let missing = policies.iter().find(|id| !known.contains(id));
    let is_complete = folders.iter().all(Result::is_ok);
    if let (Some(id), true) = (missing, is_complete) {
        let hint = did_you_mean(id, known.iter().map(String::as_str));
        anyhow::bail!("there is no policy `{id}` in these directories{hint}");
    }
    let is_wanted = |folder: &Result<Folder, LoadErrors>| match folder {
        Ok(folder) => folder
            .policies()
            .any(|id| policies.iter().any(|wanted| wanted == id)),
        Err(_) => missing.is_some(),
    };
    Ok(folders.into_iter().filter(is_wanted).collect())
}

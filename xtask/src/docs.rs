//! `cargo xtask docs`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use cattlegrid::policy::{reference, shelf};

/// Write the documents that are generated from tables in the source and from the policies
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(Arguments {}: Arguments) -> Result<ExitCode> {
    write("cel.md", &admission_cel::reference::markdown())?;
    let pages = shelf::pages(&shelf::folders(None)?);
    // Pages of policies that are gone.
    match std::fs::remove_dir_all(docs().join("policies")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).context("docs/policies cannot be cleared");
        }
        _ => {}
    }
    for document in reference::documents(&pages)? {
        write(&document.path, &document.text)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

fn write(path: &str, text: &str) -> Result<()> {
    let file = docs().join(path);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    std::fs::write(&file, text).with_context(|| format!("{} cannot be written", file.display()))
}

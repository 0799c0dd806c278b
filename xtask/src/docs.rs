//! `cargo xtask docs`

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

/// Write the documents that are generated from tables in the source
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(Arguments {}: Arguments) -> Result<ExitCode> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cel.md");
    std::fs::write(&page, admission_cel::reference::markdown())
        .with_context(|| format!("{} cannot be written", page.display()))?;
    Ok(ExitCode::SUCCESS)
}

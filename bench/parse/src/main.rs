//! What `cargo xtask bench audit` compares with: finds the manifests of a directory as the audit
//! does, reads them on all threads and does nothing with them.
//!
//! `parse-manifests tree DIR` reads into the tree that the audit judges; `parse-manifests events DIR`
//! only draws the events of the YAML parser. It prints how many documents or events there were.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bumpalo::Bump;
use cattlegrid::k8s::manifest;
use granit_parser::Parser;
use ignore::WalkBuilder;
use rayon::prelude::*;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let what = arguments.next().context("name `tree` or `events`")?;
    let count = match what.to_str() {
        Some("tree") => trees,
        Some("events") => events,
        _ => bail!("name `tree` or `events`"),
    };
    let directory = arguments.next().context("name a directory")?;
    let files = files(directory.as_ref())?;
    let counts = files.par_iter().map(|file| {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        count(&text).with_context(|| file.display().to_string())
    });
    let counts: Result<Vec<usize>> = counts.collect();
    println!("{} in {} files", counts?.iter().sum::<usize>(), files.len());
    Ok(())
}

fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let walk = WalkBuilder::new(directory)
        .sort_by_file_name(std::cmp::Ord::cmp)
        .require_git(false)
        .build();
    let mut files = Vec::new();
    for entry in walk {
        let entry = entry?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

fn trees(text: &str) -> Result<usize> {
    let arena = Bump::new();
    let mut count = 0;
    for document in manifest::parse(text, &arena) {
        document?;
        count += 1;
    }
    Ok(count)
}

fn events(text: &str) -> Result<usize> {
    let mut count = 0;
    for event in Parser::new_from_str(text) {
        event?;
        count += 1;
    }
    Ok(count)
}

//! The policies to tell about: the shipped ones, or those of a directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::folder::{self, Folder};
use super::nearest::did_you_mean;
use super::page::{BaselineReference, Page};
use crate::load::{self, LoadErrors, Source};

/// The folders of a directory, or else the shipped ones.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn folders(directory: Option<&Path>) -> Result<Vec<Folder>> {
    let Some(directory) = directory else {
        return Ok(shipped()?);
    };
    let (mut folders, mut problems) = (Vec::new(), Vec::new());
    for files in folder::find(&[directory.to_owned()])? {
        match files.read() {
            Ok(folder) => folders.push(folder),
            Err(errors) => problems.extend(errors.0),
        }
    }
    if !problems.is_empty() {
        return Err(LoadErrors(problems).into());
    }
    if folders.iter().all(|folder| folder.policies().count() == 0) {
        bail!("{}: no policies here", directory.display());
    }
    Ok(folders)
}

fn shipped() -> Result<Vec<Folder>, LoadErrors> {
    let mut files: BTreeMap<PathBuf, (Vec<Source>, Option<Source>)> = BTreeMap::new();
    let folder = |source: &Source| Path::new(&source.name).parent().map(Path::to_owned);
    for source in load::embedded_policies() {
        let (policies, _) = files
            .entry(folder(&source).unwrap_or_default())
            .or_default();
        policies.push(source);
    }
    for source in load::embedded_tests() {
        let (_, tests) = files
            .entry(folder(&source).unwrap_or_default())
            .or_default();
        *tests = Some(source);
    }
    files
        .into_iter()
        .map(|(path, (policies, tests))| Folder::compile(path, policies, tests))
        .collect()
}

/// The pages of all policies in the folders, ordered by id.
pub fn pages(folders: &[Folder]) -> Vec<Page> {
    let reference = BaselineReference::shipped();
    let mut pages: Vec<Page> = folders
        .iter()
        .flat_map(|folder| Page::of_folder(folder, &reference))
        .collect();
    pages.sort_by(|a, b| a.id.cmp(&b.id));
    pages
}

/// The page of one policy.
///
/// # Errors
/// That there is none, and which is meant probably.
pub fn page(id: &str, pages: Vec<Page>) -> Result<Page> {
    let hint = did_you_mean(id, pages.iter().map(|page| page.id.as_str()));
    match pages.into_iter().find(|page| page.id == id) {
        Some(page) => Ok(page),
        None => bail!("there is no policy `{id}`{hint}"),
    }
}

//! What is in a directory: manifests, charts, kustomizations.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use rayon::prelude::*;

use super::kustomizations::{self, Kustomizations};
use super::render::Rendering;
use super::{Input, Stored, read, unusable};

/// File name endings that are taken for manifests in directories. Files that are named themselves
/// are read whatever they are called.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// Something in a directory.
enum Entry {
    File(PathBuf),
    Chart(PathBuf),
    Kustomization(PathBuf),
    Unusable(Input),
}

/// Everything in a directory, by name. Symbolic links to directories are not followed.
pub(super) fn directory(directory: &Path, rendering: Option<&Rendering<'_>>) -> Vec<Input> {
    let mut entries = entries(directory);
    if let Some(rendering) = rendering {
        kustomize(directory, &mut entries);
        return entries
            .into_par_iter()
            .map(|entry| input(entry, rendering))
            .collect();
    }
    entries.into_iter().map(unrendered).collect()
}

fn input(entry: Entry, rendering: &Rendering<'_>) -> Input {
    match entry {
        Entry::File(file) => Input::Found(Stored::at(file)),
        Entry::Chart(chart) => rendering.chart(&chart),
        Entry::Kustomization(directory) => rendering.kustomization(&directory),
        Entry::Unusable(input) => input,
    }
}

fn unrendered(entry: Entry) -> Input {
    match entry {
        // What is in it is judged file by file.
        Entry::File(path) | Entry::Kustomization(path) => Input::Found(Stored::at(path)),
        Entry::Chart(chart) => {
            let chart = chart.display();
            let reason = format!(
                "a Helm chart, whose templates are no manifests yet; render them: helm template \
                 {chart} | cattlegrid audit -"
            );
            unusable(chart, reason)
        }
        Entry::Unusable(input) => input,
    }
}

fn entries(directory: &Path) -> Vec<Entry> {
    let walk = WalkBuilder::new(directory)
        .sort_by_file_name(std::cmp::Ord::cmp)
        .require_git(false)
        .build();
    let mut entries = Vec::new();
    let mut chart: Option<PathBuf> = None;
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                entries.push(Entry::Unusable(unlisted(directory, &error)));
                continue;
            }
        };
        let path = entry.path();
        if chart.as_ref().is_some_and(|chart| path.starts_with(chart)) {
            continue;
        }
        let kind = entry.file_type();
        let is_plain = kind.is_some_and(|kind| kind.is_file());
        // What is inside of a directory comes right behind it.
        if !is_plain && is_chart(path) {
            if !is_library(path) {
                entries.push(Entry::Chart(path.to_path_buf()));
            }
            chart = Some(entry.into_path());
            continue;
        }
        let is_file = is_plain || kind.is_some_and(|kind| !kind.is_dir()) && !path.is_dir();
        if is_file && (has_manifest_ending(path) || kustomizations::is_one(path)) {
            entries.push(Entry::File(entry.into_path()));
        }
    }
    entries
}

/// What cannot be listed, and why.
fn unlisted(directory: &Path, error: &ignore::Error) -> Input {
    let reason = match error.io_error() {
        Some(error) => format!("cannot be read: {}", error.kind()),
        None => error.to_string(),
    };
    unusable(place(error).unwrap_or(directory).display(), reason)
}

fn place(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } => place(err),
        _ => None,
    }
}

/// Puts the kustomizations that are to be built into the place of their files, and takes out what
/// they are made from.
fn kustomize(directory: &Path, entries: &mut Vec<Entry>) {
    let files = entries.iter().filter_map(|entry| match entry {
        Entry::File(file) if kustomizations::is_one(file) => Some(file.as_path()),
        _ => None,
    });
    let known = Kustomizations::read(files, directory);
    entries.retain_mut(|entry| {
        let Entry::File(file) = entry else {
            return true;
        };
        let parent = file.parent().unwrap_or(Path::new(""));
        if kustomizations::is_one(file) && known.is_built(parent) {
            *entry = Entry::Kustomization(parent.to_path_buf());
            return true;
        }
        !known.is_part(file)
    });
}

fn is_chart(path: &Path) -> bool {
    path.join("Chart.yaml").is_file() && path.join("templates").is_dir()
}

/// A chart of helpers for other charts, from which nothing comes.
fn is_library(chart: &Path) -> bool {
    let text = read::file(&chart.join("Chart.yaml"));
    text.is_ok_and(|source| {
        let mut lines = source.text.lines();
        lines.any(|line| {
            line.strip_prefix("type:")
                .is_some_and(|kind| kind.trim().trim_matches(['"', '\'']) == "library")
        })
    })
}

fn has_manifest_ending(file: &Path) -> bool {
    file.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| ENDINGS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_may_not_be_listed_is_named_once() {
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        let error = ignore::Error::WithDepth {
            depth: 1,
            err: Box::new(ignore::Error::WithPath {
                path: "a/secret".into(),
                err: Box::new(ignore::Error::Io(denied)),
            }),
        };
        let input = unlisted(Path::new("a"), &error);
        let reason = "cannot be read: permission denied";
        assert_eq!(input.name(), "a/secret");
        assert_eq!(input.read().err().as_deref(), Some(reason));
    }
}

//! Finding and reading what to audit.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::load::Source;
use mentions::Mentions;
pub use render::RenderArguments;
use render::{Rendered, Rendering};

mod kustomizations;
mod mentions;
mod read;
mod render;
mod tool;
mod walk;

/// How many bytes of files are kept between looking for the context and judging; the others are
/// read twice.
const KEPT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What to audit.
#[derive(Debug, Default)]
pub struct Inputs {
    /// In the order given, directories by name.
    pub files: Vec<Input>,
}

/// A file, and what is in it if that was read and kept.
#[derive(Debug)]
pub struct Stored {
    path: PathBuf,
    kept: OnceLock<Source>,
}

/// Something to audit.
#[derive(Debug)]
pub enum Input {
    /// A file that the user named, read when it is needed.
    File(Stored),
    /// A file in a directory, which may be about something else than Kubernetes.
    Found(Stored),
    /// What came by another way and cannot be read twice.
    Text(Source),
    /// What a chart or a kustomization makes.
    Rendered(Rendered),
    /// What cannot be audited.
    Unusable {
        /// Its name, as the user knows it.
        name: String,
        /// Why, and what to do.
        reason: String,
    },
}

impl Input {
    /// Its name, as the user knows it.
    pub fn name(&self) -> String {
        match self {
            Input::File(file) | Input::Found(file) => file.path.display().to_string(),
            Input::Text(source) => source.name.clone(),
            Input::Rendered(rendered) => rendered.name().to_owned(),
            Input::Unusable { name, .. } => name.clone(),
        }
    }

    /// The text.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self) -> Result<Cow<'_, Source>, String> {
        match self {
            Input::File(file) | Input::Found(file) => match file.kept.get() {
                Some(source) => Ok(Cow::Borrowed(source)),
                None => read::file(&file.path).map(Cow::Owned),
            },
            Input::Text(source) => Ok(Cow::Borrowed(source)),
            Input::Rendered(rendered) => rendered.read().map(Cow::Owned),
            Input::Unusable { reason, .. } => Err(reason.clone()),
        }
    }

    /// Reads it, and keeps the text if it is a file and leaves `room` for it.
    fn read_and_keep(&self, room: &AtomicUsize) -> Result<Cow<'_, Source>, String> {
        let source = self.read()?;
        let (Input::File(file) | Input::Found(file), Cow::Owned(owned)) = (self, &source) else {
            return Ok(source);
        };
        let take = |room: usize| room.checked_sub(owned.text.len());
        let taken = room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        Ok(match taken {
            Ok(_) => Cow::Borrowed(file.kept.get_or_init(|| source.into_owned())),
            Err(_) => source,
        })
    }

    /// The file that a document of it was made from, as far as the renderer says so.
    pub fn origin_of<'t>(&self, document: &'t str) -> Option<Cow<'t, str>> {
        match self {
            Input::Rendered(rendered) => rendered.origin_of(document).map(Cow::Owned),
            _ => None,
        }
    }

    /// Whether documents that are about something else than Kubernetes are to be expected: who names
    /// a file says that it is a manifest.
    pub fn is_mixed(&self) -> bool {
        matches!(self, Input::Found(_))
    }
}

/// Finds files, directories (recursively, leaving out what `.gitignore` names) and `-`, without
/// running the programs that charts and kustomizations need.
pub fn find(paths: &[PathBuf]) -> Inputs {
    find_in(paths, None)
}

/// Finds files, directories and `-`, and renders charts and kustomizations into `namespace`.
pub fn find_and_render(paths: &[PathBuf], arguments: &RenderArguments, namespace: &str) -> Inputs {
    let rendering = arguments.rendering(namespace);
    find_in(paths, rendering.as_ref())
}

fn find_in(paths: &[PathBuf], rendering: Option<&Rendering<'_>>) -> Inputs {
    let mut files = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            files.push(standard_input());
        } else if path.is_dir() {
            files.extend(directory(path, rendering));
        } else {
            files.push(Input::File(Stored::at(path.clone())));
        }
    }
    Inputs {
        files: each_once(files),
    }
}

/// Without files that were given before, such as by the directory that they are in.
fn each_once(mut inputs: Vec<Input>) -> Vec<Input> {
    let mut given = HashSet::new();
    inputs.retain(|input| match input {
        Input::File(file) | Input::Found(file) => {
            std::path::absolute(&file.path).map_or(true, |path| given.insert(path))
        }
        Input::Text(_) | Input::Rendered(_) | Input::Unusable { .. } => true,
    });
    inputs
}

fn standard_input() -> Input {
    let name = "<stdin>".to_owned();
    match read::text(std::io::stdin().lock(), 0) {
        Ok(text) => Input::Text(Source { name, text }),
        Err(reason) => unusable(name, reason),
    }
}

fn directory(path: &Path, rendering: Option<&Rendering<'_>>) -> Vec<Input> {
    let mut files = walk::directory(path, rendering);
    if files.is_empty() {
        let reason = "no manifests here (.yaml, .yml or .json files)";
        files.push(unusable(path.display(), reason));
    }
    files
}

impl Stored {
    fn at(path: PathBuf) -> Self {
        Self {
            path,
            kept: OnceLock::new(),
        }
    }
}

impl Inputs {
    /// The files that say something about the cluster: those in which one of `kinds` may stand. What
    /// cannot be read is told when it is judged.
    pub fn context(&self, kinds: &[&str]) -> Vec<Source> {
        let mentions = Mentions::new(kinds);
        let room = AtomicUsize::new(KEPT_BYTES_MAX);
        let sources = self.files.par_iter();
        let sources = sources.filter_map(|input| input.read_and_keep(&room).ok());
        sources
            .filter(|source| mentions.any_in(&source.text))
            .map(Cow::into_owned)
            .collect()
    }
}

fn unusable(name: impl ToString, reason: impl Into<String>) -> Input {
    Input::Unusable {
        name: name.to_string(),
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_as_there_is_room_for_is_not_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let room = AtomicUsize::new(4);
        for (name, text, is_kept) in [("a", "kind", true), ("b", "x", false), ("c", "", true)] {
            let path = directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            let input = Input::File(Stored::at(path.clone()));
            assert_eq!(input.read_and_keep(&room).unwrap().text, text);
            assert_eq!(input.read_and_keep(&room).unwrap().text, text);
            std::fs::remove_file(path).unwrap();
            assert_eq!(input.read().is_ok(), is_kept, "{name}");
        }
    }
}

//! Finding and reading the files to audit.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use regex::Regex;

use crate::load::Source;

/// File name endings that are taken for manifests in directories. Files that are named themselves
/// are read whatever they are called.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];
/// A manifest of more than this is no manifest; it bounds what one file can occupy.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What to audit.
#[derive(Debug, Default)]
pub struct Inputs {
    /// In the order given, directories by name.
    pub files: Vec<Input>,
}

/// Something to audit.
#[derive(Debug)]
pub enum Input {
    /// A file, read when it is needed.
    File(PathBuf),
    /// What came by another way and cannot be read twice.
    Text(Source),
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
            Input::File(path) => path.display().to_string(),
            Input::Text(source) => source.name.clone(),
            Input::Unusable { name, .. } => name.clone(),
        }
    }

    /// The text.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self) -> Result<Cow<'_, Source>, String> {
        match self {
            Input::File(path) => read_file(path).map(Cow::Owned),
            Input::Text(source) => Ok(Cow::Borrowed(source)),
            Input::Unusable { reason, .. } => Err(reason.clone()),
        }
    }
}

/// Finds files, directories (recursively, leaving out what `.gitignore` names) and `-`.
pub fn find(paths: &[PathBuf]) -> Inputs {
    let mut inputs = Inputs::default();
    for path in paths {
        let before = inputs.files.len();
        if path.as_os_str() == "-" {
            inputs.add_standard_input();
        } else if path.is_dir() {
            inputs.add_directory(path);
        } else {
            inputs.files.push(Input::File(path.clone()));
        }
        if inputs.files.len() == before {
            inputs.files.push(unusable(
                path.display(),
                "no manifests here (.yaml, .yml or .json files)",
            ));
        }
    }
    inputs
}

impl Inputs {
    /// The files that say something about the cluster: those in which one of `kinds` may stand. What
    /// cannot be read is told when it is judged.
    pub fn context(&self, kinds: &[&str]) -> Vec<Source> {
        let mentions = Mentions::new(kinds);
        let sources = self.files.iter().filter_map(|input| input.read().ok());
        sources
            .filter(|source| mentions.any_in(&source.text))
            .map(Cow::into_owned)
            .collect()
    }

    fn add_standard_input(&mut self) {
        let mut text = String::new();
        let limited = std::io::stdin()
            .lock()
            .take(FILE_BYTES_MAX)
            .read_to_string(&mut text);
        match limited {
            Ok(_) => self.files.push(Input::Text(Source {
                name: "<stdin>".to_owned(),
                text,
            })),
            Err(error) => self
                .files
                .push(unusable("<stdin>", format!("cannot be read: {error}"))),
        }
    }

    fn add_directory(&mut self, directory: &Path) {
        let walk = WalkBuilder::new(directory)
            .sort_by_file_name(std::cmp::Ord::cmp)
            .require_git(false)
            .build();
        let mut charts: Vec<PathBuf> = Vec::new();
        for entry in walk {
            match entry {
                Ok(entry) if charts.iter().any(|chart| entry.path().starts_with(chart)) => {}
                Ok(entry) if is_chart(entry.path()) => {
                    let chart = entry.path().display();
                    let reason = format!(
                        "a Helm chart, whose templates are no manifests yet; render them: \
                         helm template {chart} | cattlegrid audit -"
                    );
                    self.files.push(unusable(chart, reason));
                    charts.push(entry.into_path());
                }
                Ok(entry) => {
                    let is_file = entry.file_type().is_some_and(|kind| !kind.is_dir());
                    if is_file && has_manifest_ending(entry.path()) {
                        self.files.push(Input::File(entry.into_path()));
                    }
                }
                Err(error) => self
                    .files
                    .push(unusable(directory.display(), error.to_string())),
            }
        }
    }
}

/// Tells whether a text may hold an object of some kinds without parsing it.
struct Mentions(Option<Regex>);

impl Mentions {
    fn new(kinds: &[&str]) -> Self {
        // A kind may also be spelled with escapes, which no search for its name finds.
        let words = kinds.iter().map(|kind| regex::escape(kind));
        let words: Vec<String> = words.collect();
        let pattern = format!(r"(?-u:\b)(?:{})(?-u:\b)|\\[xuU\r\n]", words.join("|"));
        Self(Regex::new(&pattern).ok())
    }

    fn any_in(&self, text: &str) -> bool {
        self.0.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }
}

fn unusable(name: impl ToString, reason: impl Into<String>) -> Input {
    Input::Unusable {
        name: name.to_string(),
        reason: reason.into(),
    }
}

fn read_file(file: &Path) -> Result<Source, String> {
    let name = file.display().to_string();
    let size = std::fs::metadata(file).map(|metadata| metadata.len());
    if size.is_ok_and(|size| size > FILE_BYTES_MAX) {
        return Err(format!("larger than {FILE_BYTES_MAX} bytes"));
    }
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Source { name, text }),
        Err(error) => Err(format!("cannot be read: {error}")),
    }
}

fn is_chart(path: &Path) -> bool {
    path.join("Chart.yaml").is_file() && path.join("templates").is_dir()
}

fn has_manifest_ending(file: &Path) -> bool {
    file.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| ENDINGS.contains(&ending))
}

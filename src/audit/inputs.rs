//! Finding and reading the files to audit.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::load::Source;

/// File name endings that are taken for manifests in directories. Files that are named themselves
/// are read whatever they are called.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];
/// A manifest of more than this is no manifest; it bounds what one file can occupy.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The files to audit, and what could not be read.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Readable files, in the order given, directories by name.
    pub sources: Vec<Source>,
    /// One line for each thing that could not be read.
    pub problems: Vec<String>,
}

/// Reads files, directories (recursively, leaving out what `.gitignore` names) and `-`.
pub fn read(paths: &[PathBuf]) -> Inputs {
    let mut inputs = Inputs::default();
    for path in paths {
        let before = inputs.sources.len() + inputs.problems.len();
        if path.as_os_str() == "-" {
            inputs.read_standard_input();
        } else if path.is_dir() {
            inputs.read_directory(path);
        } else {
            inputs.read_file(path);
        }
        if inputs.sources.len() + inputs.problems.len() == before {
            let shown = path.display();
            let problem = format!("{shown}: no manifests here (.yaml, .yml or .json files)");
            inputs.problems.push(problem);
        }
    }
    inputs
}

impl Inputs {
    fn read_standard_input(&mut self) {
        let mut text = String::new();
        let limited = std::io::stdin()
            .lock()
            .take(FILE_BYTES_MAX)
            .read_to_string(&mut text);
        match limited {
            Ok(_) => self.sources.push(Source {
                name: "<stdin>".to_owned(),
                text,
            }),
            Err(error) => self
                .problems
                .push(format!("<stdin>: cannot be read: {error}")),
        }
    }

    fn read_directory(&mut self, directory: &Path) {
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
                    self.problems.push(format!(
                        "{chart}: a Helm chart, whose templates are no manifests yet; render them: \
                         helm template {chart} | cattlegrid audit -"
                    ));
                    charts.push(entry.into_path());
                }
                Ok(entry) => {
                    let is_file = entry.file_type().is_some_and(|kind| !kind.is_dir());
                    if is_file && has_manifest_ending(entry.path()) {
                        self.read_file(entry.path());
                    }
                }
                Err(error) => self.problems.push(error.to_string()),
            }
        }
    }

    fn read_file(&mut self, file: &Path) {
        let name = file.display().to_string();
        let size = std::fs::metadata(file).map(|metadata| metadata.len());
        match size {
            Ok(size) if size > FILE_BYTES_MAX => {
                self.problems
                    .push(format!("{name}: larger than {FILE_BYTES_MAX} bytes"));
            }
            _ => match std::fs::read_to_string(file) {
                Ok(text) => self.sources.push(Source { name, text }),
                Err(error) => self
                    .problems
                    .push(format!("{name}: cannot be read: {error}")),
            },
        }
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

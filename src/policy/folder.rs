//! Folders of policies: what lies in them, read and compiled.
//!
//! A folder is a directory that directly holds YAML or JSON files: policies with their bindings, and
//! `tests.yaml`. Usually it holds one policy; where it holds several, its cases judge all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use admission_policy::set::PolicySet;
use bumpalo::Bump;
use ignore::WalkBuilder;

use super::cases::{self, Case};
use crate::audit::objects::{objects, text};
use crate::k8s::manifest;
use crate::load::{
    self, FOLDER_DEPTH_MAX, LoadErrors, POLICY_GROUP, POLICY_KINDS, Source, TESTS_FILE,
};

/// Endings of files that hold policies.
const MANIFEST_ENDINGS: [&str; 3] = ["yaml", "yml", "json"];
/// The ending of files that explain others, which may lie anywhere.
const PROSE_ENDING: &str = "md";

/// The files of a folder, not read yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The folder.
    pub path: PathBuf,
    /// What may hold policies, in the order of names.
    pub manifests: Vec<PathBuf>,
    /// `tests.yaml`.
    pub tests: Option<PathBuf>,
    /// What nothing here reads.
    pub others: Vec<PathBuf>,
}

/// A folder, read and compiled.
#[derive(Debug)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
    /// The files with its policies and bindings.
    pub sources: Vec<Source>,
    /// Its policies and bindings.
    pub set: PolicySet,
    /// Its cases.
    pub tests: Option<Tests>,
    /// Files that are neither policy, binding nor tests.
    pub unused: Vec<PathBuf>,
}

/// The cases of a folder.
#[derive(Debug)]
pub struct Tests {
    /// The file.
    pub source: Source,
    /// What is in it.
    pub cases: Vec<Case>,
}

/// Finds the folders under directories, each once, in the order of paths. Hidden files and folders
/// are left out, and so are folders of something else; but a folder beside those of policies is meant
/// to hold one, and so is one that was named.
///
/// # Errors
/// What cannot be listed.
pub fn find(directories: &[PathBuf]) -> Result<Vec<Files>, LoadErrors> {
    let mut folders: BTreeMap<PathBuf, Files> = BTreeMap::new();
    let mut problems = Vec::new();
    for directory in directories {
        match std::fs::metadata(directory) {
            Ok(found) if found.is_dir() => walk(directory, &mut folders, &mut problems),
            Ok(_) => problems.push(format!(
                "{}: a file; name the folder that it is in",
                directory.display()
            )),
            Err(error) => {
                problems.push(format!("{}: cannot be read: {error}", directory.display()))
            }
        }
    }
    if !problems.is_empty() {
        return Err(LoadErrors(problems));
    }
    let used: BTreeSet<&Path> = folders
        .values()
        .filter(|files| files.hold_policies())
        .flat_map(|files| files.path.ancestors())
        .collect();
    let beside: BTreeSet<&Path> = folders
        .values()
        .filter(|files| files.hold_policies())
        .filter_map(|files| files.path.parent())
        .collect();
    let is_expected = |path: &Path| {
        directories.iter().any(|directory| directory == path)
            || path.parent().is_some_and(|parent| beside.contains(parent))
    };
    let is_kept = |files: &&Files| {
        files.hold_policies() || !used.contains(&*files.path) && is_expected(&files.path)
    };
    Ok(folders.values().filter(is_kept).cloned().collect())
}

fn walk(directory: &Path, folders: &mut BTreeMap<PathBuf, Files>, problems: &mut Vec<String>) {
    let walk = WalkBuilder::new(directory)
        .standard_filters(false)
        .hidden(true)
        // The files of a mounted ConfigMap are links.
        .follow_links(true)
        .max_depth(Some(FOLDER_DEPTH_MAX))
        .sort_by_file_name(std::cmp::Ord::cmp)
        .build();
    for entry in walk {
        match entry {
            Ok(entry) => {
                let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
                sort_in(entry.into_path(), is_directory, folders);
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
}

fn sort_in(path: PathBuf, is_directory: bool, folders: &mut BTreeMap<PathBuf, Files>) {
    let parent = path.parent().map(Path::to_owned);
    let Some(folder) = (if is_directory {
        Some(path.clone())
    } else {
        parent
    }) else {
        return;
    };
    let files = folders.entry(folder.clone()).or_insert_with(|| Files {
        path: folder,
        ..Files::default()
    });
    if is_directory {
        return;
    }
    let ending = path.extension().and_then(|ending| ending.to_str());
    if path.file_name().is_some_and(|name| name == TESTS_FILE) {
        files.tests = Some(path);
    } else if ending.is_some_and(|ending| MANIFEST_ENDINGS.contains(&ending)) {
        if !files.manifests.contains(&path) {
            files.manifests.push(path);
        }
    } else if ending != Some(PROSE_ENDING) && !files.others.contains(&path) {
        files.others.push(path);
    }
}

impl Files {
    /// Whether something in it is meant to be a policy, a binding or tests. What cannot be read might
    /// be.
    fn hold_policies(&self) -> bool {
        let looks_like_policy = |file: &PathBuf| {
            std::fs::read_to_string(file).map_or(true, |text| {
                text.contains("AdmissionPolicy")
                    || text.contains(POLICY_GROUP) && !text.contains("WebhookConfiguration")
            })
        };
        self.tests.is_some() || self.manifests.iter().any(looks_like_policy)
    }

    /// Reads and compiles what is in the folder.
    ///
    /// # Errors
    /// Everything that is wrong with any file. A folder without policies is none of it.
    pub fn read(&self) -> Result<Folder, LoadErrors> {
        let mut problems = Vec::new();
        let mut read = |file: &PathBuf| match load::read_source(file) {
            Ok(source) => Some(source),
            Err(errors) => {
                problems.extend(errors.0);
                None
            }
        };
        let sources = self.manifests.iter().filter_map(&mut read).collect();
        let tests = self.tests.as_ref().and_then(&mut read);
        match Folder::compile(self.path.clone(), sources, tests) {
            Ok(mut folder) if problems.is_empty() => {
                folder.unused.extend(self.others.iter().cloned());
                Ok(folder)
            }
            Ok(_) => Err(LoadErrors(problems)),
            Err(errors) => {
                problems.extend(errors.0);
                Err(LoadErrors(problems))
            }
        }
    }
}

impl Folder {
    /// Compiles the files of a folder.
    ///
    /// # Errors
    /// Everything that is wrong with any file. A folder without files is none of it.
    pub fn compile(
        path: PathBuf,
        sources: Vec<Source>,
        tests: Option<Source>,
    ) -> Result<Self, LoadErrors> {
        let mut problems = Vec::new();
        let tests = tests.map(Tests::parse).transpose().unwrap_or_else(|error| {
            problems.push(error);
            None
        });
        let set = match sources.is_empty() {
            true => PolicySet::default(),
            false => load::compile(&sources).unwrap_or_else(|errors| {
                problems.extend(errors.0);
                PolicySet::default()
            }),
        };
        if !problems.is_empty() {
            return Err(LoadErrors(problems));
        }
        let (sources, strangers): (Vec<Source>, Vec<Source>) =
            sources.into_iter().partition(holds_policy);
        Ok(Self {
            path,
            sources,
            set,
            tests,
            unused: strangers
                .into_iter()
                .map(|source| source.name.into())
                .collect(),
        })
    }

    /// What messages call it: the policies in it, or its path where there is none.
    pub fn label(&self) -> String {
        let names: Vec<&str> = self.policies().collect();
        match names.is_empty() {
            true => self.path.display().to_string(),
            false => names.join(", "),
        }
    }

    /// The names of its policies.
    pub fn policies(&self) -> impl Iterator<Item = &str> {
        self.set.policies().map(|policy| &*policy.definition.name)
    }
}

impl Tests {
    fn parse(source: Source) -> Result<Self, String> {
        let cases = cases::parse(&source.name, &source.text)?;
        Ok(Self { source, cases })
    }
}

/// Whether a file that compiled holds a policy or a binding.
fn holds_policy(source: &Source) -> bool {
    let arena = Bump::new();
    manifest::parse(&source.text, &arena)
        .filter_map(Result::ok)
        .any(|document| {
            let found = objects(document.json);
            found
                .iter()
                .any(|found| POLICY_KINDS.contains(&text(found.json, "kind")))
        })
}

#[cfg(test)]
mod tests;

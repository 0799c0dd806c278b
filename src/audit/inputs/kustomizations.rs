//! Which kustomizations of a directory are to be built, and what they are made from.
//!
//! Those are built that no other one there refers to: overlays, and what stands alone. A base is
//! judged as its overlays make it, so are the files that a kustomization names; files that merely lie
//! beside it are judged as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use admission_cel::json::Json;
use bumpalo::Bump;

use super::read;
use crate::audit::objects::text;
use crate::k8s::manifest;

/// The names that kustomize looks for.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The kustomizations of a directory, by the directory of each.
#[derive(Debug, Default)]
pub(super) struct Kustomizations {
    built: BTreeSet<PathBuf>,
    /// Files and directories that those are made from.
    parts: BTreeSet<PathBuf>,
}

#[derive(Debug)]
struct Kustomization {
    /// A component is only ever a part of something.
    is_component: bool,
    /// What it may refer to.
    paths: Vec<PathBuf>,
}

/// Whether kustomize reads a file of this name.
pub(super) fn is_one(file: &Path) -> bool {
    file.file_name()
        .is_some_and(|name| NAMES.iter().any(|known| name == *known))
}

impl Kustomizations {
    /// Reads files; the one in `named` is built in any case.
    pub(super) fn read<'f>(files: impl Iterator<Item = &'f Path>, named: &Path) -> Self {
        let read = files.map(|file| {
            let directory = file.parent().unwrap_or(Path::new(""));
            (clean(directory), Kustomization::read(file, directory))
        });
        Self::choose(&read.collect(), &clean(named))
    }

    fn choose(all: &BTreeMap<PathBuf, Kustomization>, named: &Path) -> Self {
        let referred: BTreeSet<&PathBuf> = all.values().flat_map(|one| &one.paths).collect();
        let mut chosen = Self::default();
        let stands_alone = |directory: &PathBuf| !referred.contains(directory);
        for (directory, one) in all {
            if directory == named || (stands_alone(directory) && !one.is_component) {
                chosen.build(directory, all);
            }
        }
        // What only refers to each other in a circle is built too, and fails there.
        for (directory, one) in all {
            if !one.is_component && !chosen.parts.contains(directory) {
                chosen.build(directory, all);
            }
        }
        chosen
    }

    fn build(&mut self, directory: &Path, all: &BTreeMap<PathBuf, Kustomization>) {
        self.built.insert(directory.to_path_buf());
        let mut next = vec![directory.to_path_buf()];
        while let Some(path) = next.pop() {
            if let Some(one) = all.get(&path).filter(|_| !self.parts.contains(&path)) {
                next.extend(one.paths.iter().cloned());
            }
            self.parts.insert(path);
        }
    }

    /// Whether the kustomization of a directory is to be built.
    pub(super) fn is_built(&self, directory: &Path) -> bool {
        self.built.contains(&clean(directory))
    }

    /// Whether a kustomization that is built is made from a file.
    pub(super) fn is_part(&self, file: &Path) -> bool {
        if self.parts.is_empty() {
            return false;
        }
        let file = clean(file);
        let directory = file.parent().filter(|_| is_one(&file));
        self.parts.contains(&file) || directory.is_some_and(|it| self.parts.contains(it))
    }
}

impl Kustomization {
    /// What a file refers to is any text in it that could be a path: fields come and go with
    /// versions of kustomize.
    fn read(file: &Path, directory: &Path) -> Self {
        let mut paths = Vec::new();
        let mut is_component = false;
        let arena = Bump::new();
        let source = read::file(file).map(|source| source.text);
        let source = source.unwrap_or_default();
        for document in manifest::parse(&source, &arena).filter_map(Result::ok) {
            is_component |= text(document.json, "kind") == "Component";
            texts(document.json, &mut |text| {
                // `configMapGenerator.files` takes `key=path`.
                let path = text.split_once('=').map_or(text, |(_, path)| path);
                paths.push(clean(&directory.join(path)));
            });
        }
        // A name of its own directory is none of a part.
        let own = clean(directory);
        paths.retain(|path| *path != own);
        Self {
            is_component,
            paths,
        }
    }
}

fn texts<'a>(json: &'a Json<'a>, take: &mut dyn FnMut(&'a str)) {
    match json {
        Json::String(text) if !text.is_empty() && !text.contains('\n') => take(text),
        Json::Array(items) => items.iter().for_each(|item| texts(item, take)),
        Json::Object(object) => {
            for entry in object.entries() {
                texts(&entry.value, take);
            }
        }
        _ => {}
    }
}

/// A path without `.` and `..`, as far as the text says.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        let is_named = matches!(clean.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if is_named => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(entries: &[(&str, &[&str])]) -> BTreeMap<PathBuf, Kustomization> {
        let one = |(directory, paths): &(&str, &[&str])| {
            let kustomization = Kustomization {
                is_component: directory.starts_with("component"),
                paths: paths.iter().map(PathBuf::from).collect(),
            };
            (PathBuf::from(directory), kustomization)
        };
        entries.iter().map(one).collect()
    }

    #[test]
    fn what_nobody_refers_to_is_built_and_what_it_names_is_a_part() {
        let all = all(&[
            ("base", &["base/job.yaml"]),
            ("prod", &["base", "component", "prod/patch.yaml"]),
            ("alone", &[]),
            ("component", &["component/more.yaml"]),
            ("component-of-nobody", &["component-of-nobody/x.yaml"]),
            ("circle/a", &["circle/b"]),
            ("circle/b", &["circle/a"]),
        ]);
        let chosen = Kustomizations::choose(&all, Path::new("."));
        let built: Vec<_> = chosen.built.iter().map(|path| path.to_str()).collect();
        assert_eq!(built, [Some("alone"), Some("circle/a"), Some("prod")]);
        for (file, expected) in [
            ("base/job.yaml", true),
            ("base/kustomization.yaml", true),
            ("base/beside.yaml", false),
            ("prod/patch.yaml", true),
            ("component/more.yaml", true),
            ("component-of-nobody/x.yaml", false),
        ] {
            assert_eq!(chosen.is_part(Path::new(file)), expected, "{file}");
        }
    }

    #[test]
    fn a_named_directory_is_built_though_something_in_it_refers_to_it() {
        let all = all(&[("base", &[]), ("base/overlay", &["base"])]);
        let chosen = Kustomizations::choose(&all, Path::new("base"));
        assert!(chosen.is_built(Path::new("./base")) && chosen.is_built(Path::new("base/overlay")));
    }

    #[test]
    fn paths_are_compared_without_detours() {
        for (path, expected) in [
            ("a/./b/../c", "a/c"),
            ("../a", "../a"),
            ("a/../../b", "../b"),
            ("/a/..", "/"),
        ] {
            assert_eq!(clean(Path::new(path)), Path::new(expected), "{path}");
        }
    }
}

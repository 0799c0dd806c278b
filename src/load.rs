//! Where rules come from: the set that the program carries, or a directory; and the baseline.
//!
//! Everything that is wrong with any file is reported at once, each with file, line and column.

use std::fmt;
use std::path::{Path, PathBuf};

use admission_cel::json::Json;
use admission_policy::set::{Document, LoadError, PolicySet};
use bumpalo::Bump;

use crate::audit::kinds::Kinds;
use crate::audit::objects::{Found, objects, text};
use crate::audit::structural;
use crate::baseline::{self, Baseline};
use crate::k8s::manifest::{self, Manifest, line_and_column};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

    pub(super) fn policies() -> &'static [(&'static str, &'static str)] {
        POLICIES
    }

    pub(super) fn namespace() -> &'static [(&'static str, &'static str)] {
        NAMESPACE
    }

    pub(super) fn definitions() -> &'static [(&'static str, &'static str)] {
        DEFINITIONS
    }

    pub(super) fn phases() -> &'static [(&'static str, &'static str)] {
        PHASES
    }

    pub(super) fn tests() -> &'static [(&'static str, &'static str)] {
        TESTS
    }

    pub(super) fn baselines() -> &'static [(&'static str, &'static str)] {
        BASELINES
    }
}

/// The API group of policies and bindings.
pub(crate) const POLICY_GROUP: &str = "admissionregistration.k8s.io";
/// The kinds that make up a policy set.
pub(crate) const POLICY_KINDS: [&str; 4] = [
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
];
/// File in a policy's folder that holds its tests, which are no part of the set.
pub(crate) const TESTS_FILE: &str = "tests.yaml";
/// How deep folders of policies may nest: `<id>/policy.yaml` needs one level, grouping another few.
pub(crate) const FOLDER_DEPTH_MAX: usize = 8;

/// A text and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// File name, as the user knows it.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Everything that keeps a policy set or baseline from being used, one line each; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadErrors(pub Vec<String>);

impl fmt::Display for LoadErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for LoadErrors {}

impl LoadErrors {
    fn one(line: impl Into<String>) -> Self {
        Self(vec![line.into()])
    }
}

/// The policies that ship with the program.
pub fn embedded_policies() -> Vec<Source> {
    sources(embedded::policies())
}

/// The cases of the policies that ship with the program: what `policy explain` shows.
pub fn embedded_tests() -> Vec<Source> {
    sources(embedded::tests())
}

/// The baseline that ships with the program.
///
/// # Errors
/// When this build carries none, or more than one.
pub fn embedded_baseline() -> Result<Source, LoadErrors> {
    match sources(embedded::baselines()).as_slice() {
        [one] => Ok(one.clone()),
        all => Err(LoadErrors::one(format!(
            "this build carries {} baselines where it needs one; name a file with --baseline",
            all.len()
        ))),
    }
}

/// The objects of an agent namespace as a whole.
pub fn embedded_namespace() -> Vec<Source> {
    sources(embedded::namespace())
}

/// The CustomResourceDefinition of the baseline.
pub fn embedded_definitions() -> Vec<Source> {
    sources(embedded::definitions())
}

/// The objects of trust phases in an agent namespace, a file each.
pub fn embedded_phases() -> Vec<Source> {
    sources(embedded::phases())
}

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    files
        .iter()
        .map(|(name, text)| Source {
            name: (*name).to_owned(),
            text: (*text).to_owned(),
        })
        .collect()
}

/// Reads every `.yaml`, `.yml` and `.json` file under `directory` in the order of names. Hidden
/// entries (a mounted ConfigMap keeps its versions in some) and `tests.yaml` are left out.
///
/// # Errors
/// What cannot be read, or that there is no file.
pub fn read_policies(directory: &Path) -> Result<Vec<Source>, LoadErrors> {
    let mut files = Vec::new();
    list(directory, 0, &mut files)?;
    if files.is_empty() {
        return Err(LoadErrors::one(format!(
            "{}: no policies here: neither .yaml nor .json files",
            directory.display()
        )));
    }
    files.iter().map(|file| read_source(file)).collect()
}

fn list(directory: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), LoadErrors> {
    let failed = |error: std::io::Error| {
        LoadErrors::one(format!(
            "{}: cannot be listed: {error}",
            directory.display()
        ))
    };
    if depth > FOLDER_DEPTH_MAX {
        let shown = directory.display();
        return Err(LoadErrors::one(format!(
            "{shown}: nested deeper than {FOLDER_DEPTH_MAX} folders"
        )));
    }
    let mut entries = std::fs::read_dir(directory)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(failed)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') || name == TESTS_FILE {
            continue;
        }
        let path = entry.path();
        // Follows links: the files of a mounted ConfigMap are links.
        if std::fs::metadata(&path).map_err(failed)?.is_dir() {
            list(&path, depth + 1, files)?;
        } else if [".yaml", ".yml", ".json"]
            .iter()
            .any(|ending| name.ends_with(ending))
        {
            files.push(path);
        }
    }
    Ok(())
}

/// Reads one file.
///
/// # Errors
/// Why it cannot be read.
pub fn read_source(file: &Path) -> Result<Source, LoadErrors> {
    let name = file.display().to_string();
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Source { name, text }),
        Err(error) => Err(LoadErrors::one(format!("{name}: cannot be read: {error}"))),
    }
}

/// Compiles the policies and bindings of all sources.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn compile(sources: &[Source]) -> Result<PolicySet, LoadErrors> {
    let arena = Bump::new();
    let mut manifests: Vec<(&Source, Manifest<'_>)> = Vec::new();
    let mut problems = Vec::new();
    for source in sources {
        for manifest in manifest::parse(&source.text, &arena) {
            match manifest {
                Ok(manifest) => manifests.push((source, manifest)),
                Err(error) => problems.push(at(source, error.span.start, &error.message)),
            }
        }
    }
    let documents: Vec<Document<'_>> = manifests
        .iter()
        .map(|(source, manifest)| Document {
            source: &source.name,
            index: manifest.index,
            json: manifest.json,
        })
        .collect();
    problems.extend(
        manifests
            .iter()
            .flat_map(|(source, manifest)| strangers(source, manifest)),
    );
    match PolicySet::compile(&documents) {
        Ok(set) if problems.is_empty() && set.policies().next().is_none() => {
            let files: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
            Err(LoadErrors::one(format!(
                "no policy in {}; nothing would be judged",
                files.join(", ")
            )))
        }
        Ok(set) if problems.is_empty() => Ok(set),
        Ok(_) => Err(LoadErrors(problems)),
        Err(errors) => {
            problems.extend(errors.iter().map(|error| located(error, &manifests)));
            if problems.is_empty() {
                problems.push("the policies do not compile".to_owned());
            }
            Err(LoadErrors(problems))
        }
    }
}

/// Documents that look like policies and would be passed over: a typing error in `kind` or
/// `apiVersion` must not leave a policy out. Objects of other kinds may lie beside policies.
fn strangers<'a>(source: &'a Source, manifest: &Manifest<'a>) -> Vec<String> {
    let problem = |found: &Found<'_>| {
        let (api_version, kind) = (text(found.json, "apiVersion"), text(found.json, "kind"));
        let is_policy_group = api_version.split('/').next() == Some(POLICY_GROUP);
        let is_policy_kind = POLICY_KINDS.contains(&kind);
        let known = is_policy_kind || kind.ends_with("WebhookConfiguration");
        let (key, reason) = if api_version.is_empty() || kind.is_empty() {
            (
                "",
                "no Kubernetes object: `apiVersion` or `kind` is missing".to_owned(),
            )
        } else if is_policy_group && !known {
            (
                "kind",
                format!(
                    "`{kind}` is no kind of {POLICY_GROUP}; use one of {}",
                    POLICY_KINDS.join(", ")
                ),
            )
        } else if is_policy_kind && !is_policy_group {
            (
                "apiVersion",
                format!("`{api_version}` has no {kind}; use {POLICY_GROUP}/v1"),
            )
        } else {
            return None;
        };
        let path = if key.is_empty() {
            found.path.clone()
        } else {
            found.path.key(key)
        };
        let start = manifest
            .spans
            .locate(manifest.json, &path)
            .map_or(0, |span| span.start);
        Some(at(source, start, &reason))
    };
    objects(manifest.json).iter().filter_map(problem).collect()
}

fn located(error: &LoadError, manifests: &[(&Source, Manifest<'_>)]) -> String {
    let found = manifests.iter().find(|(source, manifest)| {
        source.name == error.source_name && manifest.index == error.index
    });
    match found {
        Some((source, manifest)) => {
            let start = manifest
                .spans
                .locate(manifest.json, &error.path)
                .map_or(0, |span| span.start);
            at(source, start, &format!("{}: {}", error.path, error.reason))
        }
        None => error.to_string(),
    }
}

/// A message with file, line and column.
pub fn at(source: &Source, offset: usize, message: &str) -> String {
    let (line, column) = line_and_column(&source.text, offset);
    format!("{}:{line}:{column}: {message}", source.name)
}

/// The objects of a source as they are.
///
/// # Errors
/// Where it is no YAML.
pub fn values(source: &Source) -> Result<Vec<serde_json::Value>, LoadErrors> {
    let arena = Bump::new();
    let value = |manifest: Result<Manifest<'_>, manifest::ManifestError>| match manifest {
        Ok(manifest) => serde_json::to_value(manifest.json)
            .map_err(|error| LoadErrors::one(format!("{}: {error}", source.name))),
        Err(error) => Err(LoadErrors::one(at(
            source,
            error.span.start,
            &error.message,
        ))),
    };
    manifest::parse(&source.text, &arena).map(value).collect()
}

/// What is allowed and probably not meant, one line each.
pub fn warnings(set: &PolicySet, baseline: &Baseline) -> Vec<String> {
    let known = |name: &str| {
        set.policies()
            .any(|policy| &*policy.definition.name == name)
    };
    let mut unknown: Vec<&String> = baseline
        .actions()
        .keys()
        .filter(|name| !known(name))
        .collect();
    unknown.sort();
    let unknown = unknown.into_iter().map(|name| {
        format!("spec.policies[{name}] of the AgentBaseline: there is no policy `{name}`")
    });
    set.warnings()
        .iter()
        .map(ToString::to_string)
        .chain(unknown)
        .collect()
}

/// The text of an AgentBaseline with the defaults that an API server would have stored with it.
fn with_defaults<'a>(baseline: &'a Json<'a>) -> serde_json::Result<String> {
    let mut value = serde_json::to_value(baseline)?;
    let arena = Bump::new();
    let mut kinds = Kinds::default();
    let sources = embedded_definitions();
    for source in &sources {
        for document in manifest::parse(&source.text, &arena).flatten() {
            kinds.learn(document.json);
        }
    }
    let (group, version) = baseline::API_VERSION
        .split_once('/')
        .unwrap_or(("", baseline::API_VERSION));
    if let Some(schema) = kinds.schema(group, version, baseline::KIND) {
        structural::fill(&mut value, &serde_json::to_value(schema)?);
    }
    serde_json::to_string(&value)
}

/// Reads an AgentBaseline from a file that holds it, alone or beside other objects.
///
/// # Errors
/// When it holds none or several, or one that is invalid.
pub fn baseline(source: &Source) -> Result<Baseline, LoadErrors> {
    let arena = Bump::new();
    let mut found = None;
    for manifest in manifest::parse(&source.text, &arena) {
        let manifest = manifest
            .map_err(|error| LoadErrors::one(at(source, error.span.start, &error.message)))?;
        if manifest.json.get("kind").and_then(|kind| kind.as_str()) != Some(baseline::KIND) {
            continue;
        }
        let text = with_defaults(manifest.json)
            .map_err(|error| LoadErrors::one(format!("{}: {error}", source.name)))?;
        if found.replace(text).is_some() {
            return Err(LoadErrors::one(format!(
                "{}: more than one AgentBaseline",
                source.name
            )));
        }
    }
    let Some(text) = found else {
        return Err(LoadErrors::one(format!(
            "{}: no AgentBaseline here",
            source.name
        )));
    };
    Baseline::from_json(text).map_err(|error| LoadErrors::one(format!("{}: {error}", source.name)))
}

#[cfg(test)]
mod tests;

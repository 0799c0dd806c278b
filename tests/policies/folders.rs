//! The folders under `policies/`, read from the working tree.

use std::path::{Path, PathBuf};

use bumpalo::Bump;
use cattlegrid::k8s::manifest;
use cattlegrid::load;
use cattlegrid::policy::cases::{self, Case};
use serde_json::Value;

/// What every folder holds, and nothing else.
const FILES: [&str; 3] = ["binding.yaml", "policy.yaml", "tests.yaml"];

/// One policy.
pub struct Folder {
    /// The folder's name.
    pub id: String,
    /// The ValidatingAdmissionPolicy or MutatingAdmissionPolicy.
    pub policy: Value,
    /// Its bindings.
    pub bindings: Vec<Value>,
    /// Its cases.
    pub cases: Vec<Case>,
}

impl Folder {
    /// Whether it judges rather than completes.
    pub fn is_validating(&self) -> bool {
        self.policy["kind"] == "ValidatingAdmissionPolicy"
    }

    /// Whether it warns where others deny.
    pub fn only_warns(&self) -> bool {
        self.policy["metadata"]["annotations"]["cattlegrid.dev/action"] == "warn"
    }

    /// The policy's validations; none for a mutating one.
    pub fn validations(&self) -> &[Value] {
        self.policy["spec"]["validations"]
            .as_array()
            .map_or(&[], Vec::as_slice)
    }
}

/// Where the folders are.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")
}

/// Every folder, by name.
pub fn all() -> Vec<Folder> {
    let folders: Vec<Folder> = names().iter().map(|id| read(id)).collect();
    assert!(!folders.is_empty(), "there are no policies");
    folders
}

/// The names of the folders.
pub fn names() -> Vec<String> {
    let entries = std::fs::read_dir(root()).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<String> = folders
        .map(|folder| folder.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The shipped baseline.
pub fn baseline() -> Value {
    serde_json::from_str(
        load::baseline(&load::embedded_baseline().unwrap())
            .unwrap()
            .text(),
    )
    .unwrap()
}

/// The documents of a YAML file.
pub fn documents(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let arena = Bump::new();
    manifest::parse(&text, &arena)
        .map(|document| {
            let document = document.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            serde_json::to_value(document.json).unwrap()
        })
        .collect()
}

fn read(id: &str) -> Folder {
    let directory = root().join(id);
    let mut policies = documents(&directory.join("policy.yaml"));
    assert_eq!(policies.len(), 1, "{id}/policy.yaml holds one policy");
    let tests = directory.join("tests.yaml");
    let text = std::fs::read_to_string(&tests).unwrap();
    Folder {
        id: id.to_owned(),
        policy: policies.remove(0),
        bindings: documents(&directory.join("binding.yaml")),
        cases: cases::parse(&format!("policies/{id}/tests.yaml"), &text)
            .unwrap_or_else(|error| panic!("{error}")),
    }
}

#[test]
fn a_folder_holds_its_policy_its_bindings_its_tests_and_nothing_else() {
    for id in names() {
        let entries = std::fs::read_dir(root().join(&id))
            .unwrap()
            .map(Result::unwrap);
        let mut found: Vec<String> = entries
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        found.sort();
        assert_eq!(found, FILES, "policies/{id}");
    }
}

#[test]
fn policies_are_named_like_their_folders_and_bindings_belong_to_them() {
    for folder in all() {
        let id = &folder.id;
        assert_eq!(folder.policy["metadata"]["name"], **id);
        assert!(!folder.bindings.is_empty(), "{id} has no binding");
        for binding in &folder.bindings {
            assert_eq!(binding["spec"]["policyName"], **id);
            let name = binding["metadata"]["name"].as_str().unwrap();
            assert!(
                name.starts_with(&format!("{id}-")),
                "binding {name} of {id}"
            );
        }
    }
}

#[test]
fn all_folders_together_are_the_set_that_ships() {
    let embedded = load::compile(&load::embedded_policies()).unwrap();
    let mut embedded: Vec<&str> = embedded
        .policies()
        .map(|policy| &*policy.definition.name)
        .collect();
    embedded.sort_unstable();
    assert_eq!(embedded, names());
}

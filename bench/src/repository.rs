//! The files that both sides read.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

/// What is evaluated, and on what.
pub(crate) struct Repository {
    /// Compact JSON of an AdmissionReview.
    pub(crate) review: Vec<u8>,
    /// The AgentBaseline.
    pub(crate) baseline: Value,
    pub(crate) policies: Vec<Folder>,
    /// Names and texts of single expressions.
    pub(crate) expressions: Vec<(String, String)>,
}

/// A validating policy and its bindings.
pub(crate) struct Folder {
    pub(crate) name: String,
    pub(crate) documents: Vec<Value>,
}

impl Repository {
    /// Reads all files.
    ///
    /// # Errors
    /// Which one is missing or malformed.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let review: Value = serde_json::from_slice(&read(&root.join("bench/review.json"))?)?;
        let expressions: Vec<Value> =
            serde_json::from_slice(&read(&root.join("bench/expressions.json"))?)?;
        let mut baseline = yaml(&root.join("manifests/baseline/default.yaml"))?;
        Ok(Self {
            review: serde_json::to_vec(&review)?,
            baseline: baseline.pop().context("the baseline is empty")?,
            policies: policies(&root.join("policies"))?,
            expressions: expressions
                .iter()
                .map(|e| (text(e, "name"), text(e, "expression")))
                .collect(),
        })
    }
}

fn policies(directory: &Path) -> Result<Vec<Folder>> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    folders.sort();
    let mut found = Vec::new();
    for folder in folders {
        let policy = folder.join("policy.yaml");
        if !policy.is_file() {
            continue;
        }
        let mut documents = yaml(&policy)?;
        // Mutations build a new object; they are no matter of speed.
        if documents
            .iter()
            .all(|document| text(document, "kind") != "ValidatingAdmissionPolicy")
        {
            continue;
        }
        documents.extend(yaml(&folder.join("binding.yaml"))?);
        found.push(Folder {
            name: folder
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            documents,
        });
    }
    Ok(found)
}

fn yaml(file: &Path) -> Result<Vec<Value>> {
    let text = String::from_utf8(read(file)?)?;
    serde_saphyr::from_multiple(&text).with_context(|| file.display().to_string())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| file.display().to_string())
}

fn text(value: &Value, key: &str) -> String {
    value
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

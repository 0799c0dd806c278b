//! `tests.yaml`: the cases of a policy. `policies/README.md` describes the format.

use std::collections::BTreeMap;

use bumpalo::Bump;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::k8s::manifest::{self, line_and_column};

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique in its file.
    pub name: String,
    /// What is submitted; absent for DELETE.
    pub object: Option<Value>,
    /// What is stored.
    pub old_object: Option<Value>,
    /// `CREATE`, `UPDATE`, ….
    pub operation: String,
    /// Such as `resize`; empty for none.
    pub subresource: String,
    /// Name of the object whose subresource is created.
    pub parent: Option<String>,
    /// Objects that are there before.
    pub existing: Vec<Value>,
    /// Who asks.
    pub user: String,
    /// Their groups.
    pub groups: Vec<String>,
    /// Labels of the object's namespace.
    pub namespace_labels: BTreeMap<String, String>,
    /// RFC 7386 merge patch on the default baseline.
    pub baseline: Value,
    /// What must come out.
    pub expectation: Expectation,
    /// The API server refuses the object before policies see it.
    pub rejected_by_api_validation: bool,
    /// Why the case cannot be run natively.
    pub not_native: Option<String>,
}

/// What must come out of a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// Nothing is refused.
    Allow,
    /// Exactly these findings, in any order.
    Deny(Vec<ExpectedFinding>),
    /// The merge patch (RFC 7386) from the object to the result.
    Patched(Value),
}

/// A finding that must be there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFinding {
    /// As printed; absent where no field of the object decided.
    pub path: Option<String>,
    /// As natively.
    pub message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    objects: BTreeMap<String, Value>,
    cases: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawCase {
    name: String,
    object: Option<Value>,
    old_object: Option<Value>,
    operation: Option<String>,
    #[serde(default)]
    subresource: String,
    parent: Option<String>,
    #[serde(default)]
    existing: Vec<Value>,
    user: Option<String>,
    groups: Option<Vec<String>>,
    namespace_labels: Option<BTreeMap<String, String>>,
    #[serde(default = "empty_patch")]
    baseline: Value,
    allow: Option<bool>,
    deny: Option<Vec<ExpectedFinding>>,
    patched: Option<Value>,
    #[serde(default)]
    rejected_by_api_validation: bool,
    not_native: Option<String>,
}

/// Default of `user`.
const USER: &str = "developer";
/// Default of `groups`.
const GROUP: &str = "system:authenticated";

fn empty_patch() -> Value {
    Value::Object(Map::new())
}

/// Reads the cases of a file.
///
/// # Errors
/// What is wrong, with the file's name.
pub fn parse(source_name: &str, text: &str) -> Result<Vec<Case>, String> {
    let arena = Bump::new();
    let mut documents = manifest::parse(text, &arena);
    let document = match documents.next() {
        Some(Ok(document)) => document,
        Some(Err(error)) => {
            let (line, column) = line_and_column(text, error.span.start);
            return Err(format!("{source_name}:{line}:{column}: {error}"));
        }
        None => return Err(format!("{source_name}: no cases here")),
    };
    if documents.next().is_some() {
        return Err(format!(
            "{source_name}: one document is expected, found several"
        ));
    }
    let value = serde_json::to_value(document.json).map_err(|e| format!("{source_name}: {e}"))?;
    let file: File = serde_json::from_value(value).map_err(|e| format!("{source_name}: {e}"))?;
    let mut names = std::collections::BTreeSet::new();
    let File { objects, cases } = file;
    cases
        .into_iter()
        .map(|case| {
            let name = case.name.clone();
            if !names.insert(name.clone()) {
                return Err(format!("{source_name}: two cases are called `{name}`"));
            }
            resolve(case, &objects).map_err(|error| format!("{source_name}: `{name}`: {error}"))
        })
        .collect()
}

fn resolve(raw: RawCase, objects: &BTreeMap<String, Value>) -> Result<Case, String> {
    let expectation = match (raw.allow, raw.deny, raw.patched) {
        (Some(true), None, None) => Expectation::Allow,
        (None, Some(findings), None) if !findings.is_empty() => Expectation::Deny(findings),
        (None, None, Some(patch)) => Expectation::Patched(patch),
        _ => {
            return Err("exactly one of `allow: true`, `deny`, `patched` must be given".to_owned());
        }
    };
    let object = raw.object.map(|form| build(form, objects)).transpose()?;
    let old_object = raw
        .old_object
        .map(|form| build(form, objects))
        .transpose()?;
    let operation = raw.operation.unwrap_or_else(|| {
        if old_object.is_some() {
            "UPDATE"
        } else {
            "CREATE"
        }
        .to_owned()
    });
    let existing = raw
        .existing
        .into_iter()
        .map(|form| build(form, objects))
        .collect::<Result<_, _>>()?;
    Ok(Case {
        name: raw.name,
        object,
        old_object,
        operation,
        subresource: raw.subresource,
        parent: raw.parent,
        existing,
        user: raw.user.unwrap_or_else(|| USER.to_owned()),
        groups: raw.groups.unwrap_or_else(|| vec![GROUP.to_owned()]),
        namespace_labels: raw.namespace_labels.unwrap_or_else(|| {
            BTreeMap::from([(crate::labels::AGENTS.to_owned(), "enforce".to_owned())])
        }),
        baseline: raw.baseline,
        expectation,
        rejected_by_api_validation: raw.rejected_by_api_validation,
        not_native: raw.not_native,
    })
}

/// An object as it is, or `{from, merge}`: a named object, changed.
fn build(form: Value, objects: &BTreeMap<String, Value>) -> Result<Value, String> {
    let Some(from) = form.get("from").and_then(Value::as_str) else {
        return Ok(form);
    };
    let Some(base) = objects.get(from) else {
        return Err(format!("there is no object `{from}` under `objects`"));
    };
    let mut object = base.clone();
    if let Some(patch) = form.get("merge") {
        json_patch::merge(&mut object, patch);
    }
    Ok(object)
}

//! `tests.yaml`: the cases of a policy. `policies/README.md` describes the format.

use std::collections::BTreeMap;

use admission_cel::json;
use bumpalo::Bump;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::run::NAMESPACE;
use crate::k8s::manifest::{self, line_and_column};

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique in its file.
    pub name: String,
    /// Where it begins in its file, from 1.
    pub line: usize,
    /// What is submitted; absent for DELETE.
    pub object: Option<Value>,
    /// What is stored.
    pub old_object: Option<Value>,
    /// `CREATE`, `UPDATE`, ….
    pub operation: String,
    /// Such as `resize`; empty for none.
    pub subresource: String,
    /// Name of the object whose subresource is created or connected to.
    pub parent: Option<String>,
    /// `request.options`, such as DeleteOptions.
    pub options: Option<Value>,
    /// Objects that are there before.
    pub existing: Vec<Value>,
    /// Who asks.
    pub user: String,
    /// Their groups.
    pub groups: Vec<String>,
    /// What they may do in our API group, besides everything in the others.
    pub rights: Vec<Right>,
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
    /// Shown on the policy's page.
    pub example: bool,
}

/// What must come out of a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// Nothing is refused.
    Allow,
    /// Exactly these findings, in any order.
    Deny(Vec<ExpectedFinding>),
    /// The same, of a policy that only warns.
    Warn(Vec<ExpectedFinding>),
    /// The merge patch (RFC 7386) from the object to the result.
    Patched(Value),
}

impl Expectation {
    /// The findings that must come up, no more and no less.
    pub fn findings(&self) -> &[ExpectedFinding] {
        match self {
            Self::Deny(findings) | Self::Warn(findings) => findings,
            Self::Allow | Self::Patched(_) => &[],
        }
    }
}

/// Something that RBAC allows the user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// Such as `use`; `*` is every verb.
    pub verb: String,
    /// Plural, `resource/subresource` for a subresource; `*` is every resource.
    pub resource: String,
    /// Of one object; absent or `*` for all.
    pub name: Option<String>,
    /// API group.
    #[serde(default = "own_group")]
    pub group: String,
    /// Granted by a ClusterRole, otherwise by a Role in the case's namespace.
    #[serde(default)]
    pub cluster: bool,
}

impl Right {
    /// The object's name; `None` for all.
    pub fn object_name(&self) -> Option<&str> {
        self.name.as_deref().filter(|name| *name != "*")
    }
}

/// A finding that must be there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
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
    options: Option<Value>,
    #[serde(default)]
    existing: Vec<Value>,
    user: Option<String>,
    groups: Option<Vec<String>>,
    #[serde(default)]
    rights: Vec<Right>,
    namespace_labels: Option<BTreeMap<String, String>>,
    #[serde(default = "empty_patch")]
    baseline: Value,
    allow: Option<bool>,
    deny: Option<Vec<ExpectedFinding>>,
    warn: Option<Vec<ExpectedFinding>>,
    patched: Option<Value>,
    #[serde(default)]
    rejected_by_api_validation: bool,
    not_native: Option<String>,
    #[serde(default)]
    example: bool,
}

/// Default of `user`.
pub const USER: &str = "developer";
/// Default of `groups`.
const GROUP: &str = "system:authenticated";

/// The API group of our own resources, virtual ones included.
pub const OWN_GROUP: &str = "cattlegrid.dev";

fn own_group() -> String {
    OWN_GROUP.to_owned()
}

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
    let place = |path: &json::Path| {
        let span = document.spans.locate(document.json, path);
        line_and_column(text, span.map_or(0, |span| span.start))
    };
    let file: File = serde_path_to_error::deserialize(value).map_err(|error| {
        let (line, column) = place(&path_of(error.path()));
        format!("{source_name}:{line}:{column}: {}", error.inner())
    })?;
    let mut names = std::collections::BTreeSet::new();
    let File { objects, cases } = file;
    cases
        .into_iter()
        .enumerate()
        .map(|(index, case)| {
            let name = case.name.clone();
            let (line, column) = place(&json::Path::default().key("cases").index(index));
            let problem = |what: String| format!("{source_name}:{line}:{column}: {what}");
            if !names.insert(name.clone()) {
                return Err(problem(format!("two cases are called `{name}`")));
            }
            resolve(case, line, &objects).map_err(|error| problem(format!("`{name}`: {error}")))
        })
        .collect()
}

fn path_of(path: &serde_path_to_error::Path) -> json::Path {
    use serde_path_to_error::Segment;
    let step = |known: json::Path, segment: &Segment| match segment {
        Segment::Seq { index } => known.index(*index),
        Segment::Map { key } => known.key(key),
        Segment::Enum { .. } | Segment::Unknown => known,
    };
    path.iter().fold(json::Path::default(), step)
}

fn resolve(raw: RawCase, line: usize, objects: &BTreeMap<String, Value>) -> Result<Case, String> {
    let expectation = expectation(raw.allow, raw.deny, raw.warn, raw.patched)?;
    let object = raw.object.map(|form| build(form, objects)).transpose()?;
    let old_object = raw
        .old_object
        .map(|form| build(form, objects))
        .transpose()?;
    let default_operation = if old_object.is_some() {
        "UPDATE"
    } else {
        "CREATE"
    };
    let existing = raw
        .existing
        .into_iter()
        .map(|form| build(form, objects))
        .collect::<Result<_, _>>()?;
    let labels_given = raw.namespace_labels.is_some();
    let case = Case {
        name: raw.name,
        line,
        object,
        old_object,
        operation: raw
            .operation
            .unwrap_or_else(|| default_operation.to_owned()),
        subresource: raw.subresource,
        parent: raw.parent,
        options: raw.options,
        existing,
        user: raw.user.unwrap_or_else(|| USER.to_owned()),
        groups: raw.groups.unwrap_or_else(|| vec![GROUP.to_owned()]),
        rights: raw.rights,
        namespace_labels: raw.namespace_labels.unwrap_or_else(|| {
            BTreeMap::from([(crate::labels::AGENTS.to_owned(), "enforce".to_owned())])
        }),
        baseline: raw.baseline,
        expectation,
        rejected_by_api_validation: raw.rejected_by_api_validation,
        not_native: raw.not_native,
        example: raw.example,
    };
    case.check(labels_given)?;
    Ok(case)
}

fn expectation(
    allow: Option<bool>,
    deny: Option<Vec<ExpectedFinding>>,
    warn: Option<Vec<ExpectedFinding>>,
    patched: Option<Value>,
) -> Result<Expectation, String> {
    match (allow, deny, warn, patched) {
        (Some(true), None, None, None) => Ok(Expectation::Allow),
        (None, Some(findings), None, None) if !findings.is_empty() => {
            Ok(Expectation::Deny(findings))
        }
        (None, None, Some(findings), None) if !findings.is_empty() => {
            Ok(Expectation::Warn(findings))
        }
        (None, None, None, Some(patch)) => Ok(Expectation::Patched(patch)),
        _ => {
            Err("exactly one of `allow: true`, `deny`, `warn`, `patched` must be given".to_owned())
        }
    }
}

impl Case {
    /// The object that says what the request is about: the submitted one, or the one that is
    /// deleted.
    pub fn subject(&self) -> Option<&Value> {
        self.object.as_ref().or(self.old_object.as_ref())
    }

    /// Whether the request is about a Namespace object.
    pub fn is_about_namespace(&self) -> bool {
        self.subject()
            .is_some_and(|object| object["apiVersion"] == "v1" && object["kind"] == "Namespace")
    }

    /// The case's namespace: that of its objects, and where its Roles are. A Namespace object's is
    /// itself.
    pub fn namespace(&self) -> &str {
        let own_name = self
            .subject()
            .filter(|_| self.is_about_namespace())
            .and_then(|object| object.pointer("/metadata/name"))
            .and_then(Value::as_str);
        own_name.unwrap_or(NAMESPACE)
    }

    /// What no API server could be asked.
    fn check(&self, labels_given: bool) -> Result<(), String> {
        let (has_object, has_old) = (self.object.is_some(), self.old_object.is_some());
        let wanted = match self.operation.as_str() {
            "CREATE" if has_object && !has_old => None,
            "UPDATE" if has_object && has_old => None,
            "DELETE" if !has_object && has_old => None,
            "CONNECT" if has_object && !has_old => None,
            "CREATE" => Some("CREATE has `object` and no `oldObject`"),
            "UPDATE" => Some("UPDATE has `object` and `oldObject`"),
            "DELETE" => Some("DELETE has `oldObject` and no `object`"),
            "CONNECT" => Some("CONNECT has `object` (such as PodExecOptions) and no `oldObject`"),
            _ => Some("`operation` is CREATE, UPDATE, DELETE or CONNECT"),
        };
        if let Some(wanted) = wanted {
            return Err(wanted.to_owned());
        }
        if self.operation == "CONNECT" && (self.parent.is_none() || self.subresource.is_empty()) {
            return Err("CONNECT needs `parent` and `subresource`".to_owned());
        }
        if self.is_about_namespace() {
            if labels_given {
                return Err(
                    "a Namespace has its own labels; leave `namespaceLabels` out".to_owned(),
                );
            }
            if self.operation == "CREATE" && self.rights.iter().any(|right| !right.cluster) {
                return Err(
                    "a namespace that is being created holds no Role; give the right \
                     `cluster: true`"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }
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

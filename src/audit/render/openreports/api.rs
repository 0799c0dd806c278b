//! The objects as the API server reads them. Field names are those of the API.

use serde::Serialize;

use super::name::can_be_namespace;
use crate::audit::render::PROGRAM;

const API_VERSION: &str = "openreports.io/v1alpha1";
/// Annotation of a report: how many results it could not hold.
const LEFT_OUT: &str = "cattlegrid.dev/results-left-out";
/// Label of whatever a program made.
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";

/// What `kubectl apply` takes several objects in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct List {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<Report>,
}

/// A Report, or a ClusterReport.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
    summary: Counts,
    results: Vec<Result>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    namespace: String,
    labels: serde_json::Map<String, serde_json::Value>,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    annotations: serde_json::Map<String, serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    owner_references: Vec<Owner>,
}

/// The object that a report is about.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// `group/version`.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace, or empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// Its name, or empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Of an object that exists.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
}

/// An object whose end is the report's end.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    /// `group/version`.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its uid.
    pub uid: String,
}

/// How many results there are, those that are left out too.
#[derive(Debug, Default, Serialize)]
struct Counts {
    pass: usize,
    fail: usize,
    warn: usize,
    error: usize,
    skip: usize,
}

/// One finding.
#[derive(Debug, Serialize)]
pub struct Result {
    /// Who found it.
    pub source: &'static str,
    /// The policy's name.
    pub policy: String,
    /// Which of its validations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// `high`, `medium` or `low`.
    pub severity: &'static str,
    /// `fail`, `warn`, `error` or `skip`.
    pub result: &'static str,
    /// Whether it would be denied.
    pub scored: bool,
    /// The policy's message.
    pub message: String,
    /// What the API has no fields for.
    pub properties: Properties,
}

/// What the API has no fields for.
#[derive(Debug, Default, Serialize)]
pub struct Properties {
    /// `deny`, `warn` or `audit`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub action: &'static str,
    /// `true` for what a file of accepted findings lists.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub accepted: &'static str,
    /// Where in the object.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// File, line and column.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// As in a Status.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remediation: String,
}

impl List {
    /// A list of reports.
    pub fn of(items: Vec<Report>) -> Self {
        Self {
            api_version: "v1",
            kind: "List",
            items,
        }
    }
}

impl Report {
    /// A report about an object. What is in no namespace that can exist is reported for the cluster.
    pub fn about(name: String, scope: Scope, owner: Option<Owner>, results: Vec<Result>) -> Self {
        let namespace = match can_be_namespace(&scope.namespace) {
            true => scope.namespace.clone(),
            false => String::new(),
        };
        let mut report = Self::new(name, namespace);
        report.scope = Some(scope);
        report.metadata.owner_references = owner.into_iter().collect();
        for result in &results {
            *report.summary.of(result.result) += 1;
        }
        report.results = results;
        report
    }

    /// A report about reports that are missing.
    pub fn of_left_out(number: usize, max: usize) -> Self {
        let mut report = Self::new(format!("{PROGRAM}-left-out"), String::new());
        report.summary.skip = 1;
        report.results = vec![Result {
            source: PROGRAM,
            policy: PROGRAM.to_owned(),
            rule: None,
            severity: "info",
            result: "skip",
            scored: false,
            message: format!(
                "findings in {number} more objects are not reported here: at most {max} objects \
                 are; audit fewer namespaces at a time, or write another format"
            ),
            properties: Properties::default(),
        }];
        report
    }

    /// Keeps the first results, and tells how many there were besides.
    pub fn keep(&mut self, max: usize) {
        let left_out = self.results.len().saturating_sub(max);
        self.results.truncate(max);
        if left_out > 0 {
            let annotations = &mut self.metadata.annotations;
            annotations.insert(LEFT_OUT.to_owned(), left_out.to_string().into());
        }
    }

    fn new(name: String, namespace: String) -> Self {
        let mut labels = serde_json::Map::new();
        labels.insert(MANAGED_BY.to_owned(), PROGRAM.into());
        Self {
            api_version: API_VERSION,
            kind: match namespace.is_empty() {
                true => "ClusterReport",
                false => "Report",
            },
            metadata: Metadata {
                name,
                namespace,
                labels,
                annotations: serde_json::Map::new(),
                owner_references: Vec::new(),
            },
            source: PROGRAM,
            scope: None,
            summary: Counts::default(),
            results: Vec::new(),
        }
    }
}

impl Counts {
    fn of(&mut self, result: &str) -> &mut usize {
        match result {
            "fail" => &mut self.fail,
            "warn" => &mut self.warn,
            "error" => &mut self.error,
            _ => &mut self.skip,
        }
    }
}

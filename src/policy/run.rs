//! Running a case offline: the same evaluation as everywhere, on the object that the API server
//! would show to admission.

use std::sync::Arc;

use admission_cel::authorizer::NoAuthorizer;
use admission_cel::json::Json;
use admission_policy::context::{Context, Namespace};
use admission_policy::evaluate::evaluate;
use admission_policy::finding::{Finding, Root, Verdict};
use admission_policy::mutate::mutate;
use admission_policy::request::{GroupVersionKind, GroupVersionResource, Operation, Request, User};
use admission_policy::set::PolicySet;
use bumpalo::Bump;
use serde_json::{Value, json};

use super::cases::{Case, ExpectedFinding};
pub use super::differences::{compare, differences};
use crate::audit::kinds::Kinds;
use crate::audit::normalise::normalise;
use crate::baseline::Baseline;

/// The namespace of every case; runners against a cluster choose their own.
pub const NAMESPACE: &str = "agents";

/// What came out of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What policies object to, whatever follows from it, in the form of expectations; sorted.
    pub findings: Vec<ExpectedFinding>,
    /// Per policy and binding that matched: what each validation said; empty where match conditions
    /// excluded the case.
    pub verdicts: Vec<(Arc<str>, Vec<Verdict>)>,
    /// What could not be evaluated, and why.
    pub not_evaluated: Vec<String>,
    /// The object after mutation; absent when the case has none.
    pub object: Option<Value>,
}

/// Runs a case.
///
/// # Errors
/// When the case itself is unusable: an unknown kind or operation, a broken baseline.
pub fn run(case: &Case, set: &PolicySet, default_baseline: &Value) -> Result<Outcome, String> {
    let mut baseline = default_baseline.clone();
    json_patch::merge(&mut baseline, &case.baseline);
    let baseline = Baseline::from_json(baseline.to_string()).map_err(|error| error.to_string())?;
    let arena = Bump::new();
    let params = baseline.as_params(&arena)?;
    let namespace = namespace(case, &arena);
    let request = request(case, &arena)?;
    let context = Context {
        namespace: if request.namespace.is_empty() {
            Namespace::None
        } else {
            Namespace::Known(namespace)
        },
        params: &params,
        authorizer: &NoAuthorizer,
    };
    let mutation = mutate(set, &request, &context, &|_| false, &arena);
    let evaluation = evaluate(set, &request, &context, &|_| false, &arena);
    let found = evaluation
        .policies
        .iter()
        .flat_map(|policy| &policy.findings);
    let (mut findings, mut not_evaluated) = (Vec::new(), Vec::new());
    for finding in found.chain(&mutation.failures) {
        match &finding.verdict {
            Verdict::NotEvaluated(why) => not_evaluated.push(format!("not evaluated: {why}")),
            _ => findings.push(expected_form(finding)),
        }
    }
    findings.sort();
    let verdicts = evaluation
        .policies
        .iter()
        .map(|policy| (policy.policy.clone(), policy.verdicts.clone()))
        .collect();
    let object = mutation
        .object
        .map(serde_json::to_value)
        .transpose()
        .map_err(|error| format!("the result cannot be printed: {error}"))?;
    Ok(Outcome {
        findings,
        verdicts,
        not_evaluated,
        object,
    })
}

/// The object that a mutation case must end with, as admission would see it.
pub fn expected_object(case: &Case, patch: &Value) -> Value {
    let mut object = case.object.clone().unwrap_or_default();
    json_patch::merge(&mut object, patch);
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("namespace".to_owned(), NAMESPACE.into());
    }
    normalised(&object)
}

/// The object with what the API server fills in.
pub fn normalised(object: &Value) -> Value {
    let arena = Bump::new();
    let object = arena.alloc(Json::from_serde(object, &arena));
    serde_json::to_value(normalise(object, &arena)).unwrap_or_default()
}

fn expected_form(finding: &Finding) -> ExpectedFinding {
    let path = finding.path.as_ref().filter(|path| !path.0.is_empty());
    let path = path.map(|path| match finding.root {
        Root::Object => path.to_string(),
        Root::OldObject => format!("{path} (before)"),
    });
    ExpectedFinding {
        path,
        message: finding.message.clone(),
    }
}

fn namespace<'a>(case: &Case, arena: &'a Bump) -> &'a Json<'a> {
    let mut labels = case.namespace_labels.clone();
    labels.insert(
        "kubernetes.io/metadata.name".to_owned(),
        NAMESPACE.to_owned(),
    );
    let object = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": NAMESPACE, "labels": labels},
    });
    arena.alloc(Json::from_serde(&object, arena))
}

fn request<'a>(case: &'a Case, arena: &'a Bump) -> Result<Request<'a>, String> {
    let operation = match case.operation.as_str() {
        "CREATE" => Operation::Create,
        "UPDATE" => Operation::Update,
        "DELETE" => Operation::Delete,
        "CONNECT" => Operation::Connect,
        other => return Err(format!("`{other}` is no operation")),
    };
    let described = case
        .object
        .as_ref()
        .or(case.old_object.as_ref())
        .ok_or("no object")?;
    let text = |key: &str| {
        described
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let kinds = Kinds::default();
    // The object of a subresource such as `token` is of another kind than its parent.
    let (resource, namespaced) = match (kinds.resource(group, kind), case.subresource.as_str()) {
        (_, "token") => ("serviceaccounts", true),
        (_, "binding") => ("pods", true),
        (_, "exec" | "attach" | "portforward") => ("pods", true),
        (Some(resource), _) => (resource.name, resource.namespaced),
        (None, _) => return Err(format!("kind `{kind}` is not known")),
    };
    let resource_group = if resource == "serviceaccounts" || resource == "pods" {
        ""
    } else {
        group
    };
    let resource_version = if resource_group == group {
        version
    } else {
        "v1"
    };
    let metadata_name = || described.pointer("/metadata/name").and_then(Value::as_str);
    let name = case
        .parent
        .as_deref()
        .or_else(metadata_name)
        .unwrap_or_default();
    let namespace = if namespaced { NAMESPACE } else { "" };
    let name: &'a str = arena.alloc_str(name);
    let variable = variable(
        case,
        [group, version, kind],
        [resource_group, resource_version, resource],
        name,
        namespace,
    );
    Ok(Request {
        uid: "case",
        operation,
        kind: GroupVersionKind {
            group,
            version,
            kind,
        },
        resource: GroupVersionResource {
            group: resource_group,
            version: resource_version,
            resource,
        },
        subresource: &case.subresource,
        name,
        namespace,
        user: User {
            name: &case.user,
            groups: case.groups.iter().map(String::as_str).collect(),
            ..User::default()
        },
        object: case
            .object
            .as_ref()
            .map(|object| submitted(object, namespaced, arena)),
        old_object: case
            .old_object
            .as_ref()
            .map(|object| submitted(object, namespaced, arena)),
        dry_run: false,
        variable: arena.alloc(Json::from_serde(&variable, arena)),
    })
}

/// The object as admission sees it: with metadata, its namespace, and defaults.
fn submitted<'a>(object: &Value, namespaced: bool, arena: &'a Bump) -> &'a Json<'a> {
    let mut object = object.clone();
    if let Some(members) = object.as_object_mut() {
        let metadata = members.entry("metadata").or_insert_with(|| json!({}));
        if let (Some(metadata), true) = (metadata.as_object_mut(), namespaced) {
            metadata.insert("namespace".to_owned(), NAMESPACE.into());
        }
    }
    normalise(arena.alloc(Json::from_serde(&object, arena)), arena)
}

fn variable(
    case: &Case,
    [group, version, kind]: [&str; 3],
    [resource_group, resource_version, resource]: [&str; 3],
    name: &str,
    namespace: &str,
) -> Value {
    let kind = json!({"group": group, "version": version, "kind": kind});
    let resource =
        json!({"group": resource_group, "version": resource_version, "resource": resource});
    json!({
        "uid": "case",
        "kind": kind,
        "resource": resource,
        "subResource": case.subresource,
        "requestKind": kind,
        "requestResource": resource,
        "requestSubResource": case.subresource,
        "name": name,
        "namespace": namespace,
        "operation": case.operation,
        "userInfo": {"username": case.user, "groups": case.groups},
        "dryRun": false,
    })
}

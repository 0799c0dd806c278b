//! The request that a case describes, as admission would see it.

use admission_cel::json::Json;
use admission_policy::context::Namespace;
use admission_policy::request::{GroupVersionKind, GroupVersionResource, Operation, Request, User};
use bumpalo::Bump;
use serde_json::{Value, json};

use crate::audit::kinds::{Kinds, Resource};
use crate::audit::normalise::normalise;
use crate::audit::request::group_and_version;
use crate::policy::cases::Case;

/// The request of a case.
///
/// # Errors
/// When the case describes none: an unknown kind or operation.
pub fn of<'a>(case: &'a Case, arena: &'a Bump) -> Result<Request<'a>, String> {
    let operation = match case.operation.as_str() {
        "CREATE" => Operation::Create,
        "UPDATE" => Operation::Update,
        "DELETE" => Operation::Delete,
        "CONNECT" => Operation::Connect,
        other => return Err(format!("`{other}` is no operation")),
    };
    let subject = case.subject().ok_or("no object")?;
    let (kind, resource, namespaced) = addressed(case, subject)?;
    let metadata_name = subject.pointer("/metadata/name").and_then(Value::as_str);
    let name = case.parent.as_deref().or(metadata_name).unwrap_or_default();
    let namespace = if namespaced || case.is_about_namespace() {
        case.namespace()
    } else {
        ""
    };
    let seen = |object: &Option<Value>| {
        object.as_ref().map(|object| match operation {
            // Options have no metadata.
            Operation::Connect => &*arena.alloc(Json::from_serde(object, arena)),
            _ => submitted(object, namespaced.then_some(namespace), arena),
        })
    };
    Ok(Request {
        uid: "case",
        operation,
        kind,
        resource,
        subresource: &case.subresource,
        name,
        namespace,
        user: User {
            name: &case.user,
            groups: case.groups.iter().map(String::as_str).collect(),
            ..User::default()
        },
        object: seen(&case.object),
        old_object: seen(&case.old_object),
        old_object_unknown: None,
        dry_run: false,
        variable: arena.alloc(Json::from_serde(
            &variable(case, kind, resource, name, namespace),
            arena,
        )),
    })
}

/// What the evaluation knows about the namespace: of Namespace objects the stored one, for its
/// labels alone; what policies see as `namespaceObject` is null then.
pub fn namespace<'a>(case: &Case, request: &Request<'a>, arena: &'a Bump) -> Namespace<'a> {
    if case.is_about_namespace() {
        return request.old_object.map_or(Namespace::None, Namespace::Known);
    }
    if request.namespace.is_empty() {
        return Namespace::None;
    }
    let mut labels = case.namespace_labels.clone();
    labels.insert(
        "kubernetes.io/metadata.name".to_owned(),
        request.namespace.to_owned(),
    );
    let object = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": request.namespace, "labels": labels},
    });
    Namespace::Known(arena.alloc(Json::from_serde(&object, arena)))
}

/// The kind that is sent, the resource it is sent to, and whether that is in a namespace.
fn addressed<'a>(
    case: &Case,
    subject: &'a Value,
) -> Result<(GroupVersionKind<'a>, GroupVersionResource<'a>, bool), String> {
    let text = |key: &str| subject.get(key).and_then(Value::as_str).unwrap_or_default();
    let (group, version) = group_and_version(text("apiVersion"));
    let kind = GroupVersionKind {
        group,
        version,
        kind: text("kind"),
    };
    // The object of such subresources is of another kind than its parent.
    let parent = match (
        case.operation.as_str(),
        case.subresource.as_str(),
        kind.kind,
    ) {
        ("CREATE", "token", _) => Some("serviceaccounts"),
        ("CREATE", "binding" | "eviction", _) => Some("pods"),
        ("CONNECT", _, "ServiceProxyOptions") => Some("services"),
        ("CONNECT", _, _) => Some("pods"),
        _ => None,
    };
    if let Some(resource) = parent {
        let resource = GroupVersionResource {
            group: "",
            version: "v1",
            resource,
        };
        return Ok((kind, resource, true));
    }
    let Some(Resource { name, namespaced }) = Kinds::default().resource(group, kind.kind) else {
        return Err(format!("kind `{}` is not known", kind.kind));
    };
    let resource = GroupVersionResource {
        group,
        version,
        resource: name,
    };
    Ok((kind, resource, namespaced))
}

/// The object as admission sees it: with metadata, its namespace, and defaults.
fn submitted<'a>(object: &Value, namespace: Option<&str>, arena: &'a Bump) -> &'a Json<'a> {
    let mut object = object.clone();
    if object.get("kind").and_then(Value::as_str) == Some("TokenRequest")
        && let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut)
    {
        // `pkg/apis/authentication`: without `omitempty`, it is there in any case.
        spec.entry("boundObjectRef").or_insert(Value::Null);
    }
    if let Some(members) = object.as_object_mut() {
        let metadata = members.entry("metadata").or_insert_with(|| json!({}));
        if let (Some(metadata), Some(namespace)) = (metadata.as_object_mut(), namespace) {
            metadata.insert("namespace".to_owned(), namespace.into());
        }
    }
    normalise(arena.alloc(Json::from_serde(&object, arena)), arena)
}

fn variable(
    case: &Case,
    kind: GroupVersionKind<'_>,
    resource: GroupVersionResource<'_>,
    name: &str,
    namespace: &str,
) -> Value {
    let kind = json!({"group": kind.group, "version": kind.version, "kind": kind.kind});
    let resource = json!({
        "group": resource.group, "version": resource.version, "resource": resource.resource,
    });
    let mut variable = json!({
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
        "options": options(case),
    });
    if let Some(members) = variable.as_object_mut() {
        // `omitempty` of AdmissionRequest: a policy that reads them unasked fails natively.
        members.retain(|_, member| member.as_str() != Some(""));
    }
    variable
}

/// `request.options`; a CONNECT has none.
fn options(case: &Case) -> Value {
    let kind = match case.operation.as_str() {
        "CREATE" => "CreateOptions",
        "UPDATE" => "UpdateOptions",
        "DELETE" => "DeleteOptions",
        _ => return Value::Null,
    };
    let mut options = json!({"apiVersion": "meta.k8s.io/v1", "kind": kind});
    if let Some(given) = &case.options {
        json_patch::merge(&mut options, given);
    }
    options
}

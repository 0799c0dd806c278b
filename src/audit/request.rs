//! The request that creating an object would make.

use admission_cel::json::{Json, Object};
use admission_policy::request::{GroupVersionKind, GroupVersionResource, Operation, Request, User};
use bumpalo::Bump;

use super::kinds::Resource;
use super::objects::{metadata_text, text};

/// Who creates the objects: nobody in particular.
const USER: &str = "cattlegrid:audit";
/// A uid for requests that nobody sent.
const UID: &str = "00000000-0000-0000-0000-000000000000";

/// Group and version of an `apiVersion`.
pub fn group_and_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// The CREATE request of an object in a namespace (empty for cluster-scoped objects).
pub fn creation<'a>(
    object: &'a Json<'a>,
    resource: Resource<'a>,
    namespace: &'a str,
    arena: &'a Bump,
) -> Request<'a> {
    let (group, version) = group_and_version(text(object, "apiVersion"));
    let kind = GroupVersionKind {
        group,
        version,
        kind: text(object, "kind"),
    };
    let resource = GroupVersionResource {
        group,
        version,
        resource: resource.name,
    };
    let name = metadata_text(object, "name");
    Request {
        uid: UID,
        operation: Operation::Create,
        kind,
        resource,
        subresource: "",
        name,
        namespace,
        user: User {
            name: USER,
            ..User::default()
        },
        object: Some(object),
        old_object: None,
        dry_run: true,
        variable: variable(kind, resource, name, namespace, arena),
    }
}

fn variable<'a>(
    kind: GroupVersionKind<'a>,
    resource: GroupVersionResource<'a>,
    name: &'a str,
    namespace: &'a str,
    arena: &'a Bump,
) -> &'a Json<'a> {
    let object =
        |entries: &[(&'a str, Json<'a>)]| Json::Object(Object::new(arena, entries.iter().copied()));
    let kind = object(&[
        ("group", Json::String(kind.group)),
        ("version", Json::String(kind.version)),
        ("kind", Json::String(kind.kind)),
    ]);
    let resource = object(&[
        ("group", Json::String(resource.group)),
        ("version", Json::String(resource.version)),
        ("resource", Json::String(resource.resource)),
    ]);
    let user = object(&[
        ("username", Json::String(USER)),
        ("groups", Json::Array(&[])),
    ]);
    let mut members = vec![
        ("uid", Json::String(UID)),
        ("kind", kind),
        ("resource", resource),
        ("requestKind", kind),
        ("requestResource", resource),
        ("operation", Json::String("CREATE")),
        ("userInfo", user),
        ("dryRun", Json::Bool(true)),
    ];
    // What is empty is absent, as in an AdmissionReview.
    let named = [("name", name), ("namespace", namespace)];
    members.extend(
        named
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(key, text)| (key, Json::String(text))),
    );
    arena.alloc(object(&members))
}

//! The request that would create a composed Job.

use admission_cel::json::{Json, Object};
use admission_policy::request::{GroupVersionKind, GroupVersionResource, Operation, Request};
use bumpalo::Bump;

const KIND: GroupVersionKind<'static> = GroupVersionKind {
    group: "batch",
    version: "v1",
    kind: "Job",
};
const RESOURCE: GroupVersionResource<'static> = GroupVersionResource {
    group: "batch",
    version: "v1",
    resource: "jobs",
};

/// The creation of `job` by whoever makes `request`, in the same namespace and under its name.
pub fn creation_of<'a>(job: &'a Json<'a>, request: &Request<'a>, arena: &'a Bump) -> Request<'a> {
    Request {
        operation: Operation::Create,
        kind: KIND,
        resource: RESOURCE,
        object: Some(job),
        old_object: None,
        old_object_unknown: None,
        variable: variable(request.variable, arena),
        ..request.clone()
    }
}

fn variable<'a>(original: &'a Json<'a>, arena: &'a Bump) -> &'a Json<'a> {
    let identity = |third: (&'a str, &'a str)| {
        let members = [("group", KIND.group), ("version", KIND.version), third];
        let members = members.map(|(key, text)| (key, Json::String(text)));
        Json::Object(Object::new(arena, members))
    };
    let kind = identity(("kind", KIND.kind));
    let resource = identity(("resource", RESOURCE.resource));
    let entries = original
        .as_object()
        .map_or(&[][..], |object| object.entries());
    let kept = entries.iter().map(|entry| (entry.key, entry.value));
    let changed = [
        ("operation", Json::String("CREATE")),
        ("kind", kind),
        ("requestKind", kind),
        ("resource", resource),
        ("requestResource", resource),
    ];
    arena.alloc(Json::Object(Object::new(arena, kept.chain(changed))))
}

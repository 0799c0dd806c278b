//! The request that an object would come with.

use admission_cel::json::{Json, Object};
use admission_policy::request::{GroupVersionKind, GroupVersionResource, Operation, Request, User};
use bumpalo::Bump;

use super::candidate::{Address, Details};
use super::kinds::Resource;
use super::objects::{metadata_text, text};

/// Who creates the objects: nobody in particular.
pub(super) const NOBODY: &str = "cattlegrid:audit";
/// `apiVersion` of the options of requests.
const OPTIONS_VERSION: &str = "meta.k8s.io/v1";
/// A uid for requests that nobody sent.
const UID: &str = "00000000-0000-0000-0000-000000000000";

/// Group and version of an `apiVersion`.
pub fn group_and_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

/// What a request is made of.
#[derive(Clone, Debug)]
pub struct Sent<'a> {
    /// What is done.
    pub operation: Operation,
    /// Who does it.
    pub user: User<'a>,
    /// Where it is sent to.
    pub address: Address<'a>,
    /// The object.
    pub object: &'a Json<'a>,
    /// The object before.
    pub old_object: Option<&'a Json<'a>>,
    /// What else is known.
    pub details: Details<'a>,
}

/// The CREATE request of an object in a namespace (empty for cluster-scoped objects), by nobody in
/// particular.
pub fn creation<'a>(
    object: &'a Json<'a>,
    resource: Resource<'a>,
    namespace: &'a str,
    arena: &'a Bump,
) -> Request<'a> {
    let user = User {
        name: NOBODY,
        ..User::default()
    };
    let sent = Sent {
        operation: Operation::Create,
        user,
        address: Address::of(object, resource, namespace),
        object,
        old_object: None,
        details: Details::default(),
    };
    request(&sent, arena)
}

impl<'a> Address<'a> {
    /// Where objects of a kind are sent to.
    pub fn of(object: &'a Json<'a>, resource: Resource<'a>, namespace: &'a str) -> Self {
        let (group, version) = group_and_version(text(object, "apiVersion"));
        Self {
            resource: GroupVersionResource {
                group,
                version,
                resource: resource.name,
            },
            subresource: "",
            namespace,
            name: metadata_text(object, "name"),
        }
    }
}

/// The request, as a webhook would be asked about it.
pub fn request<'a>(sent: &Sent<'a>, arena: &'a Bump) -> Request<'a> {
    let (group, version) = group_and_version(text(sent.object, "apiVersion"));
    let kind = GroupVersionKind {
        group,
        version,
        kind: text(sent.object, "kind"),
    };
    let is_deletion = sent.operation == Operation::Delete;
    let Address {
        resource,
        subresource,
        namespace,
        name,
    } = sent.address;
    Request {
        uid: UID,
        operation: sent.operation,
        kind,
        resource,
        subresource,
        name,
        namespace,
        user: sent.user.clone(),
        object: (!is_deletion).then_some(sent.object),
        old_object: match (is_deletion, sent.details.old_object_unknown) {
            (_, Some(_)) => None,
            (true, None) => Some(sent.old_object.unwrap_or(sent.object)),
            (false, None) => sent.old_object,
        },
        old_object_unknown: sent.details.old_object_unknown,
        dry_run: !sent.details.is_stored,
        variable: variable(sent, kind, arena),
    }
}

/// The `request` variable. What is empty is absent, as in an AdmissionReview.
fn variable<'a>(sent: &Sent<'a>, kind: GroupVersionKind<'a>, arena: &'a Bump) -> &'a Json<'a> {
    let object =
        |entries: &[(&'a str, Json<'a>)]| Json::Object(Object::new(arena, entries.iter().copied()));
    let kind = object(&[
        ("group", Json::String(kind.group)),
        ("version", Json::String(kind.version)),
        ("kind", Json::String(kind.kind)),
    ]);
    let Address {
        resource,
        subresource,
        namespace,
        name,
    } = sent.address;
    let resource = object(&[
        ("group", Json::String(resource.group)),
        ("version", Json::String(resource.version)),
        ("resource", Json::String(resource.resource)),
    ]);
    let (operation, options) = match sent.operation {
        Operation::Create => ("CREATE", Some("CreateOptions")),
        Operation::Update => ("UPDATE", Some("UpdateOptions")),
        Operation::Delete => ("DELETE", Some("DeleteOptions")),
        Operation::Connect => ("CONNECT", None),
    };
    let mut members = vec![
        ("uid", Json::String(UID)),
        ("kind", kind),
        ("resource", resource),
        ("requestKind", kind),
        ("requestResource", resource),
        ("operation", Json::String(operation)),
        ("userInfo", user_info(&sent.user, arena)),
        ("dryRun", Json::Bool(!sent.details.is_stored)),
    ];
    let texts = [
        ("subResource", subresource),
        ("requestSubResource", subresource),
        ("name", name),
        ("namespace", namespace),
    ];
    members.extend(
        texts
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(key, text)| (key, Json::String(text))),
    );
    if let Some(given) = sent.details.options {
        members.push(("options", *given));
    } else if let Some(kind) = options {
        let options = [
            ("kind", Json::String(kind)),
            ("apiVersion", Json::String(OPTIONS_VERSION)),
        ];
        members.push(("options", object(&options)));
    }
    arena.alloc(object(&members))
}

/// `request.userInfo`
fn user_info<'a>(user: &User<'a>, arena: &'a Bump) -> Json<'a> {
    let groups: Vec<Json<'a>> = user
        .groups
        .iter()
        .map(|group| Json::String(group))
        .collect();
    let mut members = vec![("username", Json::String(user.name))];
    if !user.uid.is_empty() {
        members.push(("uid", Json::String(user.uid)));
    }
    members.push(("groups", Json::Array(arena.alloc_slice_copy(&groups))));
    if let Some(extra) = user.extra {
        members.push(("extra", *extra));
    }
    Json::Object(Object::new(arena, members))
}

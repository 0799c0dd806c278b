//! The request that an event is about, as admission saw it.

use admission_cel::json::{Json, Object};
use admission_policy::request::{GroupVersionKind, GroupVersionResource, Operation, Request, User};
use admission_policy::set::PolicySet;
use bumpalo::Bump;

use super::event::{Event, Stage, Wish};
use super::query::Query;
use crate::audit::candidate::{Address, Candidate, Details};
use crate::audit::kinds::Kinds;
use crate::audit::objects::metadata_text;
use crate::audit::outcome::Origin;
use crate::templates::table::TemplateKind;

/// What an audit log never holds.
pub const NO_OLD_OBJECT: &str = "an audit log does not hold the object before the change, and whether it was changed in what the \
     rule is about decides";
const NO_PATCHED_OBJECT: &str =
    "of a patch the log holds only the patch; have the API server log it at level RequestResponse";
const NO_REQUEST: &str = "the event holds no object, and only that says what was sent";
const TRUNCATED: &str = "the event was too large for the log, which therefore leaves out the object; raise \
     --audit-log-truncate-max-event-size";
const COLLECTION: &str = "the log does not say which objects were deleted together";
const NO_KIND: &str = "which kind of object that is is not known; give its CustomResourceDefinition as well, or a \
     cluster to ask";

/// What becomes of an event.
pub enum Reading<'a> {
    /// It is about nothing that a policy matches, or another event of its request follows.
    Passed,
    /// The API server itself refused the request, or failed.
    Refused,
    /// It holds no object because the log was told so.
    Bare,
    /// It cannot be judged; why.
    NotEvaluated(String),
    /// It is to be judged.
    Judged(Box<Candidate<'a>>),
}

/// What decides about events.
pub struct Reader<'r> {
    /// The policies.
    pub set: &'r PolicySet,
    /// The baseline's kinds with templates.
    pub templates: &'r [TemplateKind],
    /// Kinds by resource.
    pub kinds: &'r Kinds<'r>,
}

impl Reader<'_> {
    /// Reads an event.
    pub fn read<'a>(&self, event: Event<'a>, origin: Origin, arena: &'a Bump) -> Reading<'a> {
        let wish = event.wish();
        let operation = match wish {
            Wish::Admitted(operation) => operation,
            // Server-side apply makes what is not there yet.
            Wish::Patch if event.has_created() => Operation::Create,
            Wish::Patch => Operation::Update,
            Wish::DeleteCollection => Operation::Delete,
            Wish::Other => return Reading::Passed,
        };
        let is_last = match event.stage() {
            Stage::Complete | Stage::Panic => true,
            // A connection may last longer than the log.
            Stage::Started => operation == Operation::Connect,
            Stage::Received => false,
        };
        let address = address(event);
        if !is_last || !self.is_concerned(operation, address) {
            return Reading::Passed;
        }
        let is_refused = event.code().is_some_and(|code| code >= 400);
        if is_refused || event.stage() == Stage::Panic {
            return Reading::Refused;
        }
        // A connection is judged by its URL.
        if event.is_bare() && operation != Operation::Connect {
            return Reading::Bare;
        }
        if wish == Wish::DeleteCollection {
            return Reading::NotEvaluated(COLLECTION.to_owned());
        }
        match self.sent(event, operation, wish == Wish::Patch, address, arena) {
            Ok((object, details)) => Reading::Judged(Box::new(Candidate {
                object,
                origin,
                document: None,
                user: Some(event.user()),
                operation,
                old_object: None,
                details,
                address: Some(address),
            })),
            Err(why) => Reading::NotEvaluated(why.to_owned()),
        }
    }

    /// Whether the webhook would have been asked: some policy is about such requests, or the object
    /// may hold templates.
    fn is_concerned(&self, operation: Operation, address: Address<'_>) -> bool {
        let resource = address.resource;
        let request = Request {
            uid: "",
            operation,
            kind: GroupVersionKind::default(),
            resource,
            subresource: address.subresource,
            name: address.name,
            namespace: address.namespace,
            user: User::default(),
            object: None,
            old_object: None,
            old_object_unknown: None,
            dry_run: false,
            variable: &Json::Null,
        };
        let mut policies = self.set.validating().iter();
        let is_matched = policies.any(|policy| {
            let constraints = &policy.definition.constraints;
            let mut rules = constraints.rules.iter();
            rules.any(|rule| rule.matches(&request, constraints.match_policy))
        });
        let is_written = matches!(operation, Operation::Create | Operation::Update);
        is_matched
            || is_written
                && address.subresource.is_empty()
                && self.templates.iter().any(|entry| {
                    (entry.api_group.as_str(), entry.resource.as_str())
                        == (resource.group, resource.resource)
                })
    }

    fn sent<'a>(
        &self,
        event: Event<'a>,
        operation: Operation,
        is_patch: bool,
        address: Address<'a>,
        arena: &'a Bump,
    ) -> Result<(&'a Json<'a>, Details<'a>), &'static str> {
        let query = Query::of(event.uri());
        let mut details = Details {
            is_stored: !query.is_dry_run(),
            ..Details::default()
        };
        if matches!(operation, Operation::Update | Operation::Delete) {
            details.old_object_unknown = Some(NO_OLD_OBJECT);
        }
        let missing = |otherwise| match event.is_truncated() {
            true => TRUNCATED,
            false => otherwise,
        };
        let object = match operation {
            Operation::Connect => {
                let resource = address.resource.resource;
                query.connection(resource, address.subresource, arena)
            }
            Operation::Delete => {
                let given = event.request_object();
                details.options = given.filter(|options| has_kind(options, "DeleteOptions"));
                self.deleted(address, arena)?
            }
            Operation::Create | Operation::Update => {
                let kind = match operation {
                    Operation::Create => "CreateOptions",
                    _ => "UpdateOptions",
                };
                details.options = Some(query.options(kind, arena));
                // What somebody created by a patch is completed as anything else: doing that twice
                // changes nothing.
                details.is_completed = is_patch && operation == Operation::Update;
                let object = match is_patch {
                    true => event
                        .response_object()
                        .ok_or_else(|| missing(NO_PATCHED_OBJECT))?,
                    false => event.request_object().ok_or_else(|| missing(NO_REQUEST))?,
                };
                in_namespace(object, address, arena)
            }
        };
        Ok((object, details))
    }

    /// What is known of a deleted object.
    fn deleted<'a>(
        &self,
        address: Address<'a>,
        arena: &'a Bump,
    ) -> Result<&'a Json<'a>, &'static str> {
        let GroupVersionResource {
            group,
            version,
            resource,
        } = address.resource;
        let kind = self.kinds.kind_of(group, resource).ok_or(NO_KIND)?;
        let api_version = match group {
            "" => version,
            group => arena.alloc_str(&format!("{group}/{version}")),
        };
        let names = [("name", address.name), ("namespace", address.namespace)];
        let names = names.into_iter().filter(|(_, name)| !name.is_empty());
        let metadata = Object::new(arena, names.map(|(key, name)| (key, Json::String(name))));
        let members = [
            ("apiVersion", Json::String(api_version)),
            ("kind", Json::String(arena.alloc_str(kind))),
            ("metadata", Json::Object(metadata)),
        ];
        Ok(arena.alloc(Json::Object(Object::new(arena, members))))
    }
}

/// Where the request was sent to. Requests about a Namespace carry its name as their namespace.
fn address<'a>(event: Event<'a>) -> Address<'a> {
    let resource = GroupVersionResource {
        group: event.reference("apiGroup"),
        version: event.reference("apiVersion"),
        resource: event.reference("resource"),
    };
    let name = event.reference("name");
    let is_namespace = (resource.group, resource.resource) == ("", "namespaces");
    Address {
        resource,
        subresource: event.reference("subresource"),
        namespace: match is_namespace {
            true => name,
            false => event.reference("namespace"),
        },
        name,
    }
}

fn has_kind(object: &Json<'_>, kind: &str) -> bool {
    object.get("kind").and_then(Json::as_str) == Some(kind)
}

/// The object with its namespace, which the API server fills in before admission
/// (`EnsureObjectNamespaceMatchesRequestNamespace` of `k8s.io/apiserver/pkg/registry/rest`).
fn in_namespace<'a>(object: &'a Json<'a>, address: Address<'a>, arena: &'a Bump) -> &'a Json<'a> {
    let metadata = object.get("metadata").and_then(Json::as_object);
    let (Some(members), Some(metadata)) = (object.as_object(), metadata) else {
        return object;
    };
    let is_namespace = (address.resource.group, address.resource.resource) == ("", "namespaces");
    let is_given = !metadata_text(object, "namespace").is_empty();
    if is_namespace || is_given || address.namespace.is_empty() {
        return object;
    }
    let pair = |entry: &admission_cel::json::Entry<'a>| (entry.key, entry.value);
    let namespace = ("namespace", Json::String(address.namespace));
    let metadata = metadata.entries().iter().map(pair).chain([namespace]);
    let metadata = Json::Object(Object::new(arena, metadata));
    let members = members
        .entries()
        .iter()
        .map(pair)
        .chain([("metadata", metadata)]);
    arena.alloc(Json::Object(Object::new(arena, members)))
}

/// What a request to a namespace says about it: the Namespace as it is from now on, or that nobody
/// knows it any more. `None` for requests about anything else.
pub fn namespace_told<'a>(event: Event<'a>) -> Option<(&'a str, Option<&'a Json<'a>>)> {
    let is_namespace = (event.reference("apiGroup"), event.reference("resource"))
        == ("", "namespaces")
        && event.stage() == Stage::Complete
        && event.code().is_none_or(|code| code < 400)
        && !Query::of(event.uri()).is_dry_run();
    let name = event.reference("name");
    if !is_namespace || name.is_empty() {
        return None;
    }
    // Namespaces are written whole but for patches; `status` and `finalize` keep the labels.
    let is_whole = |object: &&Json<'_>| has_kind(object, "Namespace");
    match event.wish() {
        Wish::Admitted(Operation::Create | Operation::Update) => {
            let object = event.response_object().or(event.request_object());
            Some((name, object.filter(is_whole)))
        }
        Wish::Patch => Some((name, event.response_object().filter(is_whole))),
        _ => None,
    }
}

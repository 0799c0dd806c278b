//! An `AdmissionReview` as the API server sends it (`admission.k8s.io/v1`), read into a
//! [`Request`] that borrows from it. The objects in it are never decoded further.
//!
//! Shapes follow `k8s.io/api/admission/v1/types.go`. What is required there is required here; an
//! unknown operation or a member of the wrong type is refused rather than ignored, since a request
//! that was misread would be judged wrongly.

use admission_cel::json::{Entry, Json, Object};
use admission_policy::request::{GroupVersionKind, GroupVersionResource, Operation, Request, User};
use bumpalo::Bump;

/// The one `apiVersion` that is read and answered.
pub const API_VERSION: &str = "admission.k8s.io/v1";
/// The one `kind` that is read and answered.
pub const KIND: &str = "AdmissionReview";

/// Why a JSON document is no request that can be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// Not an AdmissionReview with a uid: there is nobody to answer.
    #[error("{0}")]
    NotAReview(String),
    /// A review that cannot be judged; it is answered with its uid and denied.
    #[error("{reason}")]
    Undecodable {
        /// The request's uid.
        uid: String,
        /// What is wrong and where.
        reason: String,
    },
}

/// Reads the request of a review.
///
/// # Errors
/// [`ReviewError`]; members are named by their path from the review's root.
pub fn read<'a>(review: &'a Json<'a>, arena: &'a Bump) -> Result<Request<'a>, ReviewError> {
    let (uid, members) = identify(review).map_err(ReviewError::NotAReview)?;
    Reader { members }
        .request(uid, arena)
        .map_err(|reason| ReviewError::Undecodable {
            uid: uid.to_owned(),
            reason,
        })
}

fn identify<'a>(review: &'a Json<'a>) -> Result<(&'a str, Object<'a>), String> {
    let root = review
        .as_object()
        .ok_or("an AdmissionReview must be a JSON object")?;
    let text = |key: &str| root.get(key).and_then(Json::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    if (api_version, kind) != (API_VERSION, KIND) {
        return Err(format!(
            "expected apiVersion `{API_VERSION}` and kind `{KIND}`, found `{api_version}` and `{kind}`"
        ));
    }
    let request = root
        .get("request")
        .and_then(Json::as_object)
        .ok_or("`request` must be an object")?;
    match request.get("uid").and_then(Json::as_str) {
        Some(uid) if !uid.is_empty() => Ok((uid, request)),
        _ => Err("`request.uid` must be a string that is not empty".to_owned()),
    }
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    members: Object<'a>,
}

impl<'a> Reader<'a> {
    fn request(self, uid: &'a str, arena: &'a Bump) -> Result<Request<'a>, String> {
        let operation = self.operation()?;
        let request = Request {
            uid,
            operation,
            kind: self.kind()?,
            resource: self.resource()?,
            subresource: self.optional_text("subResource")?,
            name: self.optional_text("name")?,
            namespace: self.optional_text("namespace")?,
            user: self.user()?,
            object: self.optional_object("object")?,
            old_object: self.optional_object("oldObject")?,
            old_object_unknown: None,
            dry_run: self.dry_run()?,
            variable: self.variable(arena),
        };
        require_objects(&request)?;
        Ok(request)
    }

    fn operation(self) -> Result<Operation, String> {
        match self.optional_text("operation")? {
            "CREATE" => Ok(Operation::Create),
            "UPDATE" => Ok(Operation::Update),
            "DELETE" => Ok(Operation::Delete),
            "CONNECT" => Ok(Operation::Connect),
            other => Err(format!(
                "`request.operation` must be CREATE, UPDATE, DELETE or CONNECT, found `{other}`"
            )),
        }
    }

    fn kind(self) -> Result<GroupVersionKind<'a>, String> {
        let member = self.required_member("kind")?;
        Ok(GroupVersionKind {
            group: text_of(member, "request.kind", "group")?,
            version: required_text_of(member, "request.kind", "version")?,
            kind: required_text_of(member, "request.kind", "kind")?,
        })
    }

    fn resource(self) -> Result<GroupVersionResource<'a>, String> {
        let member = self.required_member("resource")?;
        Ok(GroupVersionResource {
            group: text_of(member, "request.resource", "group")?,
            version: required_text_of(member, "request.resource", "version")?,
            resource: required_text_of(member, "request.resource", "resource")?,
        })
    }

    fn user(self) -> Result<User<'a>, String> {
        let member = self.required_member("userInfo")?;
        Ok(User {
            name: text_of(member, "request.userInfo", "username")?,
            uid: text_of(member, "request.userInfo", "uid")?,
            groups: groups_of(member)?,
            extra: extra_of(member)?,
        })
    }

    fn dry_run(self) -> Result<bool, String> {
        match self.present("dryRun") {
            None => Ok(false),
            Some(Json::Bool(flag)) => Ok(*flag),
            Some(_) => Err("`request.dryRun` must be true or false".to_owned()),
        }
    }

    /// The members of a request that policies see as `request`: all but the objects, which are
    /// variables of their own.
    fn variable(self, arena: &'a Bump) -> &'a Json<'a> {
        let is_object = |entry: &&Entry<'a>| matches!(entry.key, "object" | "oldObject");
        let entries = self
            .members
            .entries()
            .iter()
            .filter(|entry| !is_object(entry));
        arena.alloc(Json::Object(Object::new(
            arena,
            entries.map(|entry| (entry.key, entry.value)),
        )))
    }

    fn optional_text(self, key: &str) -> Result<&'a str, String> {
        text_of(self.members, "request", key)
    }

    fn required_member(self, key: &str) -> Result<Object<'a>, String> {
        self.members
            .get(key)
            .and_then(Json::as_object)
            .ok_or_else(|| format!("`request.{key}` must be an object"))
    }

    fn optional_object(self, key: &str) -> Result<Option<&'a Json<'a>>, String> {
        match self.present(key) {
            Some(node) if node.as_object().is_none() => {
                Err(format!("`request.{key}` must be an object"))
            }
            other => Ok(other),
        }
    }

    fn present(self, key: &str) -> Option<&'a Json<'a>> {
        self.members.get(key).filter(|node| !node.is_null())
    }
}

fn require_objects(request: &Request<'_>) -> Result<(), String> {
    let (object, old_object) = match request.operation {
        Operation::Create => (true, false),
        Operation::Update => (true, true),
        // CONNECT carries options, DELETE the object that goes; the API server leaves either out
        // where there is none.
        Operation::Delete | Operation::Connect => (false, false),
    };
    if object && request.object.is_none() {
        return Err("`request.object` is missing in a CREATE or UPDATE request".to_owned());
    }
    if old_object && request.old_object.is_none() {
        return Err("`request.oldObject` is missing in an UPDATE request".to_owned());
    }
    Ok(())
}

fn text_of<'a>(members: Object<'a>, parent: &str, key: &str) -> Result<&'a str, String> {
    match members.get(key) {
        None | Some(Json::Null) => Ok(""),
        Some(Json::String(text)) => Ok(text),
        Some(_) => Err(format!("`{parent}.{key}` must be a string")),
    }
}

fn required_text_of<'a>(members: Object<'a>, parent: &str, key: &str) -> Result<&'a str, String> {
    match text_of(members, parent, key)? {
        "" => Err(format!("`{parent}.{key}` must not be empty")),
        text => Ok(text),
    }
}

fn groups_of<'a>(user: Object<'a>) -> Result<Vec<&'a str>, String> {
    match user.get("groups") {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(node) => strings(node)
            .ok_or_else(|| "`request.userInfo.groups` must be an array of strings".to_owned()),
    }
}

fn extra_of<'a>(user: Object<'a>) -> Result<Option<&'a Json<'a>>, String> {
    let Some(extra) = user.get("extra").filter(|node| !node.is_null()) else {
        return Ok(None);
    };
    let is_valid = extra.as_object().is_some_and(|members| {
        members
            .entries()
            .iter()
            .all(|entry| strings(&entry.value).is_some())
    });
    if is_valid {
        Ok(Some(extra))
    } else {
        Err("`request.userInfo.extra` must be an object of string arrays".to_owned())
    }
}

fn strings<'a>(node: &Json<'a>) -> Option<Vec<&'a str>> {
    node.as_array()?.iter().map(Json::as_str).collect()
}

#[cfg(test)]
mod tests;

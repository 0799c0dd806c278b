//! `request`: as given, completed by what the object tells and the API server always sets.

use admission_cel::json::{Json, Object};
use bumpalo::Bump;

use super::variables::Inputs;
use crate::audit::kinds::Kinds;
use crate::audit::objects::{metadata_text, text};
use crate::audit::request::group_and_version;

/// Members of an AdmissionRequest that the variable does not have: it is about the request, not the
/// objects.
const NOT_IN_VARIABLE: [&str; 3] = ["uid", "object", "oldObject"];

/// What the object and the request say, each optional. Without either, there is no request.
pub(super) fn complete<'a>(
    object: Option<&'a Json<'a>>,
    request: Option<&'a Json<'a>>,
    arena: &'a Bump,
) -> Result<Inputs<'a>, String> {
    let given = request.map(members).transpose()?;
    let from_request = |key: &str| given.and_then(|members| members.get(key));
    let object = object.or_else(|| from_request("object"));
    let old_object = from_request("oldObject");
    let described = [object, old_object]
        .into_iter()
        .flatten()
        .find(|object| !object.is_null());
    let request = (described.is_some() || given.is_some()).then(|| {
        let derived = described
            .map(|object| derived(object, arena))
            .unwrap_or_default();
        &*arena.alloc(Json::Object(variable(derived, given, arena)))
    });
    Ok(Inputs {
        object,
        old_object,
        request,
        params: None,
        namespace: None,
    })
}

/// The members of an AdmissionRequest, also inside of a review.
fn members<'a>(file: &'a Json<'a>) -> Result<Object<'a>, String> {
    let request = match file.get("request") {
        Some(request) if text(file, "kind") == "AdmissionReview" => request,
        _ => file,
    };
    request.as_object().ok_or_else(|| {
        "an AdmissionRequest is an object such as `{\"operation\": \"UPDATE\"}`".to_owned()
    })
}

/// The creation of an object.
fn derived<'a>(object: &'a Json<'a>, arena: &'a Bump) -> Vec<(&'a str, Json<'a>)> {
    let (group, version) = group_and_version(text(object, "apiVersion"));
    let kind = text(object, "kind");
    let identity = |last: &'a str, name: &'a str| {
        let members = [("group", group), ("version", version), (last, name)];
        Json::Object(Object::new(
            arena,
            members.map(|(key, text)| (key, Json::String(text))),
        ))
    };
    let mut derived = vec![("kind", identity("kind", kind))];
    // The name of an unknown kind's resource would be a guess.
    if let Some(resource) = Kinds::default().resource(group, kind) {
        derived.push((
            "resource",
            identity("resource", arena.alloc_str(resource.name)),
        ));
    }
    derived.extend([
        ("name", Json::String(metadata_text(object, "name"))),
        (
            "namespace",
            Json::String(metadata_text(object, "namespace")),
        ),
        ("operation", Json::String("CREATE")),
    ]);
    derived
}

fn variable<'a>(
    derived: Vec<(&'a str, Json<'a>)>,
    given: Option<Object<'a>>,
    arena: &'a Bump,
) -> Object<'a> {
    let mut entries = derived;
    let given = given.map(Object::entries).unwrap_or_default().iter();
    entries.extend(
        given
            .filter(|entry| !NOT_IN_VARIABLE.contains(&entry.key))
            .map(|entry| (entry.key, entry.value)),
    );
    let stated = Object::new(arena, entries);
    // As the API server: equivalents are those of the request unless it was converted.
    let mut defaults = vec![
        ("userInfo", Json::Object(Object::new(arena, []))),
        ("dryRun", Json::Bool(false)),
    ];
    for (member, equivalent) in [
        ("kind", "requestKind"),
        ("resource", "requestResource"),
        ("subResource", "requestSubResource"),
    ] {
        if let Some(value) = stated.get(member) {
            defaults.push((equivalent, *value));
        }
    }
    defaults.extend(
        stated
            .entries()
            .iter()
            .map(|entry| (entry.key, entry.value)),
    );
    Object::new(arena, defaults)
}

//! `PolicyException`.

use admission_cel::environment::KUBERNETES_MINOR;
use admission_cel::json::{Json, Path};
use admission_cel::value::Timestamp;

use super::decode::{Faults, Fields};
use super::metadata::metadata;
use super::selectors::selector;
use super::{Document, LoadError, names};
use crate::exception::Exception;
use crate::matching::selector::Selector;

const GROUP: &str = "cattlegrid.dev";
const API_VERSION: &str = "cattlegrid.dev/v1alpha1";
const KIND: &str = "PolicyException";
const LIST_KIND: &str = "PolicyExceptionList";

/// Most policies of one exception; here and below, as the CustomResourceDefinition has it.
const POLICIES_MAX: usize = 64;
/// Most namespaces of one exception.
const NAMESPACES_MAX: usize = 64;
/// Longest owner and reason, in characters.
const TEXT_CHARACTERS_MAX: usize = 1024;

/// Reads the PolicyExceptions of a document: none, one, or those among the items of a list. Objects
/// of other kinds are passed over; each exception is read or refused by itself.
pub fn exceptions(document: Document<'_>) -> Vec<Result<Exception, Vec<LoadError>>> {
    let mut found = Vec::new();
    find(document, document.json, Path::default(), &mut found);
    found
}

fn find<'d>(
    document: Document<'d>,
    json: &'d Json<'d>,
    root: Path,
    found: &mut Vec<Result<Exception, Vec<LoadError>>>,
) {
    let text = |key| {
        json.get(key)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
    };
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    // Others have a kind of this name, too.
    let is_ours = api_version.split('/').next() == Some(GROUP);
    if kind == "List" || (is_ours && kind == LIST_KIND) {
        let items = json.get("items").and_then(|items| items.as_array());
        for (index, item) in items.unwrap_or_default().iter().enumerate() {
            find(document, item, root.key("items").index(index), found);
        }
    } else if is_ours && kind == KIND {
        found.push(read(document, json, root));
    }
}

fn read<'d>(
    document: Document<'d>,
    json: &'d Json<'d>,
    root: Path,
) -> Result<Exception, Vec<LoadError>> {
    let mut faults = Faults::of(document, KUBERNETES_MINOR);
    let exception = whole(json, root, &mut faults);
    let errors = faults.into_errors();
    match exception {
        Some(exception) if errors.is_empty() => Ok(exception),
        _ => Err(errors),
    }
}

fn whole<'d>(json: &'d Json<'d>, root: Path, faults: &mut Faults<'d>) -> Option<Exception> {
    let mut fields = Fields::open(json, root, faults)?;
    fields.allow(&["kind"]);
    let version = fields.required("apiVersion", faults);
    if version.is_some_and(|version| version != API_VERSION) {
        let reason = format!("is not supported; use `{API_VERSION}`");
        faults.add(fields.path("apiVersion"), reason);
    }
    let name = metadata(&mut fields, faults).name;
    if fields.get("spec").is_none() {
        faults.add(fields.path("spec"), "is required");
    }
    let spec = fields.child("spec", faults);
    fields.close(faults);
    specification(spec?, name, faults)
}

fn specification(mut spec: Fields<'_>, name: String, faults: &mut Faults<'_>) -> Option<Exception> {
    let policies = named(
        &mut spec,
        "policies",
        POLICIES_MAX,
        names::dns_subdomain,
        faults,
    );
    let namespaces = named(
        &mut spec,
        "namespaces",
        NAMESPACES_MAX,
        names::dns_label,
        faults,
    );
    let object_selector = object_selector(&mut spec, faults);
    let owner = text(&mut spec, "owner", faults);
    let reason = text(&mut spec, "reason", faults);
    let expires = expires(&mut spec, faults);
    spec.close(faults);
    Some(Exception {
        name,
        policies,
        namespaces,
        object_selector,
        owner: owner?,
        reason: reason?,
        expires: expires?,
    })
}

/// A list of names, at least one: an exception for everything is none.
fn named(
    spec: &mut Fields<'_>,
    key: &'static str,
    count_max: usize,
    fault: fn(&str) -> Option<&'static str>,
    faults: &mut Faults<'_>,
) -> Vec<String> {
    let entries = spec.strings(key, faults);
    if spec
        .get(key)
        .is_none_or(|list| list.as_array().is_some_and(<[_]>::is_empty))
    {
        faults.add(
            spec.path(key),
            "name at least one; there is no form for all",
        );
    }
    if entries.len() > count_max {
        let reason = format!("at most {count_max}; make several exceptions");
        faults.add(spec.path(key), reason);
    }
    let mut names = Vec::new();
    for (path, name) in entries {
        if let Some(reason) = fault(name) {
            faults.add(path, format!("`{name}` {reason}"));
        }
        names.push(name.to_owned());
    }
    names
}

fn object_selector(spec: &mut Fields<'_>, faults: &mut Faults<'_>) -> Selector {
    let selected = selector(spec, "objectSelector", faults);
    if selected.as_ref().is_some_and(Selector::is_empty) {
        let reason = "selects every object; require a label, or leave it out";
        faults.add(spec.path("objectSelector"), reason);
    }
    selected.unwrap_or_default()
}

fn text(spec: &mut Fields<'_>, key: &'static str, faults: &mut Faults<'_>) -> Option<String> {
    let text = spec.required(key, faults)?;
    if text.chars().count() > TEXT_CHARACTERS_MAX {
        let reason = format!("at most {TEXT_CHARACTERS_MAX} characters");
        faults.add(spec.path(key), reason);
    }
    Some(text.to_owned())
}

fn expires(spec: &mut Fields<'_>, faults: &mut Faults<'_>) -> Option<Timestamp> {
    let text = spec.required("expires", faults)?;
    let expires = Timestamp::from_rfc3339(text);
    if expires.is_none() {
        let reason = format!(
            "`{text}` is no time with a zone (RFC 3339); write one such as 2027-01-31T00:00:00Z"
        );
        faults.add(spec.path("expires"), reason);
    }
    expires
}

#[cfg(test)]
mod tests;

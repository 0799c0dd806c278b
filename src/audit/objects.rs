//! The objects in a document: itself, or the items of a List.

use admission_cel::json::{Json, Path};
use bumpalo::Bump;

use crate::baseline;
use crate::k8s::manifest;

/// An object and where it is in its document.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// The object.
    pub json: &'a Json<'a>,
    /// Its path in the document; empty unless it is an item of a List.
    pub path: Path,
}

/// The objects of a document: the items of a List (`v1` List, `JobList`, …), otherwise itself.
pub fn objects<'a>(document: &'a Json<'a>) -> Vec<Found<'a>> {
    let is_list = text(document, "kind").ends_with("List");
    match document.get("items").and_then(|items| items.as_array()) {
        Some(items) if is_list => {
            let base = Path::default().key("items");
            items
                .iter()
                .enumerate()
                .map(|(index, json)| Found { json, path: base.index(index) })
                .collect()
        }
        _ => vec![Found { json: document, path: Path::default() }],
    }
}

/// A string member; empty when there is none.
pub fn text<'a>(object: &'a Json<'a>, key: &str) -> &'a str {
    object.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// A string of the metadata; empty when there is none.
pub fn metadata_text<'a>(object: &'a Json<'a>, key: &str) -> &'a str {
    object.get("metadata").map_or("", |metadata| text(metadata, key))
}

/// Whether a file holds an AgentBaseline.
pub fn holds_baseline(file: &str) -> bool {
    if !file.contains(baseline::KIND) {
        return false;
    }
    let arena = Bump::new();
    manifest::parse(file, &arena).filter_map(Result::ok).any(|document| {
        objects(document.json).iter().any(|found| {
            text(found.json, "kind") == baseline::KIND
                && text(found.json, "apiVersion") == baseline::API_VERSION
        })
    })
}

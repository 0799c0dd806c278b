//! The objects in a document: itself, or the items of a List.

use admission_cel::json::{Json, Object, Path};
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
                .map(|(index, json)| Found {
                    json,
                    path: base.index(index),
                })
                .collect()
        }
        _ => vec![Found {
            json: document,
            path: Path::default(),
        }],
    }
}

/// A string member; empty when there is none.
pub fn text<'a>(object: &'a Json<'a>, key: &str) -> &'a str {
    object.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// A string of the metadata; empty when there is none.
pub fn metadata_text<'a>(object: &'a Json<'a>, key: &str) -> &'a str {
    object
        .get("metadata")
        .map_or("", |metadata| text(metadata, key))
}

/// What the API server would not read in an object's metadata, and where. Whoever writes
/// `namespace: no` writes a boolean; judging the object elsewhere would be worse than not at all.
pub fn metadata_fault<'a>(object: &'a Json<'a>) -> Option<(Path, String)> {
    let metadata = object
        .get("metadata")
        .filter(|metadata| !metadata.is_null())?;
    let base = Path::default().key("metadata");
    if metadata.as_object().is_none() {
        return Some((base, "metadata must be an object".to_owned()));
    }
    let is_text = |value: &Json<'_>| value.is_null() || value.as_str().is_some();
    let texts = ["name", "generateName", "namespace"]
        .into_iter()
        .filter_map(|key| Some((key, None, metadata.get(key)?)));
    let maps = ["labels", "annotations"].into_iter().flat_map(|key| {
        let entries = metadata
            .get(key)
            .and_then(Json::as_object)
            .map_or(&[][..], Object::entries);
        entries
            .iter()
            .map(move |entry| (key, Some(entry.key), &entry.value))
    });
    let fault = texts.chain(maps).find(|(_, _, value)| !is_text(value));
    fault.map(|(field, key, value)| {
        let path = key.iter().fold(base.key(field), |path, key| path.key(key));
        let message = format!("{path} must be a string, found {value}; put it in quotes");
        (path, message)
    })
}

/// Whether a file holds an AgentBaseline.
pub fn holds_baseline(file: &str) -> bool {
    if !file.contains(baseline::KIND) {
        return false;
    }
    let arena = Bump::new();
    manifest::parse(file, &arena)
        .filter_map(Result::ok)
        .any(|document| {
            objects(document.json).iter().any(|found| {
                text(found.json, "kind") == baseline::KIND
                    && text(found.json, "apiVersion") == baseline::API_VERSION
            })
        })
}

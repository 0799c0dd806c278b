//! Namespaces of which no more than the name is known.

use admission_cel::json::{Json, Object};
use bumpalo::Bump;

/// The label that the API server sets on every Namespace.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A Namespace with a name and these labels besides the one that the API server sets.
pub fn named<'a>(
    name: &'a str,
    labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    arena: &'a Bump,
) -> &'a Json<'a> {
    let object = |entries: Vec<(&'a str, Json<'a>)>| Json::Object(Object::new(arena, entries));
    let labels = [(NAME_LABEL, name)].into_iter().chain(labels);
    let labels = object(
        labels
            .map(|(key, value)| (key, Json::String(value)))
            .collect(),
    );
    let metadata = object(vec![("name", Json::String(name)), ("labels", labels)]);
    arena.alloc(object(vec![
        ("apiVersion", Json::String("v1")),
        ("kind", Json::String("Namespace")),
        ("metadata", metadata),
    ]))
}

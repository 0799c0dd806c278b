//! Defaults of Namespace: the label with its name, by which selectors name namespaces.

use admission_cel::json::{Json, Object};

use super::draft::Draft;
use super::shape::Shape;

/// `v1` Namespace.
pub const NAMESPACE: Shape = Shape {
    members: &[],
    computed: &[name_label],
    ..Shape::EMPTY
};

const NAME_LABEL: &str = "kubernetes.io/metadata.name";

fn name_label(draft: &mut Draft<'_>) {
    let Some(metadata) = draft.get("metadata") else {
        return;
    };
    let name = metadata.get("name").and_then(Json::as_str);
    let labels = metadata.get("labels").and_then(Json::as_object);
    let labels = labels.map_or(&[][..], Object::entries);
    let (Some(name), false) = (name, labels.iter().any(|label| label.key == NAME_LABEL)) else {
        return;
    };
    let labels = labels.iter().map(|label| (label.key, label.value));
    let labels = draft.object(labels.chain([(NAME_LABEL, Json::String(name))]));
    let entries = metadata.as_object().map_or(&[][..], Object::entries);
    let entries = entries.iter().map(|entry| (entry.key, entry.value));
    let metadata = draft.object(entries.chain([("labels", labels)]));
    draft.set("metadata", metadata);
}

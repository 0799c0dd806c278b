//! Quantities: the API server writes them as strings in their canonical form, whatever it was given.

use admission_cel::json::Json;
use admission_cel::library::quantity::Quantity;

use super::draft::Draft;
use super::shape::{Member, Shape};

/// `limits` and `requests`.
pub const RESOURCES: Shape = Shape {
    members: &[
        ("limits", Member::One(&QUANTITIES)),
        ("requests", Member::One(&QUANTITIES)),
    ],
    ..Shape::EMPTY
};
const QUANTITIES: Shape = Shape {
    computed: &[all],
    ..Shape::EMPTY
};

/// `emptyDir`
pub const EMPTY_DIR: Shape = Shape {
    computed: &[size_limit],
    ..Shape::EMPTY
};

fn all(draft: &mut Draft<'_>) {
    let arena = draft.arena;
    draft.replace_values(|value| canonical(value, arena));
}

fn size_limit(draft: &mut Draft<'_>) {
    let limit = draft
        .get("sizeLimit")
        .and_then(|limit| canonical(&limit, draft.arena));
    if let Some(limit) = limit {
        draft.set("sizeLimit", limit);
    }
}

/// The canonical form, where it differs; `None` also for what is no quantity, which the API server
/// would reject.
pub fn canonical<'a>(value: &Json<'a>, arena: &'a bumpalo::Bump) -> Option<Json<'a>> {
    let text = match value {
        Json::String(text) => (*text).to_owned(),
        Json::Int(number) => number.to_string(),
        Json::Double(number) => number.to_string(),
        _ => return None,
    };
    let canonical = Quantity::parse(arena, &text)?.to_string();
    (value.as_str() != Some(canonical.as_str())).then(|| Json::String(arena.alloc_str(&canonical)))
}

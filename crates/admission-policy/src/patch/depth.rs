//! How deep patched objects may nest.

use admission_cel::json::{DEPTH_MAX, Entry, Json};

/// How deep a patched object may nest. Less than what is parsed, because the object comes back a few
/// levels below the root of a review.
pub(super) const NESTING_MAX: usize = DEPTH_MAX - 8;

pub(super) fn too_deep() -> String {
    format!("the object would nest deeper than {NESTING_MAX} levels")
}

/// Whether arrays and objects nest at most `levels` deep.
pub(super) fn is_within_depth(value: &Json<'_>, levels: usize) -> bool {
    let (items, entries): (&[Json<'_>], &[Entry<'_>]) = match value {
        Json::Array(items) => (items, &[]),
        Json::Object(object) => (&[], object.entries()),
        _ => return true,
    };
    levels.checked_sub(1).is_some_and(|below| {
        items.iter().all(|item| is_within_depth(item, below))
            && entries
                .iter()
                .all(|entry| is_within_depth(&entry.value, below))
    })
}

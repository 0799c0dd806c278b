//! Merging an apply configuration into an object.

use admission_cel::json::Json;
use bumpalo::Bump;

use super::PatchError;
use super::schema::Schema;

/// Merges `configuration` into `target` as server-side apply does for the given schema.
///
/// # Errors
/// What cannot be merged and where.
pub fn apply_configuration<'a>(
    schema: &Schema,
    target: &'a Json<'a>,
    configuration: &'a Json<'a>,
    arena: &'a Bump,
) -> Result<&'a Json<'a>, PatchError> {
    let _ = (schema, target, configuration, arena);
    Err(PatchError(
        "apply configurations cannot be applied".to_owned(),
    ))
}

//! The table of this library.

use super::escape_key;
use crate::library::cost::traversal;
use crate::overload::{Cost, Overload, function};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[function(
    "string_jsonpatch_escapeKey_string",
    "jsonpatch.escapeKey",
    &[Type::String],
    Type::String,
    escape_key,
)
.since(36)
.costing(Cost::Computed(traversal))];

//! JSON patch keys, after `k8s.io/apiserver/pkg/cel/library/jsonpatch.go`.

use super::cost::traversal;
use super::pending;
use crate::overload::{Cost, Overload, function};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[function(
    "string_jsonpatch_escapeKey_string",
    "jsonpatch.escapeKey",
    &[Type::String],
    Type::String,
    pending,
)
.since(36)
.costing(Cost::Computed(traversal))];

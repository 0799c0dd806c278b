//! The table of this library.

use super::{find, find_all, matches};
use crate::library::cost::{matching, when_resolved};
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    method(
        "string_find_string",
        "find",
        &[Type::String, Type::String],
        Type::String,
        find,
    )
    .costing(Cost::Computed(matching)),
    method(
        "string_find_all_string",
        "findAll",
        &[Type::String, Type::String],
        Type::List(&Type::String),
        find_all,
    )
    .costing(Cost::Computed(matching)),
    method(
        "string_find_all_string_int",
        "findAll",
        &[Type::String, Type::String, Type::Int],
        Type::List(&Type::String),
        find_all,
    )
    .costing(Cost::Computed(matching)),
    function(
        "matches",
        "matches",
        &[Type::String, Type::String],
        Type::Bool,
        matches,
    ),
    method(
        "matches_string",
        "matches",
        &[Type::String, Type::String],
        Type::Bool,
        matches,
    )
    .costing(when_resolved(matching)),
];

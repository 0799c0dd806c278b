//! Patterns: `matches` of cel-go, `find` and `findAll` of `k8s.io/apiserver/pkg/cel/library/regex.go`.

use super::cost::{matching, when_resolved};
use super::pending;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    method(
        "string_find_string",
        "find",
        &[Type::String, Type::String],
        Type::String,
        pending,
    )
    .costing(Cost::Computed(matching)),
    method(
        "string_find_all_string",
        "findAll",
        &[Type::String, Type::String],
        Type::List(&Type::String),
        pending,
    )
    .costing(Cost::Computed(matching)),
    method(
        "string_find_all_string_int",
        "findAll",
        &[Type::String, Type::String, Type::Int],
        Type::List(&Type::String),
        pending,
    )
    .costing(Cost::Computed(matching)),
    function(
        "matches",
        "matches",
        &[Type::String, Type::String],
        Type::Bool,
        pending,
    ),
    method(
        "matches_string",
        "matches",
        &[Type::String, Type::String],
        Type::Bool,
        pending,
    )
    .costing(when_resolved(matching)),
];

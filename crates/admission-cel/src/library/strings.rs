//! Strings: cel-go `common/stdlib/standard.go` and `ext/strings.go` at version 2.

use super::cost::{
    containment, deep_traversal, double_traversal, joining, traversal, when_resolved,
};
use super::pending;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    method(
        "string_char_at_int",
        "charAt",
        &[Type::String, Type::Int],
        Type::String,
        pending,
    ),
    method(
        "contains_string",
        "contains",
        &[Type::String, Type::String],
        Type::Bool,
        pending,
    )
    .costing(when_resolved(containment)),
    method(
        "ends_with_string",
        "endsWith",
        &[Type::String, Type::String],
        Type::Bool,
        pending,
    )
    .costing(when_resolved(traversal)),
    method(
        "string_format",
        "format",
        &[Type::String, Type::List(&Type::Dyn)],
        Type::String,
        pending,
    )
    .since(29)
    .costing(when_resolved(traversal)),
    method(
        "string_index_of_string",
        "indexOf",
        &[Type::String, Type::String],
        Type::Int,
        pending,
    )
    .costing(Cost::Computed(deep_traversal)),
    method(
        "string_index_of_string_int",
        "indexOf",
        &[Type::String, Type::String, Type::Int],
        Type::Int,
        pending,
    )
    .costing(Cost::Computed(deep_traversal)),
    method(
        "list_join",
        "join",
        &[Type::List(&Type::String)],
        Type::String,
        pending,
    )
    .costing(Cost::Computed(joining)),
    method(
        "list_join_string",
        "join",
        &[Type::List(&Type::String), Type::String],
        Type::String,
        pending,
    )
    .costing(Cost::Computed(joining)),
    method(
        "string_last_index_of_string",
        "lastIndexOf",
        &[Type::String, Type::String],
        Type::Int,
        pending,
    )
    .costing(Cost::Computed(deep_traversal)),
    method(
        "string_last_index_of_string_int",
        "lastIndexOf",
        &[Type::String, Type::String, Type::Int],
        Type::Int,
        pending,
    )
    .costing(Cost::Computed(deep_traversal)),
    method(
        "string_lower_ascii",
        "lowerAscii",
        &[Type::String],
        Type::String,
        pending,
    )
    .costing(Cost::Computed(traversal)),
    method(
        "string_replace_string_string",
        "replace",
        &[Type::String, Type::String, Type::String],
        Type::String,
        pending,
    )
    .costing(Cost::Computed(double_traversal)),
    method(
        "string_replace_string_string_int",
        "replace",
        &[Type::String, Type::String, Type::String, Type::Int],
        Type::String,
        pending,
    )
    .costing(Cost::Computed(double_traversal)),
    method(
        "string_split_string",
        "split",
        &[Type::String, Type::String],
        Type::List(&Type::String),
        pending,
    )
    .costing(Cost::Computed(double_traversal)),
    method(
        "string_split_string_int",
        "split",
        &[Type::String, Type::String, Type::Int],
        Type::List(&Type::String),
        pending,
    )
    .costing(Cost::Computed(double_traversal)),
    method(
        "starts_with_string",
        "startsWith",
        &[Type::String, Type::String],
        Type::Bool,
        pending,
    )
    .costing(when_resolved(traversal)),
    function(
        "strings_quote",
        "strings.quote",
        &[Type::String],
        Type::String,
        pending,
    )
    .since(29)
    .costing(when_resolved(traversal)),
    method(
        "string_substring_int",
        "substring",
        &[Type::String, Type::Int],
        Type::String,
        pending,
    )
    .costing(Cost::Computed(traversal)),
    method(
        "string_substring_int_int",
        "substring",
        &[Type::String, Type::Int, Type::Int],
        Type::String,
        pending,
    )
    .costing(Cost::Computed(traversal)),
    method(
        "string_trim",
        "trim",
        &[Type::String],
        Type::String,
        pending,
    )
    .costing(Cost::Computed(traversal)),
    method(
        "string_upper_ascii",
        "upperAscii",
        &[Type::String],
        Type::String,
        pending,
    )
    .costing(Cost::Computed(traversal)),
];

//! The table of this library.

use super::build::{join, join_separated, replace, replace_limited, split, split_limited};
use super::format::format;
use super::locate::{
    char_at, index_of, index_of_from, last_index_of, last_index_of_from, substring, substring_from,
};
use super::{contains, ends_with, lower_ascii, quote, starts_with, trim, upper_ascii};
use crate::library::cost::{
    containment, deep_traversal, double_traversal, joining, traversal, when_resolved,
};
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    method(
        "string_char_at_int",
        "charAt",
        &[Type::String, Type::Int],
        Type::String,
        char_at,
    ),
    method(
        "contains_string",
        "contains",
        &[Type::String, Type::String],
        Type::Bool,
        contains,
    )
    .costing(when_resolved(containment)),
    method(
        "ends_with_string",
        "endsWith",
        &[Type::String, Type::String],
        Type::Bool,
        ends_with,
    )
    .costing(when_resolved(traversal)),
    method(
        "string_format",
        "format",
        &[Type::String, Type::List(&Type::Dyn)],
        Type::String,
        format,
    )
    .since(29)
    .costing(when_resolved(traversal)),
    method(
        "string_index_of_string",
        "indexOf",
        &[Type::String, Type::String],
        Type::Int,
        index_of,
    )
    .costing(Cost::Computed(deep_traversal)),
    method(
        "string_index_of_string_int",
        "indexOf",
        &[Type::String, Type::String, Type::Int],
        Type::Int,
        index_of_from,
    )
    .costing(Cost::Computed(deep_traversal)),
    method(
        "list_join",
        "join",
        &[Type::List(&Type::String)],
        Type::String,
        join,
    )
    .costing(Cost::Computed(joining)),
    method(
        "list_join_string",
        "join",
        &[Type::List(&Type::String), Type::String],
        Type::String,
        join_separated,
    )
    .costing(Cost::Computed(joining)),
    method(
        "string_last_index_of_string",
        "lastIndexOf",
        &[Type::String, Type::String],
        Type::Int,
        last_index_of,
    )
    .costing(Cost::Computed(deep_traversal)),
    method(
        "string_last_index_of_string_int",
        "lastIndexOf",
        &[Type::String, Type::String, Type::Int],
        Type::Int,
        last_index_of_from,
    )
    .costing(Cost::Computed(deep_traversal)),
    method(
        "string_lower_ascii",
        "lowerAscii",
        &[Type::String],
        Type::String,
        lower_ascii,
    )
    .costing(Cost::Computed(traversal)),
    method(
        "string_replace_string_string",
        "replace",
        &[Type::String, Type::String, Type::String],
        Type::String,
        replace,
    )
    .costing(Cost::Computed(double_traversal)),
    method(
        "string_replace_string_string_int",
        "replace",
        &[Type::String, Type::String, Type::String, Type::Int],
        Type::String,
        replace_limited,
    )
    .costing(Cost::Computed(double_traversal)),
    method(
        "string_split_string",
        "split",
        &[Type::String, Type::String],
        Type::List(&Type::String),
        split,
    )
    .costing(Cost::Computed(double_traversal)),
    method(
        "string_split_string_int",
        "split",
        &[Type::String, Type::String, Type::Int],
        Type::List(&Type::String),
        split_limited,
    )
    .costing(Cost::Computed(double_traversal)),
    method(
        "starts_with_string",
        "startsWith",
        &[Type::String, Type::String],
        Type::Bool,
        starts_with,
    )
    .costing(when_resolved(traversal)),
    function(
        "strings_quote",
        "strings.quote",
        &[Type::String],
        Type::String,
        quote,
    )
    .since(29)
    .costing(when_resolved(traversal)),
    method(
        "string_substring_int",
        "substring",
        &[Type::String, Type::Int],
        Type::String,
        substring_from,
    )
    .costing(Cost::Computed(traversal)),
    method(
        "string_substring_int_int",
        "substring",
        &[Type::String, Type::Int, Type::Int],
        Type::String,
        substring,
    )
    .costing(Cost::Computed(traversal)),
    method("string_trim", "trim", &[Type::String], Type::String, trim)
        .costing(Cost::Computed(traversal)),
    method(
        "string_upper_ascii",
        "upperAscii",
        &[Type::String],
        Type::String,
        upper_ascii,
    )
    .costing(Cost::Computed(traversal)),
];

//! The table of this library.

use super::{
    compare_to, from_string, is_greater_than, is_less_than, is_semver, major, minor, patch,
};
use crate::library::cost::traversal;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    method(
        "semver_compare_to",
        "compareTo",
        &[
            Type::Opaque("kubernetes.Semver"),
            Type::Opaque("kubernetes.Semver"),
        ],
        Type::Int,
        compare_to,
    )
    .since(33),
    method(
        "semver_is_greater_than",
        "isGreaterThan",
        &[
            Type::Opaque("kubernetes.Semver"),
            Type::Opaque("kubernetes.Semver"),
        ],
        Type::Bool,
        is_greater_than,
    )
    .since(33),
    method(
        "semver_is_less_than",
        "isLessThan",
        &[
            Type::Opaque("kubernetes.Semver"),
            Type::Opaque("kubernetes.Semver"),
        ],
        Type::Bool,
        is_less_than,
    )
    .since(33),
    function(
        "is_semver_string",
        "isSemver",
        &[Type::String],
        Type::Bool,
        is_semver,
    )
    .since(33)
    .costing(Cost::Computed(traversal)),
    function(
        "is_semver_string_bool",
        "isSemver",
        &[Type::String, Type::Bool],
        Type::Bool,
        is_semver,
    )
    .since(33)
    .costing(Cost::Computed(traversal)),
    method(
        "semver_major",
        "major",
        &[Type::Opaque("kubernetes.Semver")],
        Type::Int,
        major,
    )
    .since(33),
    method(
        "semver_minor",
        "minor",
        &[Type::Opaque("kubernetes.Semver")],
        Type::Int,
        minor,
    )
    .since(33),
    method(
        "semver_patch",
        "patch",
        &[Type::Opaque("kubernetes.Semver")],
        Type::Int,
        patch,
    )
    .since(33),
    function(
        "string_to_semver",
        "semver",
        &[Type::String],
        Type::Opaque("kubernetes.Semver"),
        from_string,
    )
    .since(33)
    .costing(Cost::Computed(traversal)),
    function(
        "string_bool_to_semver",
        "semver",
        &[Type::String, Type::Bool],
        Type::Opaque("kubernetes.Semver"),
        from_string,
    )
    .since(33)
    .costing(Cost::Computed(traversal)),
];

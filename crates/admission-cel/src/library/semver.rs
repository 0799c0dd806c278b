//! Semantic versions, after `k8s.io/apiserver/pkg/cel/library/semverlib.go`.

use super::cost::traversal;
use super::pending;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// A semantic version.
#[derive(Debug)]
pub struct Semver<'a>(std::marker::PhantomData<&'a ()>);

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
        pending,
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
        pending,
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
        pending,
    )
    .since(33),
    function(
        "is_semver_string",
        "isSemver",
        &[Type::String],
        Type::Bool,
        pending,
    )
    .since(33)
    .costing(Cost::Computed(traversal)),
    function(
        "is_semver_string_bool",
        "isSemver",
        &[Type::String, Type::Bool],
        Type::Bool,
        pending,
    )
    .since(33)
    .costing(Cost::Computed(traversal)),
    method(
        "semver_major",
        "major",
        &[Type::Opaque("kubernetes.Semver")],
        Type::Int,
        pending,
    )
    .since(33),
    method(
        "semver_minor",
        "minor",
        &[Type::Opaque("kubernetes.Semver")],
        Type::Int,
        pending,
    )
    .since(33),
    method(
        "semver_patch",
        "patch",
        &[Type::Opaque("kubernetes.Semver")],
        Type::Int,
        pending,
    )
    .since(33),
    function(
        "string_to_semver",
        "semver",
        &[Type::String],
        Type::Opaque("kubernetes.Semver"),
        pending,
    )
    .since(33)
    .costing(Cost::Computed(traversal)),
    function(
        "string_bool_to_semver",
        "semver",
        &[Type::String, Type::Bool],
        Type::Opaque("kubernetes.Semver"),
        pending,
    )
    .since(33)
    .costing(Cost::Computed(traversal)),
];

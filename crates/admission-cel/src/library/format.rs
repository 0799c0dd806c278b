//! Named formats, after `k8s.io/apiserver/pkg/cel/library/format.go`.

use super::cost::validating;
use super::pending;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// A named format.
#[derive(Debug)]
pub struct NamedFormat;

impl NamedFormat {
    pub(super) fn pattern_size(&self) -> u64 {
        0
    }
}

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    function(
        "format.byte",
        "format.byte",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format.date",
        "format.date",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format.datetime",
        "format.datetime",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format.dns1035Label",
        "format.dns1035Label",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format.dns1035LabelPrefix",
        "format.dns1035LabelPrefix",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format.dns1123Label",
        "format.dns1123Label",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format.dns1123LabelPrefix",
        "format.dns1123LabelPrefix",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format.dns1123Subdomain",
        "format.dns1123Subdomain",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format.dns1123SubdomainPrefix",
        "format.dns1123SubdomainPrefix",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format.labelValue",
        "format.labelValue",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format-named",
        "format.named",
        &[Type::String],
        Type::Optional(&Type::Opaque("kubernetes.NamedFormat")),
        pending,
    )
    .since(31),
    function(
        "format.qualifiedName",
        "format.qualifiedName",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format.uri",
        "format.uri",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    function(
        "format.uuid",
        "format.uuid",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        pending,
    )
    .since(31),
    method(
        "format-validate",
        "validate",
        &[Type::Opaque("kubernetes.NamedFormat"), Type::String],
        Type::Optional(&Type::List(&Type::String)),
        pending,
    )
    .since(31)
    .costing(Cost::Computed(validating)),
];

//! The table of this library.

use super::{
    constant_byte, constant_date, constant_datetime, constant_dns1035_label,
    constant_dns1035_label_prefix, constant_dns1123_label, constant_dns1123_label_prefix,
    constant_dns1123_subdomain, constant_dns1123_subdomain_prefix, constant_label_value,
    constant_qualified_name, constant_uri, constant_uuid, named, validate,
};
use crate::library::cost::validating;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    function(
        "format.byte",
        "format.byte",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_byte,
    )
    .since(31),
    function(
        "format.date",
        "format.date",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_date,
    )
    .since(31),
    function(
        "format.datetime",
        "format.datetime",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_datetime,
    )
    .since(31),
    function(
        "format.dns1035Label",
        "format.dns1035Label",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_dns1035_label,
    )
    .since(31),
    function(
        "format.dns1035LabelPrefix",
        "format.dns1035LabelPrefix",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_dns1035_label_prefix,
    )
    .since(31),
    function(
        "format.dns1123Label",
        "format.dns1123Label",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_dns1123_label,
    )
    .since(31),
    function(
        "format.dns1123LabelPrefix",
        "format.dns1123LabelPrefix",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_dns1123_label_prefix,
    )
    .since(31),
    function(
        "format.dns1123Subdomain",
        "format.dns1123Subdomain",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_dns1123_subdomain,
    )
    .since(31),
    function(
        "format.dns1123SubdomainPrefix",
        "format.dns1123SubdomainPrefix",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_dns1123_subdomain_prefix,
    )
    .since(31),
    function(
        "format.labelValue",
        "format.labelValue",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_label_value,
    )
    .since(31),
    function(
        "format-named",
        "format.named",
        &[Type::String],
        Type::Optional(&Type::Opaque("kubernetes.NamedFormat")),
        named,
    )
    .since(31),
    function(
        "format.qualifiedName",
        "format.qualifiedName",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_qualified_name,
    )
    .since(31),
    function(
        "format.uri",
        "format.uri",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_uri,
    )
    .since(31),
    function(
        "format.uuid",
        "format.uuid",
        &[],
        Type::Opaque("kubernetes.NamedFormat"),
        constant_uuid,
    )
    .since(31),
    method(
        "format-validate",
        "validate",
        &[Type::Opaque("kubernetes.NamedFormat"), Type::String],
        Type::Optional(&Type::List(&Type::String)),
        validate,
    )
    .since(31)
    .costing(Cost::Computed(validating)),
];

//! The table of this library.

use super::{contains_cidr, contains_ip, from_string, ip, is_cidr, masked, prefix_length, to_text};
use crate::library::cost::{
    containing_cidr, containing_cidr_text, containing_ip, containing_ip_text, traversal,
};
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    function(
        "string_to_cidr",
        "cidr",
        &[Type::String],
        Type::Opaque("net.CIDR"),
        from_string,
    )
    .since(30)
    .costing(Cost::Computed(traversal)),
    method(
        "cidr_contains_cidr_string",
        "containsCIDR",
        &[Type::Opaque("net.CIDR"), Type::String],
        Type::Bool,
        contains_cidr,
    )
    .since(30)
    .costing(Cost::PerOverload {
        resolved: containing_cidr_text,
        unresolved: containing_cidr,
    }),
    method(
        "cidr_contains_cidr",
        "containsCIDR",
        &[Type::Opaque("net.CIDR"), Type::Opaque("net.CIDR")],
        Type::Bool,
        contains_cidr,
    )
    .since(30)
    .costing(Cost::Computed(containing_cidr)),
    method(
        "cidr_contains_ip_string",
        "containsIP",
        &[Type::Opaque("net.CIDR"), Type::String],
        Type::Bool,
        contains_ip,
    )
    .since(30)
    .costing(Cost::PerOverload {
        resolved: containing_ip_text,
        unresolved: containing_ip,
    }),
    method(
        "cidr_contains_ip_ip",
        "containsIP",
        &[Type::Opaque("net.CIDR"), Type::Opaque("net.IP")],
        Type::Bool,
        contains_ip,
    )
    .since(30)
    .costing(Cost::Computed(containing_ip)),
    method(
        "cidr_ip",
        "ip",
        &[Type::Opaque("net.CIDR")],
        Type::Opaque("net.IP"),
        ip,
    )
    .since(30),
    function("is_cidr", "isCIDR", &[Type::String], Type::Bool, is_cidr)
        .since(30)
        .costing(Cost::Computed(traversal)),
    method(
        "cidr_masked",
        "masked",
        &[Type::Opaque("net.CIDR")],
        Type::Opaque("net.CIDR"),
        masked,
    )
    .since(30),
    method(
        "cidr_prefix_length",
        "prefixLength",
        &[Type::Opaque("net.CIDR")],
        Type::Int,
        prefix_length,
    )
    .since(30),
    function(
        "cidr_to_string",
        "string",
        &[Type::Opaque("net.CIDR")],
        Type::String,
        to_text,
    )
    .since(30),
];

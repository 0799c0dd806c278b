//! Address ranges, after `k8s.io/apiserver/pkg/cel/library/cidr.go`.

use super::cost::{
    containing_cidr, containing_cidr_text, containing_ip, containing_ip_text, traversal,
};
use super::pending;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// An address range.
#[derive(Debug)]
pub struct Cidr;

impl Cidr {
    /// The length of its prefix in bits.
    pub fn prefix_length(&self) -> u8 {
        0
    }
}

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    function(
        "string_to_cidr",
        "cidr",
        &[Type::String],
        Type::Opaque("net.CIDR"),
        pending,
    )
    .since(30)
    .costing(Cost::Computed(traversal)),
    method(
        "cidr_contains_cidr_string",
        "containsCIDR",
        &[Type::Opaque("net.CIDR"), Type::String],
        Type::Bool,
        pending,
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
        pending,
    )
    .since(30)
    .costing(Cost::Computed(containing_cidr)),
    method(
        "cidr_contains_ip_string",
        "containsIP",
        &[Type::Opaque("net.CIDR"), Type::String],
        Type::Bool,
        pending,
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
        pending,
    )
    .since(30)
    .costing(Cost::Computed(containing_ip)),
    method(
        "cidr_ip",
        "ip",
        &[Type::Opaque("net.CIDR")],
        Type::Opaque("net.IP"),
        pending,
    )
    .since(30),
    function("is_cidr", "isCIDR", &[Type::String], Type::Bool, pending)
        .since(30)
        .costing(Cost::Computed(traversal)),
    method(
        "cidr_masked",
        "masked",
        &[Type::Opaque("net.CIDR")],
        Type::Opaque("net.CIDR"),
        pending,
    )
    .since(30),
    method(
        "cidr_prefix_length",
        "prefixLength",
        &[Type::Opaque("net.CIDR")],
        Type::Int,
        pending,
    )
    .since(30),
    function(
        "cidr_to_string",
        "string",
        &[Type::Opaque("net.CIDR")],
        Type::String,
        pending,
    )
    .since(30),
];

//! Addresses, after `k8s.io/apiserver/pkg/cel/library/ip.go`.

use super::cost::{double_traversal, traversal};
use super::pending;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    method(
        "ip_family",
        "family",
        &[Type::Opaque("net.IP")],
        Type::Int,
        pending,
    )
    .since(30),
    function(
        "string_to_ip",
        "ip",
        &[Type::String],
        Type::Opaque("net.IP"),
        pending,
    )
    .since(30)
    .costing(Cost::Computed(traversal)),
    function(
        "ip_is_canonical",
        "ip.isCanonical",
        &[Type::String],
        Type::Bool,
        pending,
    )
    .since(30)
    .costing(Cost::Computed(double_traversal)),
    method(
        "ip_is_global_unicast",
        "isGlobalUnicast",
        &[Type::Opaque("net.IP")],
        Type::Bool,
        pending,
    )
    .since(30),
    function("is_ip", "isIP", &[Type::String], Type::Bool, pending)
        .since(30)
        .costing(Cost::Computed(traversal)),
    method(
        "ip_is_link_local_multicast",
        "isLinkLocalMulticast",
        &[Type::Opaque("net.IP")],
        Type::Bool,
        pending,
    )
    .since(30),
    method(
        "ip_is_link_local_unicast",
        "isLinkLocalUnicast",
        &[Type::Opaque("net.IP")],
        Type::Bool,
        pending,
    )
    .since(30),
    method(
        "ip_is_loopback",
        "isLoopback",
        &[Type::Opaque("net.IP")],
        Type::Bool,
        pending,
    )
    .since(30),
    method(
        "ip_is_unspecified",
        "isUnspecified",
        &[Type::Opaque("net.IP")],
        Type::Bool,
        pending,
    )
    .since(30),
    function(
        "ip_to_string",
        "string",
        &[Type::Opaque("net.IP")],
        Type::String,
        pending,
    )
    .since(30),
];

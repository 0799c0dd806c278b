//! The table of this library.

use super::{
    family, from_string, is_canonical, is_global_unicast, is_ip, is_link_local_multicast,
    is_link_local_unicast, is_loopback, is_unspecified, to_text,
};
use crate::library::cost::{double_traversal, traversal};
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    method(
        "ip_family",
        "family",
        &[Type::Opaque("net.IP")],
        Type::Int,
        family,
    )
    .since(30),
    function(
        "string_to_ip",
        "ip",
        &[Type::String],
        Type::Opaque("net.IP"),
        from_string,
    )
    .since(30)
    .costing(Cost::Computed(traversal)),
    function(
        "ip_is_canonical",
        "ip.isCanonical",
        &[Type::String],
        Type::Bool,
        is_canonical,
    )
    .since(30)
    .costing(Cost::Computed(double_traversal)),
    method(
        "ip_is_global_unicast",
        "isGlobalUnicast",
        &[Type::Opaque("net.IP")],
        Type::Bool,
        is_global_unicast,
    )
    .since(30),
    function("is_ip", "isIP", &[Type::String], Type::Bool, is_ip)
        .since(30)
        .costing(Cost::Computed(traversal)),
    method(
        "ip_is_link_local_multicast",
        "isLinkLocalMulticast",
        &[Type::Opaque("net.IP")],
        Type::Bool,
        is_link_local_multicast,
    )
    .since(30),
    method(
        "ip_is_link_local_unicast",
        "isLinkLocalUnicast",
        &[Type::Opaque("net.IP")],
        Type::Bool,
        is_link_local_unicast,
    )
    .since(30),
    method(
        "ip_is_loopback",
        "isLoopback",
        &[Type::Opaque("net.IP")],
        Type::Bool,
        is_loopback,
    )
    .since(30),
    method(
        "ip_is_unspecified",
        "isUnspecified",
        &[Type::Opaque("net.IP")],
        Type::Bool,
        is_unspecified,
    )
    .since(30),
    function(
        "ip_to_string",
        "string",
        &[Type::Opaque("net.IP")],
        Type::String,
        to_text,
    )
    .since(30),
];

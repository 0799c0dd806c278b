//! Resource quantities, after `k8s.io/apiserver/pkg/cel/library/quantity.go`.

use super::cost::traversal;
use super::pending;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// A resource quantity.
#[derive(Debug)]
pub struct Quantity;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    method(
        "quantity_add",
        "add",
        &[
            Type::Opaque("kubernetes.Quantity"),
            Type::Opaque("kubernetes.Quantity"),
        ],
        Type::Opaque("kubernetes.Quantity"),
        pending,
    )
    .since(28),
    method(
        "quantity_add_int",
        "add",
        &[Type::Opaque("kubernetes.Quantity"), Type::Int],
        Type::Opaque("kubernetes.Quantity"),
        pending,
    )
    .since(28),
    method(
        "quantity_get_float",
        "asApproximateFloat",
        &[Type::Opaque("kubernetes.Quantity")],
        Type::Double,
        pending,
    )
    .since(28),
    method(
        "quantity_get_int",
        "asInteger",
        &[Type::Opaque("kubernetes.Quantity")],
        Type::Int,
        pending,
    )
    .since(28),
    method(
        "quantity_compare_to",
        "compareTo",
        &[
            Type::Opaque("kubernetes.Quantity"),
            Type::Opaque("kubernetes.Quantity"),
        ],
        Type::Int,
        pending,
    )
    .since(28),
    method(
        "quantity_is_greater_than",
        "isGreaterThan",
        &[
            Type::Opaque("kubernetes.Quantity"),
            Type::Opaque("kubernetes.Quantity"),
        ],
        Type::Bool,
        pending,
    )
    .since(28),
    method(
        "quantity_is_integer",
        "isInteger",
        &[Type::Opaque("kubernetes.Quantity")],
        Type::Bool,
        pending,
    )
    .since(28),
    method(
        "quantity_is_less_than",
        "isLessThan",
        &[
            Type::Opaque("kubernetes.Quantity"),
            Type::Opaque("kubernetes.Quantity"),
        ],
        Type::Bool,
        pending,
    )
    .since(28),
    function(
        "is_quantity_string",
        "isQuantity",
        &[Type::String],
        Type::Bool,
        pending,
    )
    .since(28)
    .costing(Cost::Computed(traversal)),
    function(
        "string_to_quantity",
        "quantity",
        &[Type::String],
        Type::Opaque("kubernetes.Quantity"),
        pending,
    )
    .since(28)
    .costing(Cost::Computed(traversal)),
    function(
        "quantity_sign",
        "sign",
        &[Type::Opaque("kubernetes.Quantity")],
        Type::Int,
        pending,
    )
    .since(28),
    method(
        "quantity_sub",
        "sub",
        &[
            Type::Opaque("kubernetes.Quantity"),
            Type::Opaque("kubernetes.Quantity"),
        ],
        Type::Opaque("kubernetes.Quantity"),
        pending,
    )
    .since(28),
    method(
        "quantity_sub_int",
        "sub",
        &[Type::Opaque("kubernetes.Quantity"), Type::Int],
        Type::Opaque("kubernetes.Quantity"),
        pending,
    )
    .since(28),
];

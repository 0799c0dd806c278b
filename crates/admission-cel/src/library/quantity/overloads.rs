//! The table of this library.

use super::{
    add, as_approximate_float, as_integer, compare_to, from_string, is_greater_than, is_integer,
    is_less_than, is_quantity, sign, subtract,
};
use crate::library::cost::traversal;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

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
        add,
    )
    .since(28),
    method(
        "quantity_add_int",
        "add",
        &[Type::Opaque("kubernetes.Quantity"), Type::Int],
        Type::Opaque("kubernetes.Quantity"),
        add,
    )
    .since(28),
    method(
        "quantity_get_float",
        "asApproximateFloat",
        &[Type::Opaque("kubernetes.Quantity")],
        Type::Double,
        as_approximate_float,
    )
    .since(28),
    method(
        "quantity_get_int",
        "asInteger",
        &[Type::Opaque("kubernetes.Quantity")],
        Type::Int,
        as_integer,
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
        compare_to,
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
        is_greater_than,
    )
    .since(28),
    method(
        "quantity_is_integer",
        "isInteger",
        &[Type::Opaque("kubernetes.Quantity")],
        Type::Bool,
        is_integer,
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
        is_less_than,
    )
    .since(28),
    function(
        "is_quantity_string",
        "isQuantity",
        &[Type::String],
        Type::Bool,
        is_quantity,
    )
    .since(28)
    .costing(Cost::Computed(traversal)),
    function(
        "string_to_quantity",
        "quantity",
        &[Type::String],
        Type::Opaque("kubernetes.Quantity"),
        from_string,
    )
    .since(28)
    .costing(Cost::Computed(traversal)),
    function(
        "quantity_sign",
        "sign",
        &[Type::Opaque("kubernetes.Quantity")],
        Type::Int,
        sign,
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
        subtract,
    )
    .since(28),
    method(
        "quantity_sub_int",
        "sub",
        &[Type::Opaque("kubernetes.Quantity"), Type::Int],
        Type::Opaque("kubernetes.Quantity"),
        subtract,
    )
    .since(28),
];

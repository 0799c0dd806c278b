//! The table of this library.

use super::size;
use crate::overload::{Overload, function, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    function("size_bytes", "size", &[Type::Bytes], Type::Int, size),
    method("bytes_size", "size", &[Type::Bytes], Type::Int, size),
    function(
        "size_list",
        "size",
        &[Type::List(&Type::Parameter("A"))],
        Type::Int,
        size,
    ),
    method(
        "list_size",
        "size",
        &[Type::List(&Type::Parameter("A"))],
        Type::Int,
        size,
    ),
    function(
        "size_map",
        "size",
        &[Type::Map(&Type::Parameter("A"), &Type::Parameter("B"))],
        Type::Int,
        size,
    ),
    method(
        "map_size",
        "size",
        &[Type::Map(&Type::Parameter("A"), &Type::Parameter("B"))],
        Type::Int,
        size,
    ),
    function("size_string", "size", &[Type::String], Type::Int, size),
    method("string_size", "size", &[Type::String], Type::Int, size),
];

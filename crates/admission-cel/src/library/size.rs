//! `size`, after cel-go `common/stdlib/standard.go`.

use super::pending;
use crate::overload::{Overload, function, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    function("size_bytes", "size", &[Type::Bytes], Type::Int, pending),
    method("bytes_size", "size", &[Type::Bytes], Type::Int, pending),
    function(
        "size_list",
        "size",
        &[Type::List(&Type::Parameter("A"))],
        Type::Int,
        pending,
    ),
    method(
        "list_size",
        "size",
        &[Type::List(&Type::Parameter("A"))],
        Type::Int,
        pending,
    ),
    function(
        "size_map",
        "size",
        &[Type::Map(&Type::Parameter("A"), &Type::Parameter("B"))],
        Type::Int,
        pending,
    ),
    method(
        "map_size",
        "size",
        &[Type::Map(&Type::Parameter("A"), &Type::Parameter("B"))],
        Type::Int,
        pending,
    ),
    function("size_string", "size", &[Type::String], Type::Int, pending),
    method("string_size", "size", &[Type::String], Type::Int, pending),
];

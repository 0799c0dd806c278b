//! The table of this library.

use super::{has_value, none, of, of_non_zero_value, unwrap, value_of};
use crate::overload::{Overload, function, intrinsic, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    intrinsic(
        "select_optional_field",
        "_?._",
        &[Type::Dyn, Type::String],
        Type::Optional(&Type::Parameter("V")),
    )
    .since(28),
    intrinsic(
        "list_optindex_optional_int",
        "_[?_]",
        &[Type::List(&Type::Parameter("V")), Type::Int],
        Type::Optional(&Type::Parameter("V")),
    )
    .since(28),
    intrinsic(
        "optional_list_optindex_optional_int",
        "_[?_]",
        &[
            Type::Optional(&Type::List(&Type::Parameter("V"))),
            Type::Int,
        ],
        Type::Optional(&Type::Parameter("V")),
    )
    .since(28),
    intrinsic(
        "map_optindex_optional_value",
        "_[?_]",
        &[
            Type::Map(&Type::Parameter("K"), &Type::Parameter("V")),
            Type::Parameter("K"),
        ],
        Type::Optional(&Type::Parameter("V")),
    )
    .since(28),
    intrinsic(
        "optional_map_optindex_optional_value",
        "_[?_]",
        &[
            Type::Optional(&Type::Map(&Type::Parameter("K"), &Type::Parameter("V"))),
            Type::Parameter("K"),
        ],
        Type::Optional(&Type::Parameter("V")),
    )
    .since(28),
    method(
        "optional_hasValue",
        "hasValue",
        &[Type::Optional(&Type::Parameter("V"))],
        Type::Bool,
        has_value,
    )
    .since(28),
    function(
        "optional_none",
        "optional.none",
        &[],
        Type::Optional(&Type::Parameter("V")),
        none,
    )
    .since(28),
    function(
        "optional_of",
        "optional.of",
        &[Type::Parameter("V")],
        Type::Optional(&Type::Parameter("V")),
        of,
    )
    .since(28),
    function(
        "optional_ofNonZeroValue",
        "optional.ofNonZeroValue",
        &[Type::Parameter("V")],
        Type::Optional(&Type::Parameter("V")),
        of_non_zero_value,
    )
    .since(28),
    function(
        "optional_unwrap",
        "optional.unwrap",
        &[Type::List(&Type::Optional(&Type::Parameter("V")))],
        Type::List(&Type::Parameter("V")),
        unwrap,
    )
    .since(28),
    intrinsic(
        "optional_or_optional",
        "or",
        &[
            Type::Optional(&Type::Parameter("V")),
            Type::Optional(&Type::Parameter("V")),
        ],
        Type::Optional(&Type::Parameter("V")),
    )
    .on_receiver()
    .since(28),
    intrinsic(
        "optional_orValue_value",
        "orValue",
        &[Type::Optional(&Type::Parameter("V")), Type::Parameter("V")],
        Type::Parameter("V"),
    )
    .on_receiver()
    .since(28),
    method(
        "optional_unwrapOpt",
        "unwrapOpt",
        &[Type::List(&Type::Optional(&Type::Parameter("V")))],
        Type::List(&Type::Parameter("V")),
        unwrap,
    )
    .since(28),
    method(
        "optional_value",
        "value",
        &[Type::Optional(&Type::Parameter("V"))],
        Type::Parameter("V"),
        value_of,
    )
    .since(28),
];

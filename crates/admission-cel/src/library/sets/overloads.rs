//! The table of this library.

use super::{contains, equivalent, intersects};
use crate::library::cost::{equivalence, subset, when_resolved};
use crate::overload::{Overload, function};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    function(
        "list_sets_contains_list",
        "sets.contains",
        &[
            Type::List(&Type::Parameter("T")),
            Type::List(&Type::Parameter("T")),
        ],
        Type::Bool,
        contains,
    )
    .since(29)
    .costing(when_resolved(subset)),
    function(
        "list_sets_equivalent_list",
        "sets.equivalent",
        &[
            Type::List(&Type::Parameter("T")),
            Type::List(&Type::Parameter("T")),
        ],
        Type::Bool,
        equivalent,
    )
    .since(29)
    .costing(when_resolved(equivalence)),
    function(
        "list_sets_intersects_list",
        "sets.intersects",
        &[
            Type::List(&Type::Parameter("T")),
            Type::List(&Type::Parameter("T")),
        ],
        Type::Bool,
        intersects,
    )
    .since(29)
    .costing(when_resolved(subset)),
];

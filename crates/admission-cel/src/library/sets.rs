//! Sets, after cel-go `ext/sets.go`.

use super::cost::{equivalence, subset, when_resolved};
use super::pending;
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
        pending,
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
        pending,
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
        pending,
    )
    .since(29)
    .costing(when_resolved(subset)),
];

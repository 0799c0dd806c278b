//! Patches: RFC 6902 documents, and structured merge as server-side apply defines it.

use admission_cel::json::Json;
use serde::Serialize;

pub mod apply;
mod depth;
mod difference;
mod nulls;
mod operations;
mod pointer;
pub mod schema;

pub use difference::difference;
pub use nulls::without_nulls;
pub use operations::apply_operations;

/// One operation of an RFC 6902 patch.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Operation<'a> {
    /// Adds or replaces a member, or inserts an item.
    Add {
        /// RFC 6901 pointer.
        path: String,
        /// The value.
        value: Json<'a>,
    },
    /// Removes what is there.
    Remove {
        /// RFC 6901 pointer.
        path: String,
    },
    /// Replaces what is there.
    Replace {
        /// RFC 6901 pointer.
        path: String,
        /// The value.
        value: Json<'a>,
    },
    /// Moves a value.
    Move {
        /// Source pointer.
        from: String,
        /// Target pointer.
        path: String,
    },
    /// Copies a value.
    Copy {
        /// Source pointer.
        from: String,
        /// Target pointer.
        path: String,
    },
    /// Fails unless the value is there.
    Test {
        /// RFC 6901 pointer.
        path: String,
        /// The value; `None` tests that nothing is there.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<Json<'a>>,
    },
}

/// Why a patch is not applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// A `test` operation did not hold: in a mutation, the patch then has no effect, and that is
    /// no error.
    #[error("{0}")]
    TestFailed(String),
    /// The patch cannot be applied.
    #[error("{0}")]
    Failed(String),
}

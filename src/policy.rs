//! `cattlegrid policy`, for authors of policies: the cases beside each policy, and running them.

pub mod cases;
pub mod controls;
pub mod diff;
pub mod differences;
pub mod eval;
pub mod explain;
pub mod export;
pub mod folder;
pub mod list;
pub(crate) mod nearest;
pub mod page;
pub(crate) mod prose;
pub mod reference;
pub mod run;
pub mod shelf;
pub mod test;

/// Said when standard output takes nothing more.
const UNWRITABLE: &str = "the output cannot be written";

//! `cattlegrid policy`, for authors of policies: the cases beside each policy, and running them.

pub mod cases;
pub mod differences;
pub mod eval;
pub mod export;
pub mod folder;
mod nearest;
pub mod run;
pub mod test;

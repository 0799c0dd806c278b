//! Evaluation of compiled programs.

pub mod compare;
pub mod cost;
pub mod equality;

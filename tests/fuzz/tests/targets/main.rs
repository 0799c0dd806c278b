//! The targets of `cargo xtask fuzz`. In an ordinary test run each takes a bounded number of cases
//! that are always the same.

// Whatever is unexpected ends the test.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod audit;
mod custom_resources;
mod expressions;
mod input;
mod libraries;
mod manifests;
mod patches;
mod reviews;
mod selectors;

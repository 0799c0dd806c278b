//! The shipped policies, without a cluster: every case of every `tests.yaml`, the contract of
//! policy folders, and what completing objects must always keep.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod annotations;
mod bindings;
mod bypasses;
mod cases;
mod completion;
mod examples;
mod folders;
mod generated;
mod messages;
mod reference;
// Its fixtures come with Go.
#[cfg(feature = "cluster-tests")]
mod pod_security;
mod shared_names;

//! Evidence logs: written, interrupted, tampered with, verified.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod attest;
mod crashes;
mod faults;
#[cfg(feature = "cluster-tests")]
mod independent;
mod inventory;
mod proofs;
mod snapshot;
mod story;
mod support;
mod tampering;
mod trail;
mod witness;
mod writing;

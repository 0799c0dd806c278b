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
mod history;
#[cfg(feature = "cluster-tests")]
mod independent;
mod inventory;
#[cfg(feature = "cluster-tests")]
mod oscal;
mod proofs;
mod reports;
mod snapshot;
mod story;
mod support;
mod tampering;
mod trail;
mod witness;
mod writing;

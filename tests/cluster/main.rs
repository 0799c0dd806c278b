//! Against a real control plane: the same policies natively, what the API server fills in, and the
//! webhook.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod api;
mod audit_cluster;
mod audit_manifests;
mod audit_openreports;
mod audit_pages;
mod audit_parity;
mod audit_replay;
mod audit_rights;
mod bypasses;
mod differences;
mod drift;
mod evidence;
mod export;
mod grid;
mod inventory;
mod native;
mod normalise;
mod parity;
mod server;
mod users;
mod webhook;

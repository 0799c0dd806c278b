//! The webhook as its clients meet it: the real binary on loopback ports.

// Whatever is unexpected ends the test.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod answers;
mod certificates;
mod client;
mod crashes;
mod drain;
mod evidence;
mod exceptions;
mod hostile;
mod logs;
mod observability;
mod outages;
mod pki;
mod reload;
mod rules;
mod server;
mod start;

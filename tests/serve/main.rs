//! The webhook as its clients meet it: the real binary on loopback ports.

mod answers;
mod certificates;
mod client;
mod drain;
mod hostile;
mod observability;
mod pki;
mod reload;
mod rules;
mod server;
mod start;

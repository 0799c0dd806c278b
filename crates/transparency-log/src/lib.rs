//! Transparency logs as files: a Merkle tree over entries ([RFC 6962]), cut into tiles and bundles
//! ([C2SP tlog-tiles]), under heads that are signed notes ([C2SP signed-note], [C2SP
//! tlog-checkpoint]), and proofs from them.
//!
//! Nothing here reads or writes: callers hand in bytes, and get bytes and paths. Nothing here
//! panics on what others wrote: a tampered log is the very input of a verifier.
//!
//! The crates that exist were tried first. `tlog_tiles` and `signed_note` are ports of Go's
//! packages and agree with this crate in its tests; but they assert on what they read, know no entry
//! bundles, do not say which tile is wrong, and bring a second implementation of Ed25519.
//! `ct-merkle` keeps a whole tree in memory and knows neither tiles nor notes.
//!
//! [RFC 6962]: https://www.rfc-editor.org/rfc/rfc6962#section-2.1
//! [C2SP tlog-tiles]: https://c2sp.org/tlog-tiles
//! [C2SP signed-note]: https://c2sp.org/signed-note
//! [C2SP tlog-checkpoint]: https://c2sp.org/tlog-checkpoint

pub mod bundle;
pub mod checkpoint;
pub mod hash;
pub mod key;
pub mod note;
pub mod proof;
pub mod record_proof;
pub mod tile;
pub mod tree;

pub use checkpoint::Checkpoint;
pub use hash::Hash;
pub use key::{SigningKey, VerifierKey};
pub use tile::Tile;
pub use tree::Tree;

//! Library `semver`.

use crate::overload::Overload;

/// A semantic version.
#[derive(Debug)]
pub struct Semver;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[];

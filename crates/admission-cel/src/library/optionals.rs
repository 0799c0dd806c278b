//! Library `optionals`.

use crate::overload::Overload;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[];

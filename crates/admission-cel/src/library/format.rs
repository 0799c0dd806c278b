//! Library `format`.

use crate::overload::Overload;

/// A named format.
#[derive(Debug)]
pub struct NamedFormat;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[];

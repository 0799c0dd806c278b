//! Library `cidr`.

use crate::overload::Overload;

/// An address range.
#[derive(Debug)]
pub struct Cidr;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[];

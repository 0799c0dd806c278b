//! Library `quantity`.

use crate::overload::Overload;

/// A resource quantity.
#[derive(Debug)]
pub struct Quantity;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[];

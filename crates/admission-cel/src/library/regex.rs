//! Library `regex`.

use crate::overload::Overload;

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[];

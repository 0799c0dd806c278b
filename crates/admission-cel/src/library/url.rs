//! Library `url`.

use crate::overload::Overload;

/// A parsed URL.
#[derive(Debug)]
pub struct Url<'a>(std::marker::PhantomData<&'a ()>);

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[];

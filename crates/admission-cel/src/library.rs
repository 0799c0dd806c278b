//! The functions and operators, one file per library, each with its overload table.

use crate::overload::Overload;

pub use cost::{reading, size as size_of};
pub(crate) use describe::scalar_text;
pub use describe::typed_text;
pub(crate) use text::go_text;

mod arguments;
pub mod authz;
pub mod cidr;
pub mod conversions;
mod cost;
mod describe;
pub mod format;
pub(crate) mod go;
pub mod ip;
pub mod jsonpatch;
pub mod lists;
pub mod operators;
pub mod optionals;
pub mod quantity;
pub mod regex;
pub mod semver;
pub mod sets;
pub mod size;
pub mod strings;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;
pub mod time;
pub mod url;

/// The tables of all libraries. Where functions have overloads in several, the order is that of the
/// API server's environment: it shows when an argument's type is not known.
pub const ALL: &[&[Overload]] = &[
    conversions::OVERLOADS,
    authz::OVERLOADS,
    cidr::OVERLOADS,
    format::OVERLOADS,
    ip::OVERLOADS,
    jsonpatch::OVERLOADS,
    lists::OVERLOADS,
    operators::OVERLOADS,
    optionals::OVERLOADS,
    quantity::OVERLOADS,
    regex::OVERLOADS,
    semver::OVERLOADS,
    sets::OVERLOADS,
    size::OVERLOADS,
    strings::OVERLOADS,
    time::OVERLOADS,
    url::OVERLOADS,
];

/// The overloads of one function that API servers of Kubernetes 1.`minor` have.
pub fn overloads(function: &str, minor: u8) -> impl Iterator<Item = &'static Overload> {
    ALL.iter()
        .flat_map(|table| table.iter())
        .filter(move |overload| overload.function == function && overload.since_minor <= minor)
}

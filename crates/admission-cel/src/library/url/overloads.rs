//! The table of this library.

use super::{escaped_path, from_string, host, hostname, is_url, port, query, scheme};
use crate::library::cost::traversal;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    method(
        "url_get_escaped_path",
        "getEscapedPath",
        &[Type::Opaque("kubernetes.URL")],
        Type::String,
        escaped_path,
    ),
    method(
        "url_get_host",
        "getHost",
        &[Type::Opaque("kubernetes.URL")],
        Type::String,
        host,
    ),
    method(
        "url_get_hostname",
        "getHostname",
        &[Type::Opaque("kubernetes.URL")],
        Type::String,
        hostname,
    ),
    method(
        "url_get_port",
        "getPort",
        &[Type::Opaque("kubernetes.URL")],
        Type::String,
        port,
    ),
    method(
        "url_get_query",
        "getQuery",
        &[Type::Opaque("kubernetes.URL")],
        Type::Map(&Type::String, &Type::List(&Type::String)),
        query,
    ),
    method(
        "url_get_scheme",
        "getScheme",
        &[Type::Opaque("kubernetes.URL")],
        Type::String,
        scheme,
    ),
    function(
        "is_url_string",
        "isURL",
        &[Type::String],
        Type::Bool,
        is_url,
    ),
    function(
        "string_to_url",
        "url",
        &[Type::String],
        Type::Opaque("kubernetes.URL"),
        from_string,
    )
    .costing(Cost::Computed(traversal)),
];

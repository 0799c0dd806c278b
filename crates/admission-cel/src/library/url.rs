//! URLs, after `k8s.io/apiserver/pkg/cel/library/urls.go`.

use super::cost::traversal;
use super::pending;
use crate::overload::{Cost, Overload, function, method};
use crate::types::TypeSpec as Type;

/// A parsed URL.
#[derive(Debug)]
pub struct Url<'a>(std::marker::PhantomData<&'a ()>);

/// The overloads of this library.
pub const OVERLOADS: &[Overload] = &[
    method(
        "url_get_escaped_path",
        "getEscapedPath",
        &[Type::Opaque("kubernetes.URL")],
        Type::String,
        pending,
    ),
    method(
        "url_get_host",
        "getHost",
        &[Type::Opaque("kubernetes.URL")],
        Type::String,
        pending,
    ),
    method(
        "url_get_hostname",
        "getHostname",
        &[Type::Opaque("kubernetes.URL")],
        Type::String,
        pending,
    ),
    method(
        "url_get_port",
        "getPort",
        &[Type::Opaque("kubernetes.URL")],
        Type::String,
        pending,
    ),
    method(
        "url_get_query",
        "getQuery",
        &[Type::Opaque("kubernetes.URL")],
        Type::Map(&Type::String, &Type::List(&Type::String)),
        pending,
    ),
    method(
        "url_get_scheme",
        "getScheme",
        &[Type::Opaque("kubernetes.URL")],
        Type::String,
        pending,
    ),
    function(
        "is_url_string",
        "isURL",
        &[Type::String],
        Type::Bool,
        pending,
    ),
    function(
        "string_to_url",
        "url",
        &[Type::String],
        Type::Opaque("kubernetes.URL"),
        pending,
    )
    .costing(Cost::Computed(traversal)),
];

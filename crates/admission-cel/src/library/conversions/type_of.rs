//! `type(x)`

use std::sync::LazyLock;

use crate::authorizer::AuthorizerValue;
use crate::library::arguments::{Outcome, value};
use crate::overload::Scope;
use crate::types::Type;
use crate::value::Value;

static NULL: Type = Type::Null;
static BOOL: Type = Type::Bool;
static INT: Type = Type::Int;
static UINT: Type = Type::Uint;
static DOUBLE: Type = Type::Double;
static STRING: Type = Type::String;
static BYTES: Type = Type::Bytes;
static DURATION: Type = Type::Duration;
static TIMESTAMP: Type = Type::Timestamp;
static QUANTITY: Type = Type::Opaque("kubernetes.Quantity");
static IP: Type = Type::Opaque("net.IP");
static CIDR: Type = Type::Opaque("net.CIDR");
static URL: Type = Type::Opaque("kubernetes.URL");
static SEMVER: Type = Type::Opaque("kubernetes.Semver");
static FORMAT: Type = Type::Opaque("kubernetes.NamedFormat");
static AUTHORIZER: Type = Type::Opaque("kubernetes.authorization.Authorizer");
static PATH_CHECK: Type = Type::Opaque("kubernetes.authorization.PathCheck");
static GROUP_CHECK: Type = Type::Opaque("kubernetes.authorization.GroupCheck");
static RESOURCE_CHECK: Type = Type::Opaque("kubernetes.authorization.ResourceCheck");
static DECISION: Type = Type::Opaque("kubernetes.authorization.Decision");
static LIST: LazyLock<Type> = LazyLock::new(|| Type::list(Type::Dyn));
static MAP: LazyLock<Type> = LazyLock::new(|| Type::map(Type::Dyn, Type::Dyn));
static OPTIONAL: LazyLock<Type> = LazyLock::new(|| Type::optional(Type::Dyn));
static VARIABLES: LazyLock<Type> = LazyLock::new(|| Type::Object("kubernetes.variables".into()));
static TYPE: LazyLock<Type> = LazyLock::new(|| Type::Type(std::sync::Arc::new(Type::Dyn)));

/// The type of a value, its parameters `dyn`. That of an object under construction or of a patch is
/// `type`, with the type itself as a parameter (`ConvertToType` in `mutation/dynamic/objects.go` of
/// `k8s.io/apiserver/pkg/cel`).
pub fn type_of(value: Value<'_>) -> &'static Type {
    match value.plain() {
        Value::Null => &NULL,
        Value::Bool(_) => &BOOL,
        Value::Int(_) => &INT,
        Value::Uint(_) => &UINT,
        Value::Double(_) => &DOUBLE,
        Value::String(_) => &STRING,
        Value::Bytes(_) => &BYTES,
        Value::Duration(_) => &DURATION,
        Value::Timestamp(_) => &TIMESTAMP,
        Value::Type(_) | Value::Struct(_) => &TYPE,
        Value::Optional(_) => &OPTIONAL,
        Value::Quantity(_) => &QUANTITY,
        Value::Ip(_) => &IP,
        Value::Cidr(_) => &CIDR,
        Value::Url(_) => &URL,
        Value::Semver(_) => &SEMVER,
        Value::Format(_) => &FORMAT,
        Value::Authorizer(authorizer) => match authorizer {
            AuthorizerValue::Authorizer(_) => &AUTHORIZER,
            AuthorizerValue::PathCheck(_) => &PATH_CHECK,
            AuthorizerValue::GroupCheck(_) => &GROUP_CHECK,
            AuthorizerValue::ResourceCheck(_) => &RESOURCE_CHECK,
            AuthorizerValue::Decision { .. } => &DECISION,
        },
        Value::Variables => &VARIABLES,
        other if other.as_list().is_some() => &LIST,
        _ => &MAP,
    }
}

pub(super) fn type_function<'a>(_: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Type(type_of(value(arguments, 0)?)))
}

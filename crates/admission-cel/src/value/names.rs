//! Names of types at run time.

use super::Value;
use crate::authorizer::AuthorizerValue;
use crate::json::Json;
use crate::types::Type;

impl<'a> Value<'a> {
    /// The name of the value's type at run time, where parameters are erased (`list`, `map`), as
    /// cel-go's `TypeName`. It appears in error texts and decides the equality of types.
    pub fn type_name(self) -> &'a str {
        match self {
            Value::Json(Json::Null) | Value::Null => "null_type",
            Value::Json(Json::Bool(_)) | Value::Bool(_) => "bool",
            Value::Json(Json::Int(_)) | Value::Int(_) => "int",
            Value::Json(Json::Double(_)) | Value::Double(_) => "double",
            Value::Json(Json::String(_)) | Value::String(_) => "string",
            Value::Json(Json::Array(_)) | Value::List(_) | Value::ConstantList(_) => "list",
            Value::Json(Json::Object(_)) | Value::Map(_) | Value::ConstantMap(_) => "map",
            Value::Uint(_) => "uint",
            Value::Bytes(_) => "bytes",
            Value::Duration(_) => "google.protobuf.Duration",
            Value::Timestamp(_) => "google.protobuf.Timestamp",
            Value::Type(_) => "type",
            Value::Optional(_) => "optional_type",
            Value::Struct(object) => object.type_name,
            Value::Quantity(_) => "kubernetes.Quantity",
            Value::Ip(_) => "net.IP",
            Value::Cidr(_) => "net.CIDR",
            Value::Url(_) => "kubernetes.URL",
            Value::Semver(_) => "kubernetes.Semver",
            Value::Format(_) => "kubernetes.NamedFormat",
            Value::Authorizer(authorizer) => match authorizer {
                AuthorizerValue::Authorizer(_) => "kubernetes.authorization.Authorizer",
                AuthorizerValue::PathCheck(_) => "kubernetes.authorization.PathCheck",
                AuthorizerValue::GroupCheck(_) => "kubernetes.authorization.GroupCheck",
                AuthorizerValue::ResourceCheck(_) => "kubernetes.authorization.ResourceCheck",
                AuthorizerValue::Decision { .. } => "kubernetes.authorization.Decision",
            },
            Value::Variables => "kubernetes.variables",
            Value::Failure(_) => "error",
        }
    }
}

/// The name of a type at run time, where parameters are erased.
pub fn runtime_name(named: &Type) -> &str {
    match named {
        Type::Dyn => "dyn",
        Type::Error => "!error!",
        Type::Null => "null_type",
        Type::Bool => "bool",
        Type::Int => "int",
        Type::Uint => "uint",
        Type::Double => "double",
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Duration => "google.protobuf.Duration",
        Type::Timestamp => "google.protobuf.Timestamp",
        Type::List(_) => "list",
        Type::Map(_, _) => "map",
        Type::Optional(_) => "optional_type",
        Type::Type(_) => "type",
        Type::Parameter(name) | Type::Object(name) => name,
        Type::Opaque(name) => name,
    }
}

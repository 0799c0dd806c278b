//! Values in error texts, as Go's `%v` prints cel-go's values, and Go's names of their types.

use std::fmt;

use crate::authorizer::AuthorizerValue;
use crate::json::Json;
use crate::library::go::general;
use crate::value::Value;

/// A value as Go's `%v` prints it.
pub(crate) fn go_text(value: Value<'_>) -> GoText<'_> {
    GoText(value)
}

/// See [`go_text`].
pub(crate) struct GoText<'a>(Value<'a>);

impl fmt::Display for GoText<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.plain() {
            Value::Null => formatter.write_str("null"),
            Value::Bool(flag) => write!(formatter, "{flag}"),
            Value::Int(integer) => write!(formatter, "{integer}"),
            Value::Uint(integer) => write!(formatter, "{integer}"),
            Value::Double(number) => formatter.write_str(&general(number)),
            Value::String(text) => formatter.write_str(text),
            Value::Type(named) => formatter.write_str(crate::value::runtime_name(named)),
            Value::Optional(None) => formatter.write_str("optional.none()"),
            Value::Optional(Some(inner)) => write!(formatter, "optional({})", go_text(*inner)),
            other => {
                if let Some(list) = other.as_list() {
                    formatter.write_str("[")?;
                    for (position, item) in list.iter().enumerate() {
                        let separator = if position > 0 { ", " } else { "" };
                        write!(formatter, "{separator}{}", go_text(item))?;
                    }
                    formatter.write_str("]")
                } else if let Some(map) = other.as_map() {
                    formatter.write_str("{")?;
                    for (position, (key, value)) in map.iter().enumerate() {
                        let separator = if position > 0 { ", " } else { "" };
                        write!(formatter, "{separator}{}: {}", go_text(key), go_text(value))?;
                    }
                    formatter.write_str("}")
                } else {
                    formatter.write_str(other.type_name())
                }
            }
        }
    }
}

/// The Go type of a value in cel-go, as `%T` prints it.
pub(crate) fn go_type(value: Value<'_>) -> &'static str {
    match value {
        Value::Json(Json::Null) | Value::Null => "types.Null",
        Value::Json(Json::Bool(_)) | Value::Bool(_) => "types.Bool",
        Value::Json(Json::Int(_)) | Value::Int(_) => "types.Int",
        Value::Json(Json::Double(_)) | Value::Double(_) => "types.Double",
        Value::Json(Json::String(_)) | Value::String(_) => "types.String",
        Value::Json(Json::Array(_)) | Value::List(_) | Value::ConstantList(_) => "*types.baseList",
        Value::Json(Json::Object(_)) | Value::Map(_) | Value::ConstantMap(_) => "*types.baseMap",
        Value::Uint(_) => "types.Uint",
        Value::Bytes(_) => "types.Bytes",
        Value::Duration(_) => "types.Duration",
        Value::Timestamp(_) => "types.Timestamp",
        Value::Type(_) => "*types.Type",
        Value::Optional(_) => "*types.Optional",
        Value::Struct(object) if object.type_name == "JSONPatch" => "*mutation.JSONPatchVal",
        Value::Struct(_) => "*dynamic.ObjectVal",
        Value::Quantity(_) => "cel.Quantity",
        Value::Ip(_) => "cel.IP",
        Value::Cidr(_) => "cel.CIDR",
        Value::Url(_) => "cel.URL",
        Value::Semver(_) => "cel.Semver",
        Value::Format(_) => "cel.Format",
        Value::Authorizer(authorizer) => match authorizer {
            AuthorizerValue::Authorizer(_) => "library.authorizerVal",
            AuthorizerValue::PathCheck(_) => "library.pathCheckVal",
            AuthorizerValue::GroupCheck(_) => "library.groupCheckVal",
            AuthorizerValue::ResourceCheck(_) => "library.resourceCheckVal",
            AuthorizerValue::Decision { .. } => "library.decisionVal",
        },
        Value::Variables => "*lazy.MapValue",
    }
}

/// The same for a value that cel-go has not yet made its own: what an input object holds.
pub(crate) fn native_go_type(value: Value<'_>) -> &'static str {
    match value {
        Value::Json(Json::Null) => "<nil>",
        Value::Json(Json::Array(_)) => "[]interface {}",
        Value::Json(Json::Object(_)) => "map[string]interface {}",
        other => go_type(other),
    }
}

/// The Go type of what a value wraps (`Value()` in cel-go).
pub(crate) fn go_value_type(value: Value<'_>) -> &'static str {
    match value.plain() {
        Value::Null => "structpb.NullValue",
        Value::Optional(None) => "<nil>",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Uint(_) => "uint64",
        Value::Double(_) => "float64",
        Value::String(_) | Value::Type(_) => "string",
        Value::Bytes(_) => "[]uint8",
        Value::List(_) | Value::ConstantList(_) => "[]ref.Val",
        Value::Map(_) | Value::ConstantMap(_) => "map[ref.Val]ref.Val",
        Value::Duration(_) => "time.Duration",
        Value::Timestamp(_) => "time.Time",
        Value::Quantity(_) => "*resource.Quantity",
        Value::Ip(_) => "netip.Addr",
        Value::Cidr(_) => "netip.Prefix",
        Value::Url(_) => "*url.URL",
        Value::Semver(_) => "semver.Version",
        other => native_go_type(other),
    }
}

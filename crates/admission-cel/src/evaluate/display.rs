//! Go's names of the types of cel-go's values.

use crate::authorizer::AuthorizerValue;
use crate::json::Json;
use crate::value::Value;

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
        Value::Quantity(quantity) if quantity.is_computed() => "*cel.Quantity",
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
        Value::Failure(_) => "*types.Err",
    }
}

/// The same for a value that cel-go has not yet made its own: what an input object holds.
pub(crate) fn native_go_type(value: Value<'_>) -> &'static str {
    match value {
        Value::Json(Json::Null) | Value::Null => "<nil>",
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
        Value::Struct(object) if object.type_name != "JSONPatch" => "map[string]interface {}",
        // `receiverOnlyObjectVal` in `k8s.io/apiserver/pkg/cel/library/authz.go`.
        Value::Authorizer(_) => "*types.Err",
        other => native_go_type(other),
    }
}

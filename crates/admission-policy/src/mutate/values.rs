//! The results of mutation expressions as JSON.
//!
//! Two ways lead there in the API server: an `Object{…}` gives its Go value
//! (`pkg/cel/mutation/dynamic/objects.go` of `k8s.io/apiserver`), everything else is converted to a
//! `structpb.Value` by cel-go. They differ in what they take, and so do these two functions.

use admission_cel::json::{Json, Object};
use admission_cel::value::{StructValue, Value};
use bumpalo::Bump;

/// Integers beyond are no exact doubles; cel-go turns them into strings.
const SAFE_INTEGER_MAX: u64 = (1 << 53) - 1;

/// The content of an `Object{…}`.
///
/// # Errors
/// A path such as `.spec.containers[0]` and why what is there is no content of an object.
pub(super) fn object_content<'a>(
    object: &StructValue<'a>,
    arena: &'a Bump,
) -> Result<Json<'a>, String> {
    Content { arena }.object(object, "")
}

struct Content<'a> {
    arena: &'a Bump,
}

impl<'a> Content<'a> {
    fn object(&self, object: &StructValue<'a>, path: &str) -> Result<Json<'a>, String> {
        let mut entries = Vec::with_capacity(object.fields.len());
        for (name, value) in object.fields {
            entries.push((*name, self.field(*value, &format!("{path}.{name}"))?));
        }
        Ok(Json::Object(Object::new(self.arena, entries)))
    }

    fn field(&self, value: Value<'a>, path: &str) -> Result<Json<'a>, String> {
        if let Some(node) = value.node() {
            return Ok(*node);
        }
        if let Some(list) = value.as_list() {
            let mut items = Vec::with_capacity(list.len());
            for (index, item) in list.iter().enumerate() {
                items.push(self.element(item, &format!("{path}[{index}]"))?);
            }
            return Ok(Json::Array(self.arena.alloc_slice_copy(&items)));
        }
        if let Some(map) = value.as_map() {
            let mut entries = Vec::with_capacity(map.len());
            for (key, value) in map.iter() {
                let key = key.as_str().ok_or_else(|| {
                    format!("{path}: keys must be strings, not {}", key.type_name())
                })?;
                entries.push((key, self.element(value, &format!("{path}.{key}"))?));
            }
            return Ok(Json::Object(Object::new(self.arena, entries)));
        }
        self.element(value, path)
    }

    /// An item of a list or the value of a map: lists and maps that an expression made are not taken
    /// there.
    fn element(&self, value: Value<'a>, path: &str) -> Result<Json<'a>, String> {
        match value.plain() {
            Value::Json(node) => Ok(*node),
            Value::Null => match value {
                Value::Json(_) => Ok(Json::Null),
                _ => Err(format!(
                    "{path}: `null` is no value of a field; leave the field out, or remove it by \
                     JSONPatch"
                )),
            },
            Value::Bool(flag) => Ok(Json::Bool(flag)),
            Value::Int(integer) => Ok(Json::Int(integer)),
            Value::Double(number) => Ok(from_double(number)),
            Value::String(text) => Ok(Json::String(text)),
            Value::Optional(Some(inner)) => self.element(*inner, path),
            Value::Optional(None) => Ok(Json::Null),
            Value::Struct(object) => self.object(object, path),
            other if other.as_map().is_some() => Err(format!(
                "{path}: a map cannot stand in a list or map here; write it as \
                 `Object.spec…{{…}}`"
            )),
            other if other.as_list().is_some() => Err(format!(
                "{path}: a list cannot stand directly in a list or map here"
            )),
            other => Err(no_json(other, path)),
        }
    }
}

/// The `value` of a `JSONPatch{…}`.
///
/// # Errors
/// Why it is no JSON.
pub(super) fn json_value<'a>(value: Value<'a>, arena: &'a Bump) -> Result<Json<'a>, String> {
    match value {
        Value::Struct(object) => object_content(object, arena),
        other => member_value(other, arena),
    }
}

fn member_value<'a>(value: Value<'a>, arena: &'a Bump) -> Result<Json<'a>, String> {
    if let Some(node) = value.node() {
        return Ok(*node);
    }
    if let Some(list) = value.as_list() {
        let items: Result<Vec<Json<'a>>, String> =
            list.iter().map(|item| member_value(item, arena)).collect();
        return Ok(Json::Array(arena.alloc_slice_copy(&items?)));
    }
    if let Some(map) = value.as_map() {
        let mut entries = Vec::with_capacity(map.len());
        for (key, value) in map.iter() {
            let key = key.as_str().ok_or_else(|| {
                format!(
                    "unsupported type conversion from '{}' to string",
                    key.type_name()
                )
            })?;
            entries.push((key, member_value(value, arena)?));
        }
        return Ok(Json::Object(Object::new(arena, entries)));
    }
    match value {
        Value::Null => Ok(Json::Null),
        Value::Bool(flag) => Ok(Json::Bool(flag)),
        Value::Int(integer) if integer.unsigned_abs() <= SAFE_INTEGER_MAX => Ok(Json::Int(integer)),
        Value::Int(integer) => Ok(Json::String(arena.alloc_str(&integer.to_string()))),
        Value::Uint(number) => match i64::try_from(number) {
            Ok(integer) if number <= SAFE_INTEGER_MAX => Ok(Json::Int(integer)),
            _ => Ok(Json::String(arena.alloc_str(&number.to_string()))),
        },
        Value::Double(number) if number.is_finite() => Ok(from_double(number)),
        Value::String(text) => Ok(Json::String(text)),
        Value::Optional(Some(inner)) => json_value(*inner, arena),
        Value::Optional(None) => Err("optional.none() dereference".to_owned()),
        // The API server's own code panics here.
        Value::Struct(object) => Err(format!(
            "`{}` cannot stand in a list or map; write it as a map literal",
            object.type_name
        )),
        other => Err(no_json(other, "the value")),
    }
}

/// Whole doubles are written without a fraction, and read again as integers.
fn from_double<'a>(number: f64) -> Json<'a> {
    if number.trunc() == number && number.abs() <= SAFE_INTEGER_MAX as f64 {
        Json::Int(number as i64)
    } else {
        Json::Double(number)
    }
}

fn no_json(value: Value<'_>, path: &str) -> String {
    let conversion = match value {
        Value::Uint(_) => "int()",
        _ => "string()",
    };
    format!(
        "{path}: {} has no form in JSON here; convert it with `{conversion}`",
        value.type_name()
    )
}

/// Checks that the type of each `Object.a.b{…}` says where it stands, as
/// `CheckTypeNamesMatchFieldPathNames` of `pkg/cel/mutation/dynamic/objects.go` does.
///
/// # Errors
/// Each type that does not.
pub(super) fn check_type_names(object: &StructValue<'_>, root: &str) -> Result<(), String> {
    let mut errors = Vec::new();
    check_object_type(object, root, &mut errors);
    if errors.is_empty() {
        Ok(())
    } else {
        Err(format!("type mismatch: {}", errors.join("\n")))
    }
}

fn check_object_type(object: &StructValue<'_>, expected: &str, errors: &mut Vec<String>) {
    if object.type_name != expected {
        errors.push(format!(
            "unexpected type name {:?}, expected {expected:?}, which matches field name path from \
             root Object type",
            object.type_name
        ));
    }
    for (name, value) in object.fields {
        check_types_in(*value, &format!("{expected}.{name}"), errors);
    }
}

fn check_types_in(value: Value<'_>, expected: &str, errors: &mut Vec<String>) {
    if value.node().is_some() {
        return;
    }
    if let Value::Struct(object) = value {
        check_object_type(object, expected, errors);
    } else if let Some(list) = value.as_list() {
        for item in list.iter() {
            check_types_in(item, expected, errors);
        }
    } else if let Some(map) = value.as_map() {
        for (_, value) in map.iter() {
            check_types_in(value, expected, errors);
        }
    }
}

#[cfg(test)]
mod tests;

//! Defaults of custom resources, as their definitions' structural schemas give them.
//!
//! Follows `pkg/apiserver/schema/defaulting/{algorithm,prune}.go` of
//! `k8s.io/apiextensions-apiserver`: nulls that a schema does not allow are taken for absent, and
//! what is absent gets its default, the defaults within it included.

use admission_cel::json::Json;
use bumpalo::Bump;
use serde_json::{Map, Value};

/// The object with the defaults of a schema (`openAPIV3Schema`); the same node without one.
pub fn with_defaults<'a>(
    object: &'a Json<'a>,
    schema: Option<&'a Json<'a>>,
    arena: &'a Bump,
) -> &'a Json<'a> {
    let values = schema.and_then(|schema| {
        let object = serde_json::to_value(object).ok()?;
        Some((object, serde_json::to_value(schema).ok()?))
    });
    let Some((mut value, schema)) = values else {
        return object;
    };
    fill(&mut value, &schema);
    arena.alloc(Json::from_serde(&value, arena))
}

/// Fills the defaults of a schema into a value.
pub fn fill(value: &mut Value, schema: &Value) {
    match value {
        Value::Object(members) => fill_members(members, schema),
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else {
                return;
            };
            for item in items {
                replace_null(item, schema);
                fill(item, schema);
            }
        }
        _ => {}
    }
}

fn fill_members(members: &mut Map<String, Value>, schema: &Value) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let additional = schema.get("additionalProperties").filter(|s| s.is_object());
    let schema_of = |key: &str| properties.and_then(|all| all.get(key)).or(additional);
    members.retain(|key, member| {
        let schema = schema_of(key);
        !schema.is_some_and(|schema| is_refused_null(member, schema) && default(schema).is_none())
    });
    for (key, schema) in properties.into_iter().flatten() {
        if let (Some(default), None) = (default(schema), members.get(key)) {
            members.insert(key.clone(), default.clone());
        }
    }
    for (key, member) in members {
        if let Some(schema) = schema_of(key) {
            replace_null(member, schema);
            fill(member, schema);
        }
    }
}

fn replace_null(value: &mut Value, schema: &Value) {
    if let (true, Some(default)) = (is_refused_null(value, schema), default(schema)) {
        *value = default.clone();
    }
}

fn default(schema: &Value) -> Option<&Value> {
    schema.get("default")
}

fn is_refused_null(value: &Value, schema: &Value) -> bool {
    value.is_null() && schema.get("nullable").and_then(Value::as_bool) != Some(true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_absent_gets_its_default_and_what_is_set_stays() {
        let schema = json!({"type": "object", "properties": {
            "mode": {"type": "string", "default": "strict"},
            "caps": {"type": "object", "default": {}, "properties": {
                "max": {"type": "integer", "default": 3}}},
            "absent": {"type": "object", "properties": {
                "never": {"type": "string", "default": "made"}}},
            "either": {"type": "string", "nullable": true, "default": "x"},
            "list": {"type": "array", "items": {"type": "object", "properties": {
                "weight": {"type": "integer", "default": 1}}}},
            "phases": {"type": "object", "additionalProperties": {"type": "object", "properties": {
                "rank": {"type": "integer", "default": 0}}}},
            "plain": {"type": "string"},
        }});
        let cases = [
            (
                json!({}),
                json!({"mode": "strict", "caps": {"max": 3}, "either": "x"}),
            ),
            (
                json!({"mode": null, "either": null, "plain": null, "caps": {"max": 9}}),
                json!({"mode": "strict", "either": null, "caps": {"max": 9}}),
            ),
            (
                json!({"list": [{}, {"weight": 5}], "phases": {"a": {}, "b": {"rank": 2}}}),
                json!({"mode": "strict", "caps": {"max": 3}, "either": "x",
                       "list": [{"weight": 1}, {"weight": 5}],
                       "phases": {"a": {"rank": 0}, "b": {"rank": 2}}}),
            ),
            (
                json!({"absent": {}, "unknown": null}),
                json!({"mode": "strict", "caps": {"max": 3}, "either": "x",
                       "absent": {"never": "made"}, "unknown": null}),
            ),
        ];
        for (mut given, expected) in cases {
            fill(&mut given, &schema);
            assert_eq!(given, expected);
        }
    }
}

//! The most that one Pod may ask for, whatever its profile.

use std::collections::BTreeMap;

use admission_cel::library::quantity::Quantity;
use bumpalo::Bump;
use serde_json::{Value, json};

/// For each resource, the largest limit of any profile of a baseline's `spec`.
pub fn largest(spec: &Value) -> Value {
    let arena = Bump::new();
    let profiles = spec.get("profiles").and_then(Value::as_object);
    let limits = profiles
        .into_iter()
        .flatten()
        .filter_map(|(_, profile)| profile.get("limits")?.as_object())
        .flatten();
    let mut largest: BTreeMap<&str, (&str, Quantity<'_>)> = BTreeMap::new();
    for (resource, limit) in limits {
        let Some(text) = limit.as_str() else { continue };
        let Some(quantity) = Quantity::parse(&arena, text) else {
            continue;
        };
        let known = largest.get(resource.as_str());
        if known.is_none_or(|(_, known)| *known < quantity) {
            largest.insert(resource, (text, quantity));
        }
    }
    let texts: BTreeMap<&str, &str> = largest
        .into_iter()
        .map(|(resource, (text, _))| (resource, text))
        .collect();
    json!(texts)
}

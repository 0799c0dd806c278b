use bumpalo::Bump;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::patch::apply_operations;

#[test]
fn the_patch_is_small() {
    let cases: &[(&str, Value, Value, Value)] = &[
        ("nothing", json!({"a": 1}), json!({"a": 1}), json!([])),
        (
            "members",
            json!({"a": 1, "b": 2, "c": {"d": 3, "e": 4}}),
            json!({"a": 1, "c": {"d": 5, "e": 4}, "f": 6}),
            json!([
                {"op": "remove", "path": "/b"},
                {"op": "replace", "path": "/c/d", "value": 5},
                {"op": "add", "path": "/f", "value": 6},
            ]),
        ),
        (
            "keys are escaped",
            json!({"a/b": {"m~n": 1}}),
            json!({"a/b": {"m~n": 2}}),
            json!([{"op": "replace", "path": "/a~1b/m~0n", "value": 2}]),
        ),
        (
            "an absent parent comes as a whole",
            json!({"metadata": {"name": "x"}}),
            json!({"metadata": {"name": "x", "labels": {"a": "b"}}}),
            json!([{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]),
        ),
        (
            "an item at the end",
            json!({"env": [{"name": "A"}]}),
            json!({"env": [{"name": "A"}, {"name": "B"}]}),
            json!([{"op": "add", "path": "/env/1", "value": {"name": "B"}}]),
        ),
        (
            "an item at the front, and a change behind it",
            json!({"env": [{"name": "A"}, {"name": "C"}]}),
            json!({"env": [{"name": "B"}, {"name": "A"}, {"name": "C", "value": "1"}]}),
            json!([
                {"op": "add", "path": "/env/0", "value": {"name": "B"}},
                {"op": "add", "path": "/env/2/value", "value": "1"},
            ]),
        ),
        (
            "an item in the middle",
            json!({"args": ["a", "b", "c", "d"]}),
            json!({"args": ["a", "d"]}),
            json!([
                {"op": "remove", "path": "/args/1"},
                {"op": "remove", "path": "/args/1"},
            ]),
        ),
        (
            "every container",
            json!({"containers": [{"name": "a"}, {"name": "b", "image": "x"}]}),
            json!({"containers": [{"name": "a", "tty": true}, {"name": "b", "image": "y"}]}),
            json!([
                {"op": "add", "path": "/containers/0/tty", "value": true},
                {"op": "replace", "path": "/containers/1/image", "value": "y"},
            ]),
        ),
        (
            "null and empty are told apart",
            json!({"a": null, "b": {}}),
            json!({"a": {}, "b": null}),
            json!([
                {"op": "replace", "path": "/a", "value": {}},
                {"op": "replace", "path": "/b", "value": null},
            ]),
        ),
    ];
    for (name, from, to, expected) in cases {
        let arena = Bump::new();
        let (from, to) = (Json::from_serde(from, &arena), Json::from_serde(to, &arena));
        let (from, to) = (arena.alloc(from), arena.alloc(to));
        let patch = serde_json::to_value(difference(from, to)).unwrap();
        assert_eq!(&patch, expected, "{name}");
    }
}

/// JSON with few and awkward keys, so that two values have much in common.
fn json_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3i64).prop_map(Value::from),
        Just(json!(1.5)),
        key().prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 48, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key(), inner.clone()), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            prop::collection::vec(named(inner), 0..5).prop_map(Value::from),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "a", "b", "name", "~", "/", "~1", "0", "-", "", "ä\"\n",
    ])
    .prop_map(str::to_owned)
}

fn named(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    (0..4u8, value).prop_map(|(name, value)| json!({"name": name.to_string(), "value": value}))
}

fn object() -> impl Strategy<Value = Value> {
    prop::collection::vec((key(), json_value()), 0..5)
        .prop_map(|entries| Value::Object(entries.into_iter().collect()))
}

proptest! {
    #[test]
    fn applying_the_difference_gives_the_other_object(from in object(), to in object()) {
        let arena = Bump::new();
        let from = arena.alloc(Json::from_serde(&from, &arena));
        let to = arena.alloc(Json::from_serde(&to, &arena));
        let patched = apply_operations(from, &difference(from, to), &arena).unwrap();
        prop_assert_eq!(patched, &*to);
    }

    #[test]
    fn the_difference_of_related_lists_is_exact(
        common in prop::collection::vec(named(json_value()), 0..5),
        inserted in prop::collection::vec(named(json_value()), 0..3),
        removed in prop::collection::vec(named(json_value()), 0..3),
        place in 0..5usize,
    ) {
        let arena = Bump::new();
        let with = |extra: &[Value]| {
            let mut items = common.clone();
            let place = place.min(items.len());
            items.splice(place..place, extra.iter().cloned());
            &*arena.alloc(Json::from_serde(&json!({"items": items}), &arena))
        };
        let (from, to) = (with(&removed), with(&inserted));
        let patched = apply_operations(from, &difference(from, to), &arena).unwrap();
        prop_assert_eq!(patched, to);
    }
}

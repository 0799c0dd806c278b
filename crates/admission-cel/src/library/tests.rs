//! What holds for every function.

use std::collections::HashSet;

use bumpalo::Bump;

use super::ALL;
use crate::authorizer::{AuthorizerValue, NoAuthorizer, Question};
use crate::json::Json;
use crate::overload::{Call, Scope};
use crate::types::Type;
use crate::value::{Timestamp, Value};

/// Values of every kind, the extremes of their types among them.
fn samples(arena: &Bump) -> Vec<Value<'_>> {
    let json = serde_json::json!({"a": [1, "x", null], "b": {"c": 1.5}});
    let json: &Json<'_> = arena.alloc(Json::from_serde(&json, arena));
    let list = arena.alloc_slice_copy(&[Value::Int(2), Value::Int(1), Value::Double(f64::NAN)]);
    let nested = arena.alloc_slice_copy(&[Value::List(list), Value::String("a")]);
    vec![
        Value::Json(json),
        Value::Null,
        Value::Bool(true),
        Value::Int(0),
        Value::Int(i64::MIN),
        Value::Int(i64::MAX),
        Value::Uint(0),
        Value::Uint(u64::MAX),
        Value::Double(f64::NAN),
        Value::Double(-0.0),
        Value::Double(1e300),
        Value::String(""),
        Value::String("é%s.%x(["),
        Value::String("1.5Gi"),
        Value::String("https://a/?b=c"),
        Value::String("fe80::1/64"),
        Value::String("-99999999999999999999:00"),
        Value::Bytes(b"\xff\xfe"),
        Value::Duration(i64::MIN),
        Value::Duration(1),
        Value::Timestamp(Timestamp::utc(-62_135_596_800, 0)),
        Value::Timestamp(Timestamp::utc(253_402_300_799, 999_999_999)),
        Value::List(&[]),
        Value::List(list),
        Value::List(nested),
        Value::Optional(None),
        Value::Optional(Some(arena.alloc(Value::Int(1)))),
        Value::Type(arena.alloc(Type::Int)),
        Value::Ip([0, 0, 0, 0].into()),
        Value::Authorizer(arena.alloc(AuthorizerValue::ResourceCheck(Question::default()))),
        Value::Variables,
    ]
}

/// Every combination of so many samples.
fn combinations<'a>(samples: &[Value<'a>], count: usize) -> Vec<Vec<Value<'a>>> {
    let mut all = vec![Vec::new()];
    for _ in 0..count {
        all = all
            .iter()
            .flat_map(|head| {
                samples
                    .iter()
                    .map(move |sample| head.iter().chain([sample]).copied().collect())
            })
            .collect();
    }
    all
}

#[test]
fn no_function_panics_whatever_it_is_called_with() {
    let arena = Bump::new();
    let samples = samples(&arena);
    for overload in ALL.iter().flat_map(|table| table.iter()) {
        let Call::Function(implementation) = overload.call else {
            continue;
        };
        // A third argument and those after it repeat the second.
        let count = overload.parameters.len();
        for mut arguments in combinations(&samples, count.min(2)) {
            while arguments.len() < count {
                arguments.push(arguments[1]);
            }
            let mut results = Bump::new();
            let scope = Scope {
                arena: &results,
                authorizer: &NoAuthorizer,
                regex: None,
            };
            let result = implementation(scope, &arguments).ok();
            overload.cost.of(true, &arguments, result);
            overload.cost.of(false, &arguments, None);
            results.reset();
        }
    }
}

#[test]
fn identifiers_are_unique_but_for_operators_of_two_names() {
    let mut seen = HashSet::new();
    for overload in ALL.iter().flat_map(|table| table.iter()) {
        let twice = matches!(overload.id, "in_list" | "in_map");
        assert!(
            seen.insert(overload.id) || twice,
            "{} is declared twice",
            overload.id
        );
    }
}

#[test]
fn a_receiver_is_the_first_parameter() {
    for overload in ALL.iter().flat_map(|table| table.iter()) {
        assert!(
            !overload.member || !overload.parameters.is_empty(),
            "{}",
            overload.id
        );
    }
}

use admission_cel::json::Json;
use admission_policy::patch::Operation;
use bumpalo::Bump;
use proptest::prelude::*;
use serde_json::json;

use sha2::{Digest as _, Sha256};

use super::{CHUNK, Writer, digest, digest_of_patch};

/// A writer that keeps all of the form.
fn whole<'v, 'a>() -> Writer<'v, 'a> {
    Writer {
        hash: None,
        ..Writer::hashing()
    }
}

/// The canonical form of a value.
pub fn canonical(value: &Json<'_>) -> String {
    let mut writer = whole();
    writer.value(value);
    String::from_utf8(writer.out).unwrap()
}

fn canonical_patch(operations: &[Operation<'_>]) -> String {
    let mut writer = whole();
    writer.items(operations, Writer::operation);
    String::from_utf8(writer.out).unwrap()
}

fn sha256(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

fn of(text: &str) -> String {
    let arena = Bump::new();
    let value = Json::parse(text.as_bytes(), &arena).unwrap();
    canonical(value)
}

#[test]
fn names_are_sorted_by_utf_16_code_units() {
    // The example of section 3.2.3 of RFC 8785.
    let given = r#"{
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\ud83d\ude00": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis"
    }"#;
    let values = [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ];
    let canonical = of(given);
    let places: Vec<usize> = values
        .iter()
        .map(|value| canonical.find(value).unwrap())
        .collect();
    assert!(places.is_sorted(), "{canonical}");
}

#[test]
fn literals_numbers_and_strings_are_those_of_the_specification() {
    // The example of section 3.2.2 of RFC 8785.
    let given = r#"{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    let expected = r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
    assert_eq!(of(given), expected);
}

#[test]
fn numbers_are_written_as_ecmascript_does() {
    // From appendix B of RFC 8785, and what Kubernetes objects hold.
    let table = [
        ("0", "0"),
        ("-0.0", "0"),
        ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("9007199254740992", "9007199254740992"),
        ("9007199254740993", "9007199254740992"),
        ("295147905179352830000", "295147905179352830000"),
        ("9.999999999999997e22", "9.999999999999997e+22"),
        ("1e23", "1e+23"),
        ("333333333.3333332", "333333333.3333332"),
        ("0.000001", "0.000001"),
        ("1e-7", "1e-7"),
        ("-1", "-1"),
        ("1.0", "1"),
        ("9223372036854775807", "9223372036854776000"),
    ];
    for (given, expected) in table {
        assert_eq!(of(given), expected, "{given}");
    }
}

#[test]
fn a_digest_is_over_all_of_a_long_form() {
    for length in [1, CHUNK - 10, CHUNK, 3 * CHUNK] {
        let item = "x".repeat(length);
        let value = json!({"list": vec![&item; 5], "text": {"a": item, "b": "\n"}});
        let arena = Bump::new();
        let text = value.to_string();
        let tree = Json::parse(text.as_bytes(), &arena).unwrap();
        assert_eq!(digest(tree), sha256(&canonical(tree)), "{length}");
    }
}

#[test]
fn what_needs_an_escape_is_found_at_every_place() {
    for length in 0..20 {
        for place in 0..length {
            let mut plain = vec!["~"; length];
            plain[place] = "\u{1f}";
            let text = plain.concat();
            let value = Json::String(&text);
            let expected = format!("\"{}\"", text.replace('\u{1f}', "\\u001f"));
            assert_eq!(canonical(&value), expected);
        }
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>()
            .prop_filter("JSON has finite numbers only", |number| number.is_finite())
            .prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|members| members
                .into_iter()
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

/// Each operation, with what RFC 6902 demands of it.
fn any_patch() -> impl Strategy<Value = Vec<serde_json::Value>> {
    let operation = prop_oneof![
        ("add|replace|test", any::<String>(), any_json())
            .prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value})),
        ("remove|test", any::<String>()).prop_map(|(op, path)| json!({"op": op, "path": path})),
        ("move|copy", any::<String>(), any::<String>())
            .prop_map(|(op, from, path)| json!({"op": op, "from": from, "path": path})),
    ];
    prop::collection::vec(operation, 0..6)
}

fn operation<'a>(value: &serde_json::Value, arena: &'a Bump) -> Operation<'a> {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let content = value.get("value").map(|value| {
        let text = arena.alloc_str(&value.to_string());
        *Json::parse(text.as_bytes(), arena).unwrap()
    });
    let (from, path) = (text("from"), text("path"));
    match (text("op").as_str(), content) {
        ("add", Some(value)) => Operation::Add { path, value },
        ("replace", Some(value)) => Operation::Replace { path, value },
        ("test", value) => Operation::Test { path, value },
        ("remove", _) => Operation::Remove { path },
        ("move", _) => Operation::Move { from, path },
        _ => Operation::Copy { from, path },
    }
}

proptest! {
    #[test]
    fn a_patch_is_written_as_what_clients_get(patch in any_patch()) {
        let arena = Bump::new();
        let operations: Vec<_> = patch.iter().map(|value| operation(value, &arena)).collect();
        let expected = serde_json_canonicalizer::to_string(&operations).unwrap();
        prop_assert_eq!(digest_of_patch(&operations), sha256(&expected));
        prop_assert_eq!(canonical_patch(&operations), expected);
    }

    #[test]
    fn agrees_with_an_independent_implementation(value in any_json()) {
        let arena = Bump::new();
        let text = value.to_string();
        let tree = Json::parse(text.as_bytes(), &arena).unwrap();
        let expected = serde_json_canonicalizer::to_string(&value).unwrap();
        prop_assert_eq!(digest(tree), sha256(&expected));
        prop_assert_eq!(canonical(tree), expected);
    }
}

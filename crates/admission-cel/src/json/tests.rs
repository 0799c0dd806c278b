use super::*;

#[test]
fn parses_and_prints_every_kind_of_value() {
    let arena = Bump::new();
    let text = r#"{"a":[1,-2,2.5,true,null,"x\n\"é"],"b":{}}"#;
    let json = Json::parse(text.as_bytes(), &arena).unwrap();
    assert_eq!(json.to_string(), text);
}

#[test]
fn integers_beyond_64_bits_become_doubles_as_in_the_api_server() {
    let arena = Bump::new();
    let json = Json::parse(b"[9223372036854775807, 9223372036854775808]", &arena).unwrap();
    assert!(matches!(
        json.as_array().unwrap(),
        [Json::Int(i64::MAX), Json::Double(_)]
    ));
}

#[test]
fn the_last_of_duplicate_keys_counts() {
    let arena = Bump::new();
    let json = Json::parse(br#"{"a":1,"b":2,"a":3}"#, &arena).unwrap();
    assert_eq!(json.to_string(), r#"{"a":3,"b":2}"#);
}

#[test]
fn large_objects_find_every_key() {
    let arena = Bump::new();
    let text: Vec<String> = (0..500).map(|n| format!("\"key{n}\":{n}")).collect();
    let text = format!("{{{}}}", text.join(","));
    let json = Json::parse(text.as_bytes(), &arena).unwrap();
    for n in 0..500 {
        assert_eq!(json.get(&format!("key{n}")), Some(&Json::Int(n)));
    }
    assert_eq!(json.get("key500"), None);
}

#[test]
fn deep_nesting_is_an_error_and_not_a_stack_overflow() {
    let arena = Bump::new();
    let text = "[".repeat(100_000);
    assert!(Json::parse(text.as_bytes(), &arena).is_err());
}

#[test]
fn managed_fields_are_skipped_only_under_metadata_and_only_when_asked() {
    let arena = Bump::new();
    let text = br#"{"managedFields":1,"metadata":{"name":"x","managedFields":[{"a":1}]}}"#;
    let options = ParseOptions {
        skip_managed_fields: true,
    };
    let json = Json::parse_with(text, &arena, options).unwrap();
    assert_eq!(
        json.to_string(),
        r#"{"managedFields":1,"metadata":{"name":"x"}}"#
    );
    assert!(
        Json::parse(text, &arena)
            .unwrap()
            .at(&["metadata", "managedFields"])
            .is_some()
    );
}

#[test]
fn a_node_is_found_by_its_address() {
    let arena = Bump::new();
    let json = Json::parse(
        br#"{"spec":{"containers":[{"n":1},{"n":1,"a/b":2}]}}"#,
        &arena,
    )
    .unwrap();
    let containers = json
        .at(&["spec", "containers"])
        .unwrap()
        .as_array()
        .unwrap();
    let node = containers[1].get("a/b").unwrap();
    let path = path_to(json, node).unwrap();
    assert_eq!(path.to_string(), "spec.containers[1][a/b]");
    assert_eq!(path.to_pointer(), "/spec/containers/1/a~1b");
    assert!(std::ptr::eq(path.find(json).unwrap(), node));
}

use super::*;

fn object<'a>(
    arena: &'a Bump,
    type_name: &'a str,
    fields: &[(&'a str, Value<'a>)],
) -> &'a StructValue<'a> {
    arena.alloc(StructValue {
        type_name,
        fields: arena.alloc_slice_copy(fields),
    })
}

#[test]
fn objects_become_json_with_what_they_hold() {
    let arena = Bump::new();
    let node = Json::parse(br#"{"limits":{"cpu":1}}"#, &arena).unwrap();
    let container = object(
        &arena,
        "Object.spec.containers",
        &[
            ("name", Value::String("a")),
            ("resources", Value::Json(node)),
            ("tty", Value::Bool(true)),
        ],
    );
    let some = arena.alloc(Value::Int(5));
    let spec = object(
        &arena,
        "Object.spec",
        &[
            (
                "containers",
                Value::List(arena.alloc_slice_copy(&[Value::Struct(container)])),
            ),
            ("activeDeadlineSeconds", Value::Optional(Some(some))),
            ("priority", Value::Double(2.0)),
        ],
    );
    let content = object_content(spec, &arena).unwrap();
    assert_eq!(
        content.to_string(),
        r#"{"containers":[{"name":"a","resources":{"limits":{"cpu":1}},"tty":true}],"activeDeadlineSeconds":5,"priority":2}"#
    );
}

#[test]
fn what_an_object_cannot_hold_is_named_with_its_place() {
    let arena = Bump::new();
    let inner = Value::List(arena.alloc_slice_copy(&[Value::List(&[])]));
    let cases = [
        (Value::Null, ".x: `null` is no value of a field"),
        (Value::Uint(1), ".x: uint has no form in JSON"),
        (Value::Bytes(b"a"), ".x: bytes has no form in JSON"),
        (inner, ".x[0]: a list cannot stand directly"),
    ];
    for (value, expected) in cases {
        let error = object_content(object(&arena, "Object", &[("x", value)]), &arena).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn values_of_json_patches_are_written_as_cel_go_writes_them() {
    let arena = Bump::new();
    let exact = (1i64 << 53) - 1;
    let cases = [
        (Value::Int(exact), exact.to_string()),
        (Value::Int(exact + 1), format!("\"{}\"", exact + 1)),
        (Value::Uint(7), "7".to_owned()),
        (Value::Double(3.0), "3".to_owned()),
        (Value::Double(1.5), "1.5".to_owned()),
        (Value::Null, "null".to_owned()),
        (
            Value::List(arena.alloc_slice_copy(&[Value::List(&[]), Value::String("a")])),
            r#"[[],"a"]"#.to_owned(),
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(json_value(value, &arena).unwrap().to_string(), expected);
    }
}

#[test]
fn an_object_in_a_list_is_no_value_of_a_json_patch() {
    let arena = Bump::new();
    let item = Value::Struct(object(&arena, "Object.spec", &[]));
    let list = Value::List(arena.alloc_slice_copy(&[item]));
    assert!(json_value(list, &arena).is_err());
    assert!(json_value(item, &arena).is_ok());
}

#[test]
fn types_say_where_their_objects_stand() {
    let arena = Bump::new();
    let item = |name| Value::Struct(object(&arena, name, &[]));
    let with = |name| {
        let list = Value::List(arena.alloc_slice_copy(&[item(name)]));
        object(&arena, "Object", &[("spec", list)])
    };
    assert_eq!(check_type_names(with("Object.spec"), "Object"), Ok(()));
    assert_eq!(
        check_type_names(with("Object.spce"), "Object"),
        Err(
            "type mismatch: unexpected type name \"Object.spce\", expected \"Object.spec\", which \
             matches field name path from root Object type"
                .to_owned()
        )
    );
}

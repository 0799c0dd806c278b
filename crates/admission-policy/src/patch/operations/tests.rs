use super::*;

/// Document, patch, and the result or the error.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    Result<&'static str, &'static str>,
);

const MEMBERS: &[Case] = &[
    (
        "add sets a member",
        r#"{"a":1}"#,
        r#"[{"op":"add","path":"/b","value":[2]}]"#,
        Ok(r#"{"a":1,"b":[2]}"#),
    ),
    (
        "add replaces a member where it stands",
        r#"{"a":1,"b":2}"#,
        r#"[{"op":"add","path":"/a","value":3}]"#,
        Ok(r#"{"a":3,"b":2}"#),
    ),
    (
        "add makes no parents",
        r#"{"a":1}"#,
        r#"[{"op":"add","path":"/b/c","value":1}]"#,
        Err(r#"add operation does not apply: doc is missing path: "/b/c": missing value"#),
    ),
    (
        "add does not enter scalars",
        r#"{"a":1}"#,
        r#"[{"op":"add","path":"/a/c","value":1}]"#,
        Err(r#"add operation does not apply: doc is missing path: "/a/c": missing value"#),
    ),
    (
        "the root cannot be added",
        r#"{"a":1}"#,
        r#"[{"op":"add","path":"","value":{}}]"#,
        Err(r#"add operation does not apply: doc is missing path: "": missing value"#),
    ),
    (
        "remove drops a member",
        r#"{"a":1,"b":2}"#,
        r#"[{"op":"remove","path":"/a"}]"#,
        Ok(r#"{"b":2}"#),
    ),
    (
        "remove needs the member",
        r#"{"a":1}"#,
        r#"[{"op":"remove","path":"/b"}]"#,
        Err("error in remove for path: '/b': Unable to remove nonexistent key: b: missing value"),
    ),
    (
        "replace sets an absent member too",
        r#"{"a":1}"#,
        r#"[{"op":"replace","path":"/b","value":2}]"#,
        Ok(r#"{"a":1,"b":2}"#),
    ),
    (
        "replace takes the root",
        r#"{"a":1}"#,
        r#"[{"op":"replace","path":"","value":{"b":2}}]"#,
        Ok(r#"{"b":2}"#),
    ),
    (
        "the root stays a container",
        r#"{"a":1}"#,
        r#"[{"op":"replace","path":"","value":1}]"#,
        Err("replace operation value must be object or array: %!w(<nil>)"),
    ),
    (
        "keys are unescaped once",
        r#"{"a/b":1,"m~n":2,"~1":3}"#,
        r#"[{"op":"replace","path":"/a~1b","value":4},{"op":"replace","path":"/m~0n","value":5},
            {"op":"replace","path":"/~01","value":6}]"#,
        Ok(r#"{"a/b":4,"m~n":5,"~1":6}"#),
    ),
    (
        "a key may be empty",
        r#"{"":1,"a":{"":2}}"#,
        r#"[{"op":"replace","path":"/","value":3},{"op":"replace","path":"/a/","value":4}]"#,
        Ok(r#"{"":3,"a":{"":4}}"#),
    ),
    (
        "what stands before the first slash is not looked at",
        r#"{"a":1}"#,
        r#"[{"op":"add","path":"x/a","value":2}]"#,
        Ok(r#"{"a":2}"#),
    ),
];

const ITEMS: &[Case] = &[
    (
        "add inserts before",
        r#"{"a":[1,3]}"#,
        r#"[{"op":"add","path":"/a/1","value":2}]"#,
        Ok(r#"{"a":[1,2,3]}"#),
    ),
    (
        "a dash appends",
        r#"{"a":[1]}"#,
        r#"[{"op":"add","path":"/a/-","value":2},{"op":"add","path":"/a/2","value":3}]"#,
        Ok(r#"{"a":[1,2,3]}"#),
    ),
    (
        "negative indices count from the end",
        r#"{"a":[1,2,3]}"#,
        r#"[{"op":"remove","path":"/a/-1"},{"op":"replace","path":"/a/-1","value":4},
            {"op":"add","path":"/a/-1","value":5}]"#,
        Ok(r#"{"a":[1,4,5]}"#),
    ),
    (
        "add leaves no gap",
        r#"{"a":[1]}"#,
        r#"[{"op":"add","path":"/a/2","value":2}]"#,
        Err(
            "error in add for path: '/a/2': Unable to access invalid index: 2: invalid index \
             referenced",
        ),
    ),
    (
        "an index is a number",
        r#"{"a":[1]}"#,
        r#"[{"op":"add","path":"/a/x","value":2}]"#,
        Err(
            "error in add for path: '/a/x': value was not a proper array index: 'x': \
             strconv.Atoi: parsing \"x\": invalid syntax",
        ),
    ),
    (
        "replace needs the item",
        r#"{"a":[1]}"#,
        r#"[{"op":"replace","path":"/a/1","value":2}]"#,
        Err("replace operation does not apply: doc is missing key: /a/1: missing value"),
    ),
    (
        "items are entered",
        r#"{"a":[{"b":1},{"b":2}]}"#,
        r#"[{"op":"replace","path":"/a/1/b","value":3}]"#,
        Ok(r#"{"a":[{"b":1},{"b":3}]}"#),
    ),
];

const MOVES: &[Case] = &[
    (
        "move takes away and adds",
        r#"{"a":{"x":1},"b":{}}"#,
        r#"[{"op":"move","from":"/a/x","path":"/b/y"}]"#,
        Ok(r#"{"a":{},"b":{"y":1}}"#),
    ),
    (
        "move reorders items",
        r#"{"a":[1,2,3]}"#,
        r#"[{"op":"move","from":"/a/0","path":"/a/-"}]"#,
        Ok(r#"{"a":[2,3,1]}"#),
    ),
    (
        "move needs the source",
        r#"{"a":1}"#,
        r#"[{"op":"move","from":"/b","path":"/c"}]"#,
        Err("error in move for path: 'b': Unable to remove nonexistent key: b: missing value"),
    ),
    (
        "nothing moves into itself",
        r#"{"a":{"b":1}}"#,
        r#"[{"op":"move","from":"/a","path":"/a/b"}]"#,
        Err("move operation does not apply: doc is missing destination path: /a/b: missing value"),
    ),
    (
        "copy adds the same again",
        r#"{"a":{"x":[1]}}"#,
        r#"[{"op":"copy","from":"/a/x","path":"/a/y"},{"op":"add","path":"/a/y/-","value":2}]"#,
        Ok(r#"{"a":{"x":[1],"y":[1,2]}}"#),
    ),
    (
        "copy of nothing is null",
        r#"{"a":1}"#,
        r#"[{"op":"copy","from":"/b","path":"/c"}]"#,
        Ok(r#"{"a":1,"c":null}"#),
    ),
];

const TESTS: &[Case] = &[
    (
        "test compares regardless of order",
        r#"{"a":{"x":1,"y":[2]}}"#,
        r#"[{"op":"test","path":"/a","value":{"y":[2],"x":1}},{"op":"add","path":"/b","value":1}]"#,
        Ok(r#"{"a":{"x":1,"y":[2]},"b":1}"#),
    ),
    (
        "test tells numbers from strings",
        r#"{"a":1}"#,
        r#"[{"op":"test","path":"/a","value":"1"}]"#,
        Err("testing value /a failed: test failed"),
    ),
    (
        "test without value holds where nothing is",
        r#"{"a":1}"#,
        r#"[{"op":"test","path":"/b"},{"op":"add","path":"/b","value":1}]"#,
        Ok(r#"{"a":1,"b":1}"#),
    ),
    (
        "test without value fails where something is",
        r#"{"a":1}"#,
        r#"[{"op":"test","path":"/a"}]"#,
        Err("testing value /a failed: test failed"),
    ),
    (
        "null is not absent",
        r#"{"a":1}"#,
        r#"[{"op":"test","path":"/b","value":null}]"#,
        Err("testing value /b failed: test failed"),
    ),
    (
        "test takes the root",
        r#"{"a":1}"#,
        r#"[{"op":"test","path":"","value":{"a":1}}]"#,
        Ok(r#"{"a":1}"#),
    ),
    (
        "test needs the parents",
        r#"{"a":1}"#,
        r#"[{"op":"test","path":"/b/c","value":1}]"#,
        Err("test operation does not apply: is missing path: /b/c: missing value"),
    ),
];

#[test]
fn members_are_added_replaced_and_removed() {
    check(MEMBERS);
}

#[test]
fn items_are_inserted_replaced_and_removed() {
    check(ITEMS);
}

#[test]
fn values_are_moved_and_copied() {
    check(MOVES);
}

#[test]
fn tests_decide_about_the_whole_patch() {
    check(TESTS);
}

#[test]
fn a_failed_test_is_told_from_a_patch_that_does_not_apply() {
    let arena = Bump::new();
    let document = Json::parse(br#"{"a":1}"#, &arena).unwrap();
    let test = |path: &str| Operation::Test {
        path: path.to_owned(),
        value: Some(Json::Int(2)),
    };
    let failed = apply_operations(document, &[test("/a")], &arena);
    assert!(matches!(failed, Err(PatchError::TestFailed(_))));
    let inapplicable = apply_operations(document, &[test("/b/c")], &arena);
    assert!(matches!(inapplicable, Err(PatchError::Failed(_))));
}

#[test]
fn what_is_not_changed_keeps_its_address() {
    let arena = Bump::new();
    let document = Json::parse(br#"{"a":{"x":[1]},"b":{"y":[2]}}"#, &arena).unwrap();
    let replace = Operation::Replace {
        path: "/b/y/0".to_owned(),
        value: Json::Int(3),
    };
    let patched = apply_operations(document, &[replace], &arena).unwrap();
    let before = document.at(&["a", "x"]).unwrap();
    assert!(std::ptr::eq(before, patched.at(&["a", "x"]).unwrap()));
    assert_eq!(document.to_string(), r#"{"a":{"x":[1]},"b":{"y":[2]}}"#);
}

#[test]
fn a_document_that_is_only_tested_is_the_very_same() {
    let arena = Bump::new();
    let document = Json::parse(br#"{"a":1}"#, &arena).unwrap();
    let test = Operation::Test {
        path: "/a".to_owned(),
        value: Some(Json::Int(1)),
    };
    let patched = apply_operations(document, &[test], &arena).unwrap();
    assert!(std::ptr::eq(document, patched));
}

#[test]
fn copies_do_not_double_an_object_without_end() {
    let arena = Bump::new();
    let document = Json::parse(br#"{"a":{"text":"0123456789"}}"#, &arena).unwrap();
    let copy = |round: usize| Operation::Copy {
        from: "/a".to_owned(),
        path: format!("/a/{round}"),
    };
    let operations: Vec<Operation<'_>> = (0..64).map(copy).collect();
    let error = apply_operations(document, &operations, &arena).unwrap_err();
    assert!(
        error.to_string().starts_with("Unable to complete the copy"),
        "{error}"
    );
}

#[test]
fn nothing_nests_deeper_than_what_can_be_parsed() {
    let arena = Bump::new();
    let document = Json::parse(b"{}", &arena).unwrap();
    let deeper = |depth: usize| Operation::Add {
        path: "/a".repeat(depth),
        value: Json::Object(Object::new(&arena, [])),
    };
    let reached: Vec<Operation<'_>> = (1..NESTING_MAX).map(deeper).collect();
    let deepest = apply_operations(document, &reached, &arena).unwrap();
    assert!(Json::parse(deepest.to_string().as_bytes(), &arena).is_ok());
    let error = apply_operations(deepest, &[deeper(NESTING_MAX)], &arena).unwrap_err();
    assert!(error.to_string().contains("nest deeper"), "{error}");
}

fn check(cases: &[Case]) {
    for (name, document, patch, expected) in cases {
        let arena = Bump::new();
        let document = Json::parse(document.as_bytes(), &arena).unwrap();
        let patch = Json::parse(patch.as_bytes(), &arena).unwrap();
        let operations: Vec<Operation<'_>> =
            patch.as_array().unwrap().iter().map(operation).collect();
        let result = apply_operations(document, &operations, &arena)
            .map(ToString::to_string)
            .map_err(|error| error.to_string());
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(result, expected, "{name}");
    }
}

fn operation<'a>(json: &Json<'a>) -> Operation<'a> {
    let text = |key| json.get(key).and_then(Json::as_str).unwrap().to_owned();
    let value = json.get("value").copied();
    match text("op").as_str() {
        "add" => Operation::Add {
            path: text("path"),
            value: value.unwrap(),
        },
        "remove" => Operation::Remove { path: text("path") },
        "replace" => Operation::Replace {
            path: text("path"),
            value: value.unwrap(),
        },
        "move" => Operation::Move {
            from: text("from"),
            path: text("path"),
        },
        "copy" => Operation::Copy {
            from: text("from"),
            path: text("path"),
        },
        "test" => Operation::Test {
            path: text("path"),
            value,
        },
        other => panic!("{other}"),
    }
}

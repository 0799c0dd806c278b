use admission_cel::json::Path;

use super::*;

fn json(text: &str) -> String {
    let arena = Bump::new();
    let documents: Vec<_> = parse(text, &arena)
        .map(|document| document.map_or_else(|error| error.to_string(), |d| d.json.to_string()))
        .collect();
    documents.join("\n")
}

#[test]
fn scalars_are_resolved_as_kubernetes_resolves_them() {
    for (yaml, expected) in [
        ("yes", "true"),
        ("off", "false"),
        ("0644", "420"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("1_000", "1000"),
        ("-12", "-12"),
        ("1.5", "1.5"),
        ("1e3", "1000"),
        ("089", "89"),
        ("1.0", "1"),
        ("1e+25", "1e+25"),
        ("!!binary aGVsbG8=", "\"hello\""),
        ("!custom x", "\"x\""),
        ("~", "null"),
        ("2024-01-01", "\"2024-01-01\""),
        ("1.2.3", "\"1.2.3\""),
        ("'yes'", "\"yes\""),
        ("\"0644\"", "\"0644\""),
        ("!!str 12", "\"12\""),
        ("200Mi", "\"200Mi\""),
        ("9223372036854775808", "9.223372036854776e+18"),
    ] {
        assert_eq!(
            json(&format!("a: {yaml}")),
            format!("{{\"a\":{expected}}}"),
            "{yaml}"
        );
    }
}

#[test]
fn keys_are_strings_whatever_they_look_like() {
    assert_eq!(
        json("{1: a, yes: b, 'no': c}"),
        r#"{"1":"a","true":"b","no":"c"}"#
    );
}

#[test]
fn anchors_and_merge_keys_are_followed() {
    let text = "base: &base {a: 1, b: 2}\nderived:\n  <<: *base\n  b: 3\nagain: *base\n";
    assert_eq!(
        json(text),
        r#"{"base":{"a":1,"b":2},"derived":{"a":1,"b":3},"again":{"a":1,"b":2}}"#
    );
}

#[test]
fn a_merge_key_overrides_what_stands_above_it() {
    // Not what YAML says, but what ends up in the cluster.
    assert_eq!(json("b: 1\n<<: {a: 2, b: 2}\na: 3\n"), r#"{"b":2,"a":3}"#);
    assert!(json("b: 1\n<<: {b: 2}\nb: 3\n").contains("set twice"));
}

#[test]
fn line_breaks_that_only_some_know_are_refused_unless_in_json() {
    for (text, expected) in [
        (
            "# comment\u{2028}privileged: true",
            "this character is read in different ways",
        ),
        ("a: 1\u{85}", "this character is read in different ways"),
        ("{\"a\": \"x\u{2028}y\"}", "x\u{2028}y"),
        ("a: \"x\\u2028y\"", "x\u{2028}y"),
        ("a: é – €", "é – €"),
    ] {
        let read = json(text);
        assert!(read.contains(expected), "{text:?}: {read}");
    }
}

#[test]
fn what_a_block_says_ends_where_the_file_does() {
    for (text, expected) in [
        ("a: |\n  x", r#"{"a":"x"}"#),
        ("a: |\n  x\n", r#"{"a":"x\n"}"#),
        ("a: >\n  x\n  y", r#"{"a":"x y"}"#),
        ("a: |\n  x\nb: 1", r#"{"a":"x\n","b":1}"#),
        ("a: |\n  x\n---\nb: 1", "{\"a\":\"x\\n\"}\n{\"b\":1}"),
    ] {
        assert_eq!(json(text), expected, "{text:?}");
    }
}

#[test]
fn what_yaml_1_1_reads_in_another_way_is_refused() {
    for text in [
        "{a:}",
        "{a:, b: c}",
        "[z:]",
        "[?b]",
        "{a: !b, c: d}",
        "1e3: a",
        "a: b\n\u{feff}c: d",
    ] {
        let arena = Bump::new();
        assert!(parse(text, &arena).next().unwrap().is_err(), "{text}");
    }
}

#[test]
fn a_broken_document_hides_no_other() {
    let text = "a: 1\n---\nb: [\n---\n# nothing here\n---\nc: 3\n";
    let arena = Bump::new();
    let results: Vec<_> = parse(text, &arena).collect();
    assert_eq!(results.len(), 3);
    assert!(results[0].is_ok() && results[1].is_err());
    assert_eq!(results[2].as_ref().unwrap().json.to_string(), r#"{"c":3}"#);
}

#[test]
fn a_duplicate_key_is_an_error_at_the_second_one() {
    let text = "a: 1\nb: 2\na: 3\n";
    let arena = Bump::new();
    let error = parse(text, &arena).next().unwrap().unwrap_err();
    assert_eq!(line_and_column(text, error.span.start), (3, 1));
    assert!(error.message.contains("`a` is set twice"), "{error}");
}

#[test]
fn what_json_cannot_express_is_an_error() {
    for text in ["a: .inf", "a: -.INF", "a: .nan", "~: a", "[a]: b"] {
        let arena = Bump::new();
        assert!(parse(text, &arena).next().unwrap().is_err(), "{text}");
    }
}

#[test]
fn nested_aliases_cannot_exhaust_memory() {
    let mut text = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let previous = format!("*l{},", level - 1).repeat(10);
        text.push_str(&format!("l{level}: &l{level} [{previous}]\n"));
    }
    assert!(json(&text).contains("more than"));
}

#[test]
fn deep_nesting_is_an_error() {
    for text in [
        "[".repeat(200),
        "- ".repeat(200),
        "[".repeat(100_000),
        "- ".repeat(100_000),
    ] {
        let arena = Bump::new();
        assert!(
            parse(&text, &arena).next().unwrap().is_err(),
            "{}",
            text.len()
        );
    }
}

#[test]
fn a_path_is_located_at_its_value_its_key_or_its_nearest_parent() {
    let text = "---\nspec:\n  containers:\n  - name: agent\n    image: x\n";
    let arena = Bump::new();
    let manifest = parse(text, &arena).next().unwrap().unwrap();
    let containers = Path::default().key("spec").key("containers");
    for (path, expected) in [
        (containers.index(0).key("image"), "x"),
        (containers.clone(), "containers"),
        (
            containers.index(0).key("securityContext").key("privileged"),
            "name: agent",
        ),
    ] {
        let span = manifest.spans.locate(manifest.json, &path).unwrap();
        let found = text.get(span).unwrap();
        assert!(found.starts_with(expected), "{path}: {found:?}");
    }
}

#[test]
fn json_is_read_too() {
    let text = "{\"a\": [1, true, null, \"x\\u00e9\\/\"],\n\t\"b\": {}}";
    assert_eq!(json(text), r#"{"a":[1,true,null,"xé/"],"b":{}}"#);
}

use bumpalo::Bump;
use serde_json::{Value, json};

use super::*;
use crate::matching::selector::{Operator, Requirement};
use crate::testing::parse;

fn document(spec: Value) -> Value {
    json!({
        "apiVersion": "cattlegrid.dev/v1alpha1",
        "kind": "PolicyException",
        "metadata": {"name": "old-scanner"},
        "spec": spec,
    })
}

fn spec() -> Value {
    json!({
        "policies": ["host-paths"],
        "namespaces": ["team-a"],
        "owner": "team-a@example.com",
        "reason": "the scanner is replaced in March",
        "expires": "2027-03-31T12:00:00+02:00",
    })
}

fn with(key: &str, value: Value) -> Value {
    let mut spec = spec();
    spec[key] = value;
    document(spec)
}

fn read(document: &Value) -> Vec<Result<Exception, Vec<String>>> {
    let arena = Bump::new();
    let document = Document {
        source: "exceptions.yaml",
        index: 0,
        json: parse(document, &arena),
    };
    let line = |error: &LoadError| format!("{}: {}", error.path, error.reason);
    exceptions(document)
        .into_iter()
        .map(|read| read.map_err(|errors| errors.iter().map(line).collect()))
        .collect()
}

#[test]
fn a_complete_exception_is_read() {
    let selector = json!({"matchLabels": {"app": "scanner"}});
    let read = read(&with("objectSelector", selector));
    let requirement = Requirement {
        key: "app".to_owned(),
        operator: Operator::In(vec!["scanner".to_owned()]),
    };
    let expected = Exception {
        name: "old-scanner".to_owned(),
        policies: vec!["host-paths".to_owned()],
        namespaces: vec!["team-a".to_owned()],
        object_selector: Selector {
            requirements: vec![requirement],
        },
        owner: "team-a@example.com".to_owned(),
        reason: "the scanner is replaced in March".to_owned(),
        expires: Timestamp::utc(1_806_487_200, 0),
    };
    assert_eq!(read, [Ok(expected)]);
}

#[test]
fn faults_are_told_with_their_place() {
    let mut of_another_version = document(spec());
    of_another_version["apiVersion"] = json!("cattlegrid.dev/v2");
    let mut without_spec = document(spec());
    without_spec.as_object_mut().unwrap().remove("spec");
    #[rustfmt::skip]
    let table = [
        (with("policies", json!(null)), "spec.policies: name at least one"),
        (with("policies", json!([])), "spec.policies: name at least one"),
        (with("policies", json!("host-paths")), "spec.policies: must be an array"),
        (with("policies", json!(["*"])), "spec.policies[0]: `*` must be lower-case"),
        (with("policies", json!(vec!["p"; 65])), "spec.policies: at most 64"),
        (with("namespaces", json!(null)), "spec.namespaces: name at least one"),
        (with("namespaces", json!([])), "spec.namespaces: name at least one; there is no form for all"),
        (with("namespaces", json!(["team-a", "*"])), "spec.namespaces[1]: `*` must be lower-case"),
        (with("namespaces", json!([7])), "spec.namespaces[0]: must be a string"),
        (with("objectSelector", json!({})), "spec.objectSelector: selects every object"),
        (with("objectSelector", json!({"matchExpressions": [{"key": "a", "operator": "In"}]})),
            "spec.objectSelector.matchExpressions[0].values: is required"),
        (with("objectSelector", json!({"labels": {"a": "b"}, "matchLabels": {"a": "b"}})), "spec.objectSelector.labels: unknown field"),
        (with("owner", json!(null)), "spec.owner: is required"),
        (with("owner", json!(" ")), "spec.owner: is required"),
        (with("reason", json!("")), "spec.reason: is required"),
        (with("reason", json!("x".repeat(1025))), "spec.reason: at most 1024 characters"),
        (with("expires", json!(null)), "spec.expires: is required"),
        (with("expires", json!("2027-03-31")), "spec.expires: `2027-03-31` is no time with a zone"),
        (with("expires", json!("2027-03-31T12:00:00")), "spec.expires: `2027-03-31T12:00:00` is no time with a zone"),
        (with("expires", json!("never")), "spec.expires: `never` is no time"),
        (with("expires", json!(1_806_487_200)), "spec.expires: must be a string"),
        (with("namespace", json!("team-a")), "spec.namespace: unknown field"),
        (of_another_version, "apiVersion: is not supported; use `cattlegrid.dev/v1alpha1`"),
        (without_spec, "spec: is required"),
    ];
    for (document, expected) in table {
        let found = read(&document);
        let [Err(lines)] = &found[..] else {
            panic!("{expected}: {found:?}");
        };
        assert!(
            matches!(&lines[..], [line] if line.starts_with(expected)),
            "{expected}: {lines:?}"
        );
    }
}

#[test]
fn the_items_of_a_list_are_read_each_by_itself() {
    for (api_version, kind) in [
        ("v1", "List"),
        ("cattlegrid.dev/v1alpha1", "PolicyExceptionList"),
    ] {
        let list = json!({
            "apiVersion": api_version,
            "kind": kind,
            "items": [with("owner", json!("")), {"kind": "Pod"}, document(spec())],
        });
        let found = read(&list);
        let [Err(lines), Ok(exception)] = &found[..] else {
            panic!("{found:?}");
        };
        assert!(lines[0].starts_with("items[0].spec.owner:"), "{lines:?}");
        assert_eq!(exception.name, "old-scanner");
    }
}

#[test]
fn a_kind_of_the_same_name_of_somebody_else_is_passed_over() {
    let theirs = json!({"apiVersion": "kyverno.io/v2", "kind": "PolicyException"});
    assert_eq!(read(&theirs), []);
}

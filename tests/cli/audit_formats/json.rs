//! `-o json` and its schema agree.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{FIXTURES, audit, fixture, parsed};
use crate::{cattlegrid, directory, path};

const SCHEMA: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/docs/audit-v1.schema.json"
));

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn documents() -> Vec<Value> {
    let files = directory(&[(
        "accepted.yaml",
        "version: accepted/v1\nfindings:\n- policy: p\n  object: Job a/b\n  path: spec\n  message: m\n  \
         action: deny\n  times: 2\n  fingerprint: 00000000000000000000000000000000\n",
    )]);
    let gone = path(&files, "accepted.yaml");
    let mut accepted = gone.replace("accepted.yaml", "written.yaml");
    cattlegrid(&[
        "audit",
        &fixture("manifests"),
        "--write-accepted",
        &accepted,
    ]);
    accepted = std::fs::canonicalize(accepted)
        .unwrap()
        .display()
        .to_string();
    vec![
        parsed(&audit("json", "clean", &["--show-mutations"])),
        parsed(&audit("json", "manifests", &["--accepted", &gone])),
        parsed(&audit("json", "manifests", &["--accepted", &accepted])),
        parsed(&audit("json", "broken", &[])),
        parsed(&cattlegrid(&["audit", "-o", "json", "missing.yaml"])),
        parsed(&cattlegrid(&["audit", "-o", "json", FIXTURES])),
    ]
}

/// Names of members, with the definition that they are in.
fn members(schema: &Value) -> BTreeSet<String> {
    let definitions = schema["$defs"].as_object().unwrap();
    let named = definitions.iter().map(|(name, one)| (name.as_str(), one));
    named
        .chain([("", schema)])
        .flat_map(|(name, one)| {
            let properties = one["properties"].as_object().unwrap();
            properties.keys().map(move |key| format!("{name}.{key}"))
        })
        .collect()
}

fn used(documents: &[Value]) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let mut add = |name: &str, value: &Value| {
        let members = value.as_object().into_iter().flatten();
        used.extend(members.map(|(key, _)| format!("{name}.{key}")));
    };
    for document in documents {
        add("", document);
        add("summary", &document["summary"]);
        for (list, name) in [
            ("findings", "finding"),
            ("notEvaluated", "notEvaluated"),
            ("unreadable", "unreadable"),
            ("mutations", "mutation"),
            ("gone", "gone"),
        ] {
            for item in document[list].as_array().unwrap() {
                add(name, item);
                for part in ["subject", "origin", "place"] {
                    add(part, &item[part]);
                }
            }
        }
    }
    used
}

#[test]
fn real_output_is_valid_and_leaves_no_member_of_the_schema_out() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let documents = documents();
    for document in &documents {
        let errors: Vec<String> = validator
            .iter_errors(document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    // Only findings about changes have an old object.
    let expected = members(&schema());
    let used = used(&documents);
    let unused: Vec<&String> = expected.difference(&used).collect();
    assert!(
        unused.iter().all(|name| *name == "finding.root"),
        "{unused:?}"
    );
}

#[test]
fn a_finding_says_what_follows_and_who_lets_it_off() {
    let document = parsed(&audit("json", "manifests", &[]));
    let findings = document["findings"].as_array().unwrap();
    let of = |kind: &str| {
        let mut found = findings.iter().filter(|finding| {
            finding["policy"] == "host-paths"
                && finding["subject"]["namespace"].as_str() == Some(kind)
        });
        found.next().unwrap()
    };
    for (namespace, action) in [
        ("agents", "deny"),
        ("warned", "warn"),
        ("recorded", "audit"),
        ("excepted", "deny"),
    ] {
        assert_eq!(of(namespace)["action"], action, "{namespace}");
    }
    assert_eq!(of("excepted")["exception"]["owner"], "team-a@example.com");
    assert!(of("agents").get("exception").is_none());
    assert_eq!(document["summary"]["exitCode"], 1);
}

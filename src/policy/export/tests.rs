use std::str::FromStr as _;

use serde_json::Value;

use super::version::Version;
use super::{Choice, export};
use crate::baseline::Baseline;
use crate::load::{self, Source};

fn baseline(change: &Value) -> Baseline {
    let shipped = load::baseline(&load::embedded_baseline().unwrap()).unwrap();
    let mut value = shipped.value().unwrap();
    json_patch::merge(&mut value, change);
    Baseline::from_json(value.to_string()).unwrap()
}

fn exported(version: &str, is_fused: bool, change: &Value, exceptions: &[Source]) -> String {
    let choice = Choice {
        version: Version::from_str(version).unwrap(),
        is_fused,
    };
    export(
        &load::embedded_policies(),
        &baseline(change),
        exceptions,
        choice,
    )
    .unwrap()
}

fn objects(text: &str) -> Vec<Value> {
    let source = Source {
        name: "exported".to_owned(),
        text: text.to_owned(),
    };
    load::values(&source).unwrap()
}

fn unchanged() -> Value {
    serde_json::json!({})
}

/// Names of the policies of an export.
fn policies(objects: &[Value]) -> Vec<&str> {
    let is_policy = |object: &&Value| {
        object["kind"]
            .as_str()
            .unwrap()
            .ends_with("AdmissionPolicy")
    };
    let names = objects.iter().filter(is_policy);
    names
        .map(|object| object["metadata"]["name"].as_str().unwrap())
        .collect()
}

fn actions<'o>(objects: &'o [Value], binding: &str) -> &'o Value {
    let found = objects
        .iter()
        .find(|object| object["metadata"]["name"] == binding);
    &found.unwrap()["spec"]["validationActions"]
}

#[test]
fn an_export_is_the_whole_set_with_its_baseline() {
    let text = exported("1.36", false, &unchanged(), &[]);
    let objects = objects(&text);
    let set = load::compile(&load::embedded_policies()).unwrap();
    let mut known: Vec<&str> = set
        .policies()
        .map(|policy| &*policy.definition.name)
        .collect();
    let mut found = policies(&objects);
    known.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, known);
    assert_eq!(objects[0]["kind"], "CustomResourceDefinition");
    assert_eq!(objects[1]["kind"], "AgentBaseline");
    assert!(text.contains(set.digest()), "the set is named");
}

#[test]
fn actions_of_the_baseline_become_validation_actions() {
    let change = serde_json::json!({"spec": {"policies": {
        "host-paths": {"action": "warn"}, "deadlines": {"action": "audit"}, "resources": {"action": "off"}
    }}});
    let text = exported("1.36", false, &change, &[]);
    let objects = objects(&text);
    let list = |actions: &[&str]| serde_json::json!(actions);
    assert_eq!(
        *actions(&objects, "host-paths-enforce"),
        list(&["Warn", "Audit"])
    );
    assert_eq!(*actions(&objects, "host-paths-audit"), list(&["Audit"]));
    assert_eq!(*actions(&objects, "deadlines-enforce"), list(&["Audit"]));
    assert_eq!(
        *actions(&objects, "persistent-volumes-enforce"),
        list(&["Deny"])
    );
    assert!(!policies(&objects).contains(&"resources"));
    assert!(
        text.contains("# - resources is off in the baseline and left out."),
        "{text}"
    );
}

#[test]
fn an_older_version_gets_what_it_takes_and_is_told_the_rest() {
    let text = exported("1.30", false, &unchanged(), &[]);
    let objects = objects(&text);
    let kinds = objects
        .iter()
        .map(|object| object["kind"].as_str().unwrap());
    assert!(kinds.clone().all(|kind| !kind.starts_with("Mutating")));
    assert!(policies(&objects).contains(&"host-paths"), "{text}");
    assert!(policies(&objects).contains(&"deadlines"), "{text}");
    assert!(
        text.contains("deadlines has fixed messages in place of computed ones."),
        "{text}"
    );
    assert!(
        text.contains("inject-bounds is left out: MutatingAdmissionPolicy v1"),
        "{text}"
    );
    for version in ["1.29", "1.37", "2.30", "latest"] {
        let error = Version::from_str(version).unwrap_err();
        assert!(error.contains("1.30 to 1.36"), "{version}: {error}");
    }
}

#[test]
fn a_fused_export_holds_every_validation_in_fewer_policies() {
    let apart = objects(&exported("1.36", false, &unchanged(), &[]));
    let fused = objects(&exported("1.36", true, &unchanged(), &[]));
    let messages = |objects: &[Value]| {
        let validations = objects
            .iter()
            .filter_map(|object| object["spec"]["validations"].as_array());
        let mut messages: Vec<String> = validations
            .flatten()
            .map(|validation| validation["message"].as_str().unwrap().to_owned())
            .collect();
        messages.sort();
        messages
    };
    assert_eq!(messages(&fused), messages(&apart));
    assert!(policies(&fused).len() < policies(&apart).len());
    let text = crate::generate::yaml(&fused).unwrap();
    let sources = [Source {
        name: "fused".to_owned(),
        text,
    }];
    load::compile(&sources).unwrap();
}

#[test]
fn exceptions_are_not_exported_and_named() {
    let exception = Source {
        name: "exceptions.yaml".to_owned(),
        text:
            "apiVersion: cattlegrid.dev/v1alpha1\nkind: PolicyException\nmetadata: {name: legacy}\n\
               spec: {policies: [host-paths, unknown], namespaces: [triage], owner: o, reason: r, \
               expires: '2027-01-01T00:00:00Z'}\n"
                .to_owned(),
    };
    let text = exported("1.36", false, &unchanged(), &[exception]);
    assert!(
        text.contains("PolicyException legacy has no effect here"),
        "{text}"
    );
    assert!(
        objects(&text)
            .iter()
            .all(|object| object["kind"] != "PolicyException")
    );
}

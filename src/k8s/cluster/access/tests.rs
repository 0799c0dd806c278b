use bumpalo::Bump;
use serde_json::{Value, json};

use super::*;

fn question() -> Question<'static> {
    Question {
        group: "cattlegrid.dev",
        resource: "trustphases",
        namespace: "agents",
        name: "autonomous",
        verb: "use",
        ..Question::default()
    }
}

fn ada() -> Arc<Subject> {
    let arena = Bump::new();
    let extra = Json::from_serde(&json!({"example.org/scope": ["a", "b"]}), &arena);
    Arc::new(Subject::of_user(&User {
        name: "ada",
        uid: "7",
        groups: vec!["dev", "system:authenticated"],
        extra: Some(&extra),
    }))
}

fn spec(question: &Question<'_>) -> Value {
    let review = AccessQuestion::new(question, &ada()).review();
    serde_json::to_value(review).unwrap()["spec"].clone()
}

#[test]
fn the_requester_is_asked_about_with_everything_an_authorizer_may_look_at() {
    assert_eq!(
        spec(&question()),
        json!({
            "user": "ada",
            "uid": "7",
            "groups": ["dev", "system:authenticated"],
            "extra": {"example.org/scope": ["a", "b"]},
            "resourceAttributes": {
                "group": "cattlegrid.dev",
                "version": "*",
                "resource": "trustphases",
                "namespace": "agents",
                "name": "autonomous",
                "verb": "use",
            },
        })
    );
}

#[test]
fn a_service_account_is_asked_about_by_its_user_name_and_groups() {
    let asked = spec(&Question {
        service_account: Some(("ns", "sa")),
        ..question()
    });
    assert_eq!(asked["user"], "system:serviceaccount:ns:sa");
    assert_eq!(
        asked["groups"],
        json!(["system:serviceaccounts", "system:serviceaccounts:ns"])
    );
}

#[test]
fn paths_and_selectors_are_passed_on() {
    let path = spec(&Question {
        path: Some("/healthz"),
        verb: "get",
        ..Question::default()
    });
    assert_eq!(
        path["nonResourceAttributes"],
        json!({"path": "/healthz", "verb": "get"})
    );
    assert_eq!(path["resourceAttributes"], Value::Null);
    let selected = spec(&Question {
        field_selector: "a=b",
        label_selector: "c",
        ..question()
    });
    let attributes = &selected["resourceAttributes"];
    assert_eq!(attributes["fieldSelector"], json!({"rawSelector": "a=b"}));
    assert_eq!(attributes["labelSelector"], json!({"rawSelector": "c"}));
}

#[test]
fn questions_of_users_that_differ_only_in_extra_are_different() {
    let other = Arc::new(Subject {
        extra: BTreeMap::new(),
        ..(*ada()).clone()
    });
    let question = question();
    assert_ne!(
        AccessQuestion::new(&question, &ada()),
        AccessQuestion::new(&question, &other)
    );
}

//! What a fingerprint survives, and what it does not.

use admission_cel::json::Path;
use admission_policy::finding::Verdict;
use bumpalo::Bump;
use serde_json::{Value, json};

use super::*;

fn subject() -> Subject {
    Subject {
        api_version: "batch/v1".to_owned(),
        kind: "Job".to_owned(),
        namespace: "agents".to_owned(),
        name: "triage-*".to_owned(),
        ..Subject::default()
    }
}

fn finding(path: Path) -> Finding {
    Finding {
        policy: "image-provenance".into(),
        binding: "image-provenance-enforce".into(),
        validation: Some(0),
        verdict: Verdict::Fail,
        root: Root::Object,
        path: Some(path),
        reason: "Invalid".to_owned(),
        message: "the image has no digest".to_owned(),
        remediation: None,
        exception: None,
    }
}

fn image(index: usize) -> Path {
    Path::default()
        .key("spec")
        .key("containers")
        .index(index)
        .key("image")
}

fn identity(object: &Value, finding: &Finding) -> Identity {
    let arena = Bump::new();
    Identity::of(
        &subject(),
        finding,
        &Json::from_serde(object, &arena),
        false,
    )
}

fn pod(containers: Value) -> Value {
    json!({"spec": {"containers": containers}})
}

#[test]
fn items_are_named_and_may_change_their_order() {
    let before = pod(json!([{"name": "agent"}, {"name": "proxy"}]));
    let after = pod(json!([{"name": "proxy"}, {"name": "tools"}, {"name": "agent"}]));
    let (before, after) = (
        identity(&before, &finding(image(0))),
        identity(&after, &finding(image(2))),
    );
    assert_eq!(before.path, "spec.containers[name=agent].image");
    assert_eq!(before, after);
    assert_eq!(before.fingerprint.len(), 2 * FINGERPRINT_BYTES);
}

#[test]
fn items_without_a_name_of_their_own_are_counted() {
    for containers in [
        json!([{"image": "a"}, {"image": "b"}]),
        json!([{"name": "a"}, {"name": "a"}]),
    ] {
        let identity = identity(&pod(containers), &finding(image(1)));
        assert_eq!(identity.path, "spec.containers[1].image");
    }
}

#[test]
fn mounts_are_named_by_where_they_are() {
    let mounts =
        json!([{"name": "state", "mountPath": "/a"}, {"name": "state", "mountPath": "/b"}]);
    let path = Path::default().key("mounts").index(1).key("readOnly");
    let identity = identity(&json!({"mounts": mounts}), &finding(path));
    assert_eq!(identity.path, "mounts[mountPath=/b].readOnly");
}

#[test]
fn what_was_said_of_what_by_which_policy_counts_and_what_follows_does_not() {
    let object = pod(json!([{"name": "agent"}]));
    let original = identity(&object, &finding(image(0)));
    let changed = |change: &dyn Fn(&mut Finding)| {
        let mut finding = finding(image(0));
        change(&mut finding);
        identity(&object, &finding).fingerprint
    };
    for (change, is_same) in [
        ((|f| f.binding = "warn".into()) as fn(&mut Finding), true),
        (|f| f.remediation = Some("do".into()), true),
        (|f| f.policy = "other".into(), false),
        (|f| f.message = "another".to_owned(), false),
        (|f| f.path = None, false),
        (|f| f.root = Root::OldObject, false),
    ] {
        assert_eq!(changed(&change) == original.fingerprint, is_same);
    }
}

#[test]
fn the_message_of_a_confidential_policy_is_not_in_it() {
    let (object, arena) = (pod(json!([{"name": "agent"}])), Bump::new());
    let object = Json::from_serde(&object, &arena);
    let of = |message: &str| {
        let finding = Finding {
            message: message.to_owned(),
            ..finding(image(0))
        };
        Identity::of(&subject(), &finding, &object, true)
    };
    assert_eq!(of("the password is hunter2"), of("the password is hunter3"));
}

#[test]
fn a_path_into_nothing_is_told_as_it_is() {
    let path = Path::default().key("a").index(3).key("b/c");
    assert_eq!(identity(&json!({}), &finding(path)).path, "a[3][b/c]");
}

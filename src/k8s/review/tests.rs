use serde_json::{Value, json};

use super::*;

fn review() -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "a-uid",
            "operation": "CREATE",
            "kind": {"group": "batch", "version": "v1", "kind": "Job"},
            "resource": {"group": "batch", "version": "v1", "resource": "jobs"},
            "namespace": "agents",
            "userInfo": {"username": "ada", "groups": ["dev"], "extra": {"a": ["b"]}},
            "object": {"spec": {}},
        },
    })
}

fn with<T>(review: &Value, check: impl FnOnce(Result<Request<'_>, ReviewError>) -> T) -> T {
    let arena = Bump::new();
    let node = arena.alloc(Json::from_serde(review, &arena));
    check(read(node, &arena))
}

fn replaced(pointer: &str, value: Value) -> Value {
    let mut review = review();
    *review.pointer_mut(pointer).unwrap() = value;
    review
}

#[test]
fn a_review_is_read_and_the_request_variable_leaves_out_the_objects() {
    with(&review(), |request| {
        let request = request.unwrap();
        assert_eq!(request.uid, "a-uid");
        assert_eq!(request.kind.kind, "Job");
        assert_eq!(request.subresource, "");
        assert_eq!(request.user.groups, ["dev"]);
        assert!(request.object.is_some());
        assert!(request.variable.get("object").is_none());
        assert_eq!(
            request.variable.get("namespace").unwrap().as_str(),
            Some("agents")
        );
    });
}

#[test]
fn what_has_no_uid_is_no_review() {
    for (pointer, value, expected) in [
        ("", json!([]), "must be a JSON object"),
        (
            "/apiVersion",
            json!("admission.k8s.io/v1beta1"),
            "expected apiVersion",
        ),
        ("/kind", json!("Job"), "expected apiVersion"),
        ("/request", json!(null), "`request` must be an object"),
        ("/request/uid", json!(""), "`request.uid`"),
        ("/request/uid", json!(7), "`request.uid`"),
    ] {
        with(&replaced(pointer, value), |request| match request {
            Err(ReviewError::NotAReview(message)) => {
                assert!(message.contains(expected), "{message}")
            }
            other => panic!("{pointer}: {other:?}"),
        });
    }
}

#[test]
fn what_has_a_uid_but_cannot_be_judged_keeps_its_uid_and_says_what_is_wrong() {
    for (pointer, value, expected) in [
        ("/request/operation", json!("PATCH"), "`request.operation`"),
        (
            "/request/operation",
            json!("UPDATE"),
            "`request.oldObject` is missing",
        ),
        (
            "/request/kind",
            json!("Job"),
            "`request.kind` must be an object",
        ),
        (
            "/request/kind/kind",
            json!(""),
            "`request.kind.kind` must not be empty",
        ),
        (
            "/request/resource/version",
            json!(1),
            "`request.resource.version` must be a string",
        ),
        (
            "/request/namespace",
            json!({}),
            "`request.namespace` must be a string",
        ),
        (
            "/request/userInfo",
            json!(null),
            "`request.userInfo` must be an object",
        ),
        (
            "/request/userInfo/groups",
            json!(["a", 1]),
            "`request.userInfo.groups`",
        ),
        (
            "/request/userInfo/extra",
            json!({"a": "b"}),
            "`request.userInfo.extra`",
        ),
        (
            "/request/object",
            json!("text"),
            "`request.object` must be an object",
        ),
        (
            "/request/object",
            json!(null),
            "`request.object` is missing",
        ),
    ] {
        with(&replaced(pointer, value), |request| match request {
            Err(ReviewError::Undecodable { uid, reason }) => {
                assert_eq!(uid, "a-uid");
                assert!(reason.contains(expected), "{reason}");
            }
            other => panic!("{pointer}: {other:?}"),
        });
    }
}

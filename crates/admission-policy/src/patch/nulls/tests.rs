use serde_json::{Value, json};

use super::*;
use crate::patch::schema::schema_of;

fn cleared_pod(pod: &Value) -> (Value, bool) {
    let arena = Bump::new();
    let object: &Json<'_> = arena.alloc(Json::from_serde(pod, &arena));
    let cleared = without_nulls(schema_of("", "v1", "Pod").unwrap(), object, &arena);
    let is_the_very_same = std::ptr::eq(cleared, object);
    (serde_json::to_value(cleared).unwrap(), is_the_very_same)
}

#[test]
fn fields_that_are_null_are_not_there() {
    let (cleared, _) = cleared_pod(&json!({
        "metadata": {"creationTimestamp": null, "labels": {"a": null, "b": "c"}},
        "spec": {
            "priority": null,
            "nodeSelector": {"x": null},
            "tolerations": [{"key": "k", "tolerationSeconds": null}],
            "containers": [{"name": "a", "command": null, "futureField": null}],
        },
        "novel": null,
    }));
    assert_eq!(
        cleared,
        json!({
            "metadata": {"labels": {"a": "", "b": "c"}},
            "spec": {
                "nodeSelector": {"x": ""},
                "tolerations": [{"key": "k"}],
                "containers": [{"name": "a", "futureField": null}],
            },
            "novel": null,
        })
    );
}

#[test]
fn an_object_without_nulls_is_the_very_same() {
    let pod = json!({"spec": {"containers": [{"name": "a"}], "tolerations": []}});
    assert_eq!(cleared_pod(&pod), (pod.clone(), true));
}

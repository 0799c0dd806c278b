use admission_policy::request::{GroupVersionKind, GroupVersionResource, User};
use serde_json::{Value, json};

use super::*;

fn assigned(group: &str, resource: &str, object: &Value) -> Option<(Value, String)> {
    assigned_by("alice", group, resource, object)
}

fn assigned_by(user: &str, group: &str, resource: &str, object: &Value) -> Option<(Value, String)> {
    let arena = Bump::new();
    let object = arena.alloc(Json::from_serde(object, &arena));
    let request = Request {
        uid: "1",
        operation: Operation::Create,
        kind: GroupVersionKind::default(),
        resource: GroupVersionResource {
            group,
            version: "v1",
            resource,
        },
        subresource: "",
        name: "",
        namespace: "agents",
        user: User {
            name: user,
            ..User::default()
        },
        object: Some(object),
        old_object: None,
        old_object_unknown: None,
        dry_run: false,
        variable: &Json::Null,
    };
    let assigned = assign(&request, object, &|| "new-identifier".to_owned(), &arena).unwrap()?;
    Some((
        serde_json::to_value(assigned.object).unwrap(),
        assigned.id.to_owned(),
    ))
}

fn job(labels: Value, template_labels: Value) -> Value {
    json!({
        "metadata": {"generateName": "agent-", "labels": labels},
        "spec": {"template": {
            "metadata": {"labels": template_labels},
            "spec": {"initContainers": [{"name": "i"}], "containers": [{"name": "c", "env": []}]},
        }},
    })
}

#[test]
fn a_job_without_id_gets_a_new_one_on_itself_its_template_and_every_container() {
    let (object, id) = assigned("batch", "jobs", &job(json!(null), json!({"a": "b"}))).unwrap();
    assert_eq!(id, "new-identifier");
    assert_eq!(object["metadata"]["labels"], json!({INVESTIGATION: id}));
    let template = &object["spec"]["template"];
    assert_eq!(
        template["metadata"]["labels"],
        json!({"a": "b", INVESTIGATION: id})
    );
    for container in ["initContainers", "containers"] {
        let variable = &template["spec"][container][0]["env"][0];
        assert_eq!(variable["name"], ENVIRONMENT_VARIABLE);
        assert_eq!(variable["valueFrom"]["fieldRef"]["fieldPath"], FIELD_PATH);
    }
}

#[test]
fn a_valid_id_is_kept_and_copied_wherever_it_was_set() {
    let labelled = json!({INVESTIGATION: "ticket-4711"});
    for object in [
        job(labelled.clone(), json!({})),
        job(json!({}), labelled.clone()),
    ] {
        let (object, id) = assigned("batch", "jobs", &object).unwrap();
        assert_eq!(id, "ticket-4711");
        assert_eq!(object["metadata"]["labels"], labelled);
        assert_eq!(object["spec"]["template"]["metadata"]["labels"], labelled);
    }
}

#[test]
fn an_id_that_is_no_label_value_of_8_to_63_characters_is_replaced() {
    for invalid in [
        "short",
        "-starts-with-dash",
        "has space in it",
        &"x".repeat(64),
    ] {
        let (_, id) = assigned(
            "batch",
            "jobs",
            &job(json!({INVESTIGATION: invalid}), json!({})),
        )
        .unwrap();
        assert_eq!(id, "new-identifier", "{invalid}");
    }
}

#[test]
fn a_second_pass_changes_nothing() {
    let (once, _) = assigned("batch", "jobs", &job(json!({}), json!({}))).unwrap();
    let (twice, _) = assigned("batch", "jobs", &once).unwrap();
    assert_eq!(once, twice);
}

#[test]
fn a_forged_variable_is_replaced() {
    let pod = json!({"spec": {"containers": [
        {"name": "c", "env": [{"name": ENVIRONMENT_VARIABLE, "value": "someone-else"}]},
    ]}});
    let (object, _) = assigned("", "pods", &pod).unwrap();
    let variable = &object["spec"]["containers"][0]["env"][0];
    assert_eq!(variable["value"], Value::Null);
    assert_eq!(variable["valueFrom"]["fieldRef"]["fieldPath"], FIELD_PATH);
}

#[test]
fn of_several_variables_one_is_left_since_the_last_would_count() {
    let forged = json!({"name": ENVIRONMENT_VARIABLE, "value": "someone-else"});
    let right = json!({"name": ENVIRONMENT_VARIABLE,
                       "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": FIELD_PATH}}});
    let other = json!({"name": "OTHER", "value": "x"});
    for environment in [
        json!([right, forged, other, forged]),
        json!([forged, other, right]),
    ] {
        let pod = json!({"spec": {"containers": [{"name": "c", "env": environment}]}});
        let (object, _) = assigned("", "pods", &pod).unwrap();
        assert_eq!(
            object["spec"]["containers"][0]["env"],
            json!([right, other])
        );
    }
}

#[test]
fn cron_jobs_and_mirror_pods_get_none() {
    assert!(assigned("batch", "cronjobs", &json!({"spec": {}})).is_none());
    let mirror = json!({"metadata": {"annotations": {"kubernetes.io/config.mirror": "x"}}});
    assert!(assigned_by("system:node:worker", "", "pods", &mirror).is_none());
}

#[test]
fn a_pod_that_only_says_that_it_is_a_mirror_pod_gets_one() {
    let forged = json!({"metadata": {"annotations": {"kubernetes.io/config.mirror": "x"}}});
    assert!(assigned("", "pods", &forged).is_some());
}

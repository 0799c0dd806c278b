use admission_cel::json::Json;
use bumpalo::Bump;
use serde_json::{Value, json};

use super::{end_of, is_end};
use crate::evidence::bounds::Bounds;
use crate::k8s::review;

fn end(resource: &str, status: &Value) -> Value {
    let arena = Bump::new();
    let (group, kind) = if resource == "jobs" {
        ("batch", "Job")
    } else {
        ("", "Pod")
    };
    let text = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "1", "operation": "DELETE",
        "kind": {"group": group, "version": "v1", "kind": kind},
        "resource": {"group": group, "version": "v1", "resource": resource},
        "userInfo": {}, "oldObject": {"status": status}}})
    .to_string();
    let review = Json::parse(text.as_bytes(), &arena).unwrap();
    let request = review::read(review, &arena).unwrap();
    assert!(is_end(&request));
    serde_json::to_value(end_of(&request, &mut Bounds::default())).unwrap()
}

#[test]
fn a_job_ends_as_its_conditions_say() {
    let table = [
        (
            json!({"startTime": "2026-11-23T01:00:00Z", "completionTime": "2026-11-23T01:01:00Z", "succeeded": 1,
                "conditions": [{"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True", "reason": "CompletionsReached"}]}),
            json!({"ended": "2026-11-23T01:01:00Z", "reason": "CompletionsReached", "started": "2026-11-23T01:00:00Z", "state": "succeeded", "succeeded": 1}),
        ),
        (
            json!({"startTime": "2026-11-23T01:00:00Z", "failed": 1, "conditions": [{"type": "Failed", "status": "True",
                "reason": "DeadlineExceeded", "message": "not-to-be-seen", "lastTransitionTime": "2026-11-23T01:02:00Z"}]}),
            json!({"deadlineExceeded": true, "ended": "2026-11-23T01:02:00Z", "failed": 1, "reason": "DeadlineExceeded", "started": "2026-11-23T01:00:00Z", "state": "failed"}),
        ),
        (
            json!({"startTime": "2026-11-23T01:00:00Z", "active": 1, "conditions": [{"type": "Failed", "status": "False"}]}),
            json!({"started": "2026-11-23T01:00:00Z", "state": "unfinished"}),
        ),
        (Value::Null, json!({"state": "unfinished"})),
        (
            json!({"conditions": [{"type": "Failed", "status": "True", "reason": "a message in the wrong place"}]}),
            json!({"state": "failed"}),
        ),
    ];
    for (status, expected) in table {
        assert_eq!(end("jobs", &status), expected, "{status}");
    }
}

#[test]
fn a_pod_ends_with_the_exit_codes_of_its_containers() {
    let status = json!({"phase": "Failed", "reason": "DeadlineExceeded", "startTime": "2026-11-23T01:00:00Z",
        "message": "not-to-be-seen",
        "initContainerStatuses": [{"name": "fetch", "restartCount": 0, "state": {"terminated":
            {"exitCode": 0, "reason": "Completed", "startedAt": "2026-11-23T01:00:01Z", "finishedAt": "2026-11-23T01:00:02Z"}}}],
        "containerStatuses": [
            {"name": "agent", "restartCount": 2, "state": {"terminated": {"exitCode": 137, "signal": 9, "reason": "OOMKilled",
                "message": "not-to-be-seen", "startedAt": "2026-11-23T01:00:03Z", "finishedAt": "2026-11-23T01:00:04Z"}}},
            {"name": "proxy", "state": {"running": {"startedAt": "2026-11-23T01:00:01Z"}}},
            {"name": "waits", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 1}}}]});
    assert_eq!(
        end("pods", &status),
        json!({
            "containers": [
                {"container": "fetch", "ended": "2026-11-23T01:00:02Z", "exitCode": 0, "reason": "Completed",
                    "started": "2026-11-23T01:00:01Z", "state": "terminated"},
                {"container": "agent", "ended": "2026-11-23T01:00:04Z", "exitCode": 137, "reason": "OOMKilled", "restarts": 2,
                    "signal": 9, "started": "2026-11-23T01:00:03Z", "state": "terminated"},
                {"container": "proxy", "started": "2026-11-23T01:00:01Z", "state": "running"},
                {"container": "waits", "exitCode": 1, "state": "waiting"},
            ],
            "deadlineExceeded": true,
            "ended": "2026-11-23T01:00:04Z",
            "outOfMemory": true,
            "reason": "DeadlineExceeded",
            "started": "2026-11-23T01:00:00Z",
            "state": "failed",
        })
    );
}

#[test]
fn a_pod_that_is_deleted_while_it_runs_has_not_finished() {
    let status =
        json!({"phase": "Running", "containerStatuses": [{"name": "a", "state": {"running": {}}}]});
    assert_eq!(end("pods", &status)["state"], "unfinished");
}

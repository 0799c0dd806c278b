//! `cattlegrid audit --audit-log`.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::{cattlegrid, directory, path, stderr, stdout};

const NAMESPACE: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: agents, labels: {cattlegrid.dev/agents: enforce}}
";

/// Patched over an event: when, what about, by whom.
struct Sent {
    audit_id: &'static str,
    verb: &'static str,
    resource: (&'static str, &'static str, &'static str),
    uri: &'static str,
    object: Value,
    more: Value,
}

impl Sent {
    fn creation(audit_id: &'static str, object: Value) -> Self {
        Self {
            audit_id,
            verb: "create",
            resource: ("batch", "jobs", ""),
            uri: "/apis/batch/v1/namespaces/agents/jobs",
            object,
            more: json!({}),
        }
    }

    fn with(self, more: Value) -> Self {
        Self { more, ..self }
    }

    fn line(&self) -> String {
        let (group, resource, subresource) = self.resource;
        let mut event = json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request",
            "auditID": self.audit_id, "stage": "ResponseComplete", "requestURI": self.uri,
            "verb": self.verb,
            "user": {"username": "ann", "groups": ["dev", "system:authenticated"]},
            "objectRef": {"resource": resource, "subresource": subresource,
                          "namespace": "agents", "name": "a", "apiGroup": group,
                          "apiVersion": "v1"},
            "responseStatus": {"metadata": {}, "code": 201},
            "requestObject": self.object,
            "requestReceivedTimestamp": "2026-11-16T03:15:00.000000Z",
            "stageTimestamp": "2026-11-16T03:15:00.100000Z",
        });
        json_patch::merge(&mut event, &self.more);
        event.to_string()
    }
}

fn job(volumes: Value) -> Value {
    let image = format!("r.example/a@sha256:{}", "0".repeat(64));
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"},
        "spec": {"template": {"spec": {
            "containers": [{"name": "agent", "image": image}], "volumes": volumes,
        }}},
    })
}

fn pet() -> Value {
    job(json!([{"name": "run", "hostPath": {"path": "/run"}}]))
}

/// Replays lines, with the Namespace known.
fn replay(lines: &[String]) -> Output {
    let log: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    let files = directory(&[("audit.log", &log), ("namespace.yaml", NAMESPACE)]);
    let (log, namespace) = (path(&files, "audit.log"), path(&files, "namespace.yaml"));
    cattlegrid(&["audit", "--audit-log", &log, &namespace])
}

#[test]
fn what_would_have_been_refused_is_told_by_user_and_policy() {
    let later = json!({"requestReceivedTimestamp": "2026-11-17T03:15:00.000000Z",
                       "user": {"username": "ann"}});
    let bob = json!({"impersonatedUser": {"username": "bob", "groups": ["system:authenticated"]}});
    let output = replay(&[
        Sent::creation("1", pet()).line(),
        Sent::creation("2", pet()).with(later).line(),
        Sent::creation("3", pet()).with(bob).line(),
        Sent::creation("4", job(json!([]))).line(),
    ]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}{}", stderr(&output));
    for expected in [
        "ann would be refused 2 requests, 2026-11-16T03:15:00Z to 2026-11-17T03:15:00Z\n",
        "  deny[host-paths] 2 requests, 2026-11-16",
        "audit.log:1: spec.template.spec.volumes[0].hostPath of Job agents/a: ",
        "bob would be refused 1 request, 2026-11-16T03:15:00Z\n",
        "3 requests of 2 users would be refused\n",
        "4 objects judged, ",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn each_request_is_judged_once_whatever_the_log_tells_of_it() {
    let received = json!({"stage": "RequestReceived"});
    let output = replay(&[
        Sent::creation("1", pet()).with(received).line(),
        Sent::creation("1", pet()).line(),
        Sent::creation("1", pet()).line(),
    ]);
    let text = stdout(&output);
    assert!(
        text.contains("1 request of 1 user would be refused"),
        "{text}"
    );
    let notes = stderr(&output);
    assert!(
        notes.contains("note: 1 request judged once, though the logs hold them twice"),
        "{notes}"
    );
}

#[test]
fn what_the_api_server_refused_and_what_holds_no_object_is_counted() {
    let refused = json!({"responseStatus": {"code": 403}});
    let bare = json!({"level": "Metadata", "requestObject": null});
    let output = replay(&[
        Sent::creation("1", pet()).with(refused).line(),
        Sent::creation("2", pet())
            .with(json!({"stage": "Panic"}))
            .line(),
        Sent::creation("3", pet()).with(bare).line(),
        Sent::creation("4", job(json!([]))).line(),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let notes = stderr(&output);
    for expected in [
        "note: 2 requests not judged: the API server refused them or failed anyway",
        "note: 1 request not judged: the log holds no object of them",
    ] {
        assert!(notes.contains(expected), "{notes}");
    }
}

/// A change of an object by `verb`.
fn change(verb: &'static str, object: Value, more: Value) -> String {
    let mut all = json!({"responseStatus": {"code": 200}});
    json_patch::merge(&mut all, &more);
    Sent {
        verb,
        ..Sent::creation("1", object)
    }
    .with(all)
    .line()
}

#[test]
fn changes_are_judged_as_far_as_the_log_says_what_they_are() {
    let response = |object: Value| json!({"level": "RequestResponse", "responseObject": object});
    let patch = json!({"metadata": {"labels": {"a": "b"}}});
    for (line, expected) in [
        // Whether the volume is new decides.
        (
            change("update", pet(), json!({})),
            "not evaluated: an audit log does not hold the object before the change",
        ),
        (
            change("patch", patch.clone(), json!({})),
            "not evaluated: of a patch the log holds only the patch; have the API server log it at \
             level RequestResponse\n  1 request, 2026-11-16T03:15:00Z: patch Job agents/a\n",
        ),
        (
            change(
                "patch",
                patch.clone(),
                response(json!({"kind": "Status", "apiVersion": "v1"})),
            ),
            "not evaluated: of a patch the log holds only the patch",
        ),
        (
            change("patch", patch.clone(), response(pet())),
            "not evaluated: an audit log does not hold the object before the change",
        ),
        // Server-side apply made it.
        (
            change("patch", patch.clone(), {
                let mut more = response(pet());
                more["responseStatus"] = json!({"code": 201});
                more
            }),
            "deny[host-paths] 1 request",
        ),
        (
            change(
                "deletecollection",
                json!({}),
                json!({"objectRef": {"resource": "pods", "apiGroup": ""}}),
            ),
            "not evaluated: the log does not say which objects were deleted together",
        ),
    ] {
        let output = replay(&[line]);
        let text = stdout(&output);
        assert!(
            text.contains(expected),
            "{expected}\n{text}{}",
            stderr(&output)
        );
    }
}

#[test]
fn entering_an_agent_is_judged_by_the_url() {
    let exec = Sent {
        verb: "get",
        resource: ("", "pods", "exec"),
        uri: "/api/v1/namespaces/agents/pods/a/exec?command=sh&container=agent",
        ..Sent::creation("1", Value::Null)
    };
    // It may last longer than the log.
    for stage in ["ResponseStarted", "ResponseComplete"] {
        let more = json!({"stage": stage, "responseStatus": {"code": 101}});
        let Sent {
            audit_id,
            verb,
            resource,
            uri,
            ..
        } = exec;
        let line = Sent {
            audit_id,
            verb,
            resource,
            uri,
            object: Value::Null,
            more,
        }
        .line();
        let output = replay(&[line]);
        let text = stdout(&output);
        assert!(
            text.contains("interactive-access: 1 request")
                && text.contains("get PodExecOptions agents/a"),
            "{text}"
        );
    }
}

#[test]
fn namespaces_are_learnt_from_the_log_as_they_are_made() {
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": "agents", "labels": {"cattlegrid.dev/agents": "enforce"}},
    });
    let made = Sent {
        resource: ("", "namespaces", ""),
        uri: "/api/v1/namespaces",
        ..Sent::creation("1", namespace)
    };
    let made = made.with(json!({"objectRef": {"namespace": null, "name": "agents"}}));
    let before = Sent::creation("0", pet()).line();
    let log = [before, made.line(), Sent::creation("2", pet()).line()].join("\n") + "\n";
    let files = directory(&[("audit.log", &log)]);
    let output = cattlegrid(&["audit", "--audit-log", &path(&files, "audit.log")]);
    let text = stdout(&output);
    assert!(
        text.contains("not evaluated: namespace `agents` is not"),
        "{text}"
    );
    assert!(
        text.contains("1 request of 1 user would be refused"),
        "{text}"
    );
    assert!(text.contains("audit.log:3: "), "{text}");
}

#[test]
fn a_broken_line_hides_no_other_and_a_cut_off_one_is_told_apart() {
    let good = Sent::creation("1", pet()).line();
    let other = r#"{"apiVersion": "v1", "kind": "Pod"}"#;
    let cut = good.get(..200).unwrap();
    let log = format!("{{nonsense\n{other}\n{good}\n{cut}");
    let files = directory(&[("audit.log", &log), ("namespace.yaml", NAMESPACE)]);
    let (log, namespace) = (path(&files, "audit.log"), path(&files, "namespace.yaml"));
    let output = cattlegrid(&["audit", "--audit-log", &log, &namespace]);
    assert_eq!(output.status.code(), Some(2));
    let problems = stderr(&output);
    assert!(
        problems.contains("audit.log:1: this line is not JSON"),
        "{problems}"
    );
    assert!(
        problems.contains("audit.log:2: expected apiVersion `audit.k8s.io/v1` and kind `Event`"),
        "{problems}"
    );
    assert!(!problems.contains("audit.log:4"), "{problems}");
    let text = stdout(&output);
    assert!(
        text.contains("1 request of 1 user would be refused"),
        "{text}"
    );
    assert!(
        text.contains("not evaluated: the log ends within this event"),
        "{text}"
    );
}

#[test]
fn logs_are_read_from_standard_input_as_event_lists_and_over_several_lines() {
    let event: Value = serde_json::from_str(&Sent::creation("1", pet()).line()).unwrap();
    let list = json!({"apiVersion": "audit.k8s.io/v1", "kind": "EventList", "items": [event]});
    for text in [
        list.to_string(),
        serde_json::to_string_pretty(&list).unwrap(),
    ] {
        let files = directory(&[("namespace.yaml", NAMESPACE)]);
        let mut child = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
            .args(["audit", "--audit-log", "-", &path(&files, "namespace.yaml")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let text = stdout(&output);
        assert!(
            text.contains("<stdin>:1: spec.template.spec.volumes[0]"),
            "{text}"
        );
    }
}

#[test]
fn a_compressed_log_and_a_missing_one_say_what_to_do() {
    let files = directory(&[]);
    std::fs::write(files.path().join("audit.log.gz"), b"\x1f\x8b\x08\x00").unwrap();
    for (file, expected) in [
        ("audit.log.gz", "compressed; unpack it: gunzip -c"),
        ("missing.log", "cannot be read"),
    ] {
        let output = cattlegrid(&["audit", "--audit-log", &path(&files, file)]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}

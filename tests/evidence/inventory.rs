//! What `evidence inventory` lists of logs, and that no secret is ever in it.

use std::process::ExitCode;

use admission_cel::json::Json;
use bumpalo::Bump;
use cattlegrid::evidence::bounds::Bounds;
use cattlegrid::evidence::inventory::{Arguments, run};
use cattlegrid::evidence::workload::{Templated, describe};
use clap::Parser;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::story::{digest, write};
use crate::support::*;

type Part = (usize, &'static str, &'static str, Value);

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

fn inventory(arguments: &[&str]) -> (ExitCode, String) {
    let command = Command::parse_from([&["inventory"], arguments].concat());
    let mut output = Vec::new();
    let code = run(&command.arguments, &mut output).unwrap();
    (code, String::from_utf8(output).unwrap())
}

fn parsed(arguments: &[&str]) -> Value {
    let (_, text) = inventory(&[arguments, &["-o", "json"]].concat());
    serde_json::from_str(&text).unwrap()
}

/// A log of these records, written as a server does.
fn log(parts: Vec<Part>) -> TempDir {
    let (storage, directory) = directory();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(write(&storage, parts));
    directory
}

fn pod_spec(volume: &Value) -> Value {
    json!({
        "serviceAccountName": "agent-read-only", "activeDeadlineSeconds": 300,
        "automountServiceAccountToken": false,
        "containers": [{
            "name": "agent", "securityContext": {"readOnlyRootFilesystem": true},
            "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}]}],
        "volumes": [volume],
    })
}

fn memory() -> Value {
    json!({"name": "scratch", "emptyDir": {"medium": "Memory", "sizeLimit": "64Mi"}})
}

fn object(kind: &str, name: &str, spec: &Value) -> Value {
    match kind {
        "Pod" => {
            json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "spec": spec})
        }
        _ => json!({"apiVersion": "batch/v1", "kind": kind, "metadata": {"name": name},
                    "spec": {"activeDeadlineSeconds": 300, "template": {"spec": spec}}}),
    }
}

/// The decision about an object, as `serve` records it.
fn decision(namespace: &str, object: &Value, outcome: &Value) -> Value {
    let arena = Bump::new();
    let text = object.to_string();
    let tree = Json::parse(text.as_bytes(), &arena).unwrap();
    let name = object["metadata"]["name"].as_str().unwrap();
    let template = Templated::of(tree).template.unwrap();
    json!({
        "request": {"uid": "u", "operation": "CREATE", "link": digest(1)},
        "source": {"user": "ada"},
        "subject": {
            "apiVersion": object["apiVersion"], "kind": object["kind"], "namespace": namespace,
            "name": name, "uid": format!("uid-of-{name}"), "agentNamespace": "enforce",
            "phase": "read-only", "profile": "medium", "account": "agent-read-only"},
        "outcome": outcome,
        "workload": {"templates": [describe(&template, &mut Bounds::default())]},
    })
}

fn allowed() -> Value {
    json!({"decision": "allow", "mode": "enforce", "verdicts": {"deadlines": {"pass": 9}}})
}

fn excepted() -> Value {
    json!({"decision": "allow", "mode": "enforce", "verdicts": {"host-paths": {"fail": 1}},
           "findings": [{"policy": "host-paths", "binding": "host-paths", "treatment": "excepted",
                         "exception": "legacy", "validation": 0, "verdict": "fail"}]})
}

/// Twelve Jobs of one template with their Pods, one that was changed since, an exception, and others.
fn story() -> Vec<Part> {
    let usual = pod_spec(&memory());
    let of_node = pod_spec(&json!({"name": "scratch", "hostPath": {"path": "/srv"}}));
    let mut parts = vec![(
        0,
        "decision",
        "00:30:00.000",
        decision("agents", &object("Job", "early", &of_node), &excepted()),
    )];
    for number in 0..12 {
        let job = object("Job", &format!("job-{number:02}"), &usual);
        let pod = object("Pod", &format!("job-{number:02}-x"), &usual);
        parts.push((
            0,
            "decision",
            "01:00:00.000",
            decision("agents", &job, &allowed()),
        ));
        parts.push((
            1,
            "decision",
            "01:00:01.000",
            decision("agents", &pod, &allowed()),
        ));
    }
    let mut change = decision("agents", &object("Job", "job-00", &usual), &allowed());
    change["request"]["operation"] = "UPDATE".into();
    let legacy = object("Job", "legacy", &of_node);
    let mut denied = excepted();
    denied["decision"] = "deny".into();
    let mut refused = decision("agents", &object("Job", "refused", &of_node), &denied);
    refused.as_object_mut().unwrap().remove("workload");
    let mut long = decision("agents", &object("Job", "long", &usual), &allowed());
    long.as_object_mut().unwrap().remove("workload");
    long["truncated"] = json!([{"kept": 0, "member": "workload", "of": 1}]);
    parts.extend([
        (0, "decision", "01:30:00.000", change),
        (
            1,
            "decision",
            "01:31:00.000",
            decision("others", &legacy, &excepted()),
        ),
        (1, "decision", "01:32:00.000", refused),
        (1, "decision", "01:33:00.000", long),
        (
            0,
            "gap",
            "01:40:00.000",
            json!({"gap": {"cause": "storage", "count": 1, "from": "2026-11-23T01:39:00.000Z",
                           "to": "2026-11-23T01:39:30.000Z"}}),
        ),
    ]);
    parts
}

#[test]
fn what_was_admitted_in_a_period_is_listed_once() {
    let log = log(story());
    let url = log.path().to_str().unwrap();
    let from = [
        "--log",
        url,
        "--key",
        &verifier(1),
        "--from",
        "2026-11-23T01:00:00Z",
    ];
    let (code, text) = inventory(&from);
    assert_eq!(code, ExitCode::SUCCESS);
    insta::assert_snapshot!("inventory", text);
    let inventory = parsed(&from);
    let schema = include_str!("../../docs/evidence/inventory-v1.schema.json");
    let schema = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&inventory)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn a_period_and_a_namespace_leave_out_the_others() {
    let log = log(story());
    let url = log.path().to_str().unwrap();
    let count = |more: &[&str]| {
        let inventory = parsed(&[&["--log", url], more].concat());
        inventory["summary"]["objects"].clone()
    };
    assert_eq!(count(&[]), 26);
    assert_eq!(count(&["-n", "others"]), 1);
    assert_eq!(count(&["--to", "2026-11-23T00:59:59Z"]), 1);
    assert_eq!(count(&["--from", "2026-11-24"]), 0);
}

#[test]
fn logs_that_do_not_hold_are_told_first() {
    let log = log(story());
    let url = log.path().to_str().unwrap();
    std::fs::write(log.path().join("one/20261123T005415000Z/stray"), "x").unwrap();
    let (code, text) = inventory(&["--log", url]);
    assert_eq!(code, ExitCode::from(1));
    let first = text.lines().nth(2).unwrap();
    assert!(
        first.starts_with("THE LOGS DO NOT HOLD: 1 finding"),
        "{first}"
    );
    assert!(
        text.contains("| added | `one/20261123T005415000Z/stray` |"),
        "{text}"
    );
}

#[test]
fn no_secret_of_an_object_enters_an_inventory() {
    let secret = || "[A-Za-z0-9+/]{24,40}";
    let secrets = prop::collection::vec(secret(), 8);
    let mut runner = TestRunner::new(Config::with_cases(6));
    runner
        .run(&secrets, |secrets| {
            let [env, arg, command, annotation, template, attribute, query, hook] = &*secrets else {
                unreachable!("there are eight")
            };
            let mut object = object("Job", "a", &json!({
                "containers": [{"name": "c", "args": [arg], "command": [command],
                    "env": [{"name": "A", "value": env},
                            {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
                    "lifecycle": {"preStop": {"exec": {"command": [hook]}}},
                    "volumeMounts": [{"name": "v", "mountPath": "/v"}, {"name": "w", "mountPath": "/w"}]}],
                "volumes": [{"name": "v", "hostPath": {"path": "/"}},
                    {"name": "w", "csi": {"driver": "d", "volumeAttributes": {"key": attribute}}}],
            }));
            object["metadata"]["annotations"] = json!({
                "example.com/token": annotation,
                "cattlegrid.dev/state-of-record": format!("https://a.example/b?token={query}"),
            });
            object["spec"]["template"]["metadata"]["annotations"] = json!({
                "vault.hashicorp.com/agent-inject-template-db": template,
                "vault.hashicorp.com/agent-inject-secret-db": template,
                "vault.hashicorp.com/agent-inject-token": template,
            });
            let log = log(vec![(0, "decision", "01:00:00.000", decision("agents", &object, &allowed()))]);
            let file = log.path().join("job.json");
            std::fs::write(&file, object.to_string()).unwrap();
            let (url, file) = (log.path().join("one"), file.to_str().unwrap());
            for form in ["markdown", "json", "html"] {
                for input in [&["--log", url.to_str().unwrap()][..], &[file, "--assume-agents", "audit"], &[file, "--all"]] {
                    let (_, text) = inventory(&[input, &["-o", form]].concat());
                    prop_assert!(text.contains("/v"), "{text}");
                    for secret in &secrets {
                        prop_assert!(!text.contains(secret.as_str()), "{secret}");
                    }
                }
            }
            Ok(())
        })
        .unwrap();
}

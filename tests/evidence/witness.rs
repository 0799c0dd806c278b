//! Logs compared with audit logs that were made for it; `tests/cluster/evidence.rs` has a real one.

use std::process::ExitCode;

use cattlegrid::evidence::digest::Digest;
use cattlegrid::evidence::verify::{Arguments, run};
use clap::Parser;
use serde_json::{Value, json};

use crate::story::*;
use crate::support::*;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

/// The leaf hash of a record of the story.
fn leaf(place: usize) -> String {
    let (replica, kind, time, parts) = &story()[place];
    let replica = ["one", "two"][*replica];
    Digest::of_leaf(&whole(replica, kind, time, parts)).to_string()
}

fn event(time: &str, resource: &str, code: u16, annotations: Value) -> Value {
    json!({
        "apiVersion": "audit.k8s.io/v1", "kind": "Event", "auditID": time, "level": "Metadata",
        "stage": "ResponseComplete", "verb": "create", "user": {"username": "ada"},
        "requestReceivedTimestamp": format!("2026-11-23T{time}000Z"),
        "objectRef": {"apiGroup": "batch", "resource": resource, "namespace": "incidents", "name": "x"},
        "responseStatus": {"code": code, "reason": if code == 409 { "AlreadyExists" } else { "" }},
        "annotations": annotations,
    })
}

/// An event that names records of the story.
fn naming(time: &str, code: u16, attempt: usize, decision: usize) -> Value {
    event(
        time,
        "jobs",
        code,
        json!({
            "enforce.mutate.cattlegrid.dev/evidence": leaf(attempt),
            "enforce.validate.cattlegrid.dev/evidence": leaf(decision),
        }),
    )
}

async fn verify(events: &[Value]) -> (ExitCode, String) {
    verify_story(story(), events).await
}

async fn verify_story(
    story: Vec<(usize, &'static str, &'static str, Value)>,
    events: &[Value],
) -> (ExitCode, String) {
    let (storage, directory) = directory();
    write(&storage, story).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("audit.log");
    let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
    std::fs::write(&file, lines).unwrap();
    let (url, file) = (directory.path().to_str().unwrap(), file.to_str().unwrap());
    let command = Command::parse_from(["verify", url, "--audit-log", file]);
    let mut output = Vec::new();
    let code = run(&command.arguments, &mut output).await.unwrap();
    let output = String::from_utf8(output).unwrap();
    (code, output.replace(file, "audit.log"))
}

#[tokio::test]
async fn what_agrees_is_counted_and_what_is_normal_is_a_note() {
    let events = [
        naming("01:05:00.000", 422, 0, 1),
        naming("01:05:09.090", 409, 2, 3),
        event("01:06:10.000", "leases", 200, json!({})),
    ];
    let (code, output) = verify(&events).await;
    assert_eq!(code, ExitCode::SUCCESS, "{output}");
    let lines = output
        .lines()
        .skip_while(|line| !line.starts_with("audit log"));
    let lines: Vec<&str> = lines.collect();
    assert_eq!(
        lines,
        [
            "audit log: 3 requests from 2026-11-23T01:05:00.000Z to 2026-11-23T01:06:10.000Z, which name 4 records",
            "  note: allowed and not carried out, as a quota, another webhook or a conflict may have it: 1 request \
         (AlreadyExists 1)",
            "  note: named by no event: 2 records of that time (one/20261123T005415000Z#3, \
         two/20261123T005415000Z#4). The audit policy may leave such requests out, or another API server \
         have logged them; otherwise somebody else asked the webhook",
            "holds: 18 records in 2 logs; key not pinned: give --key to know whose they are",
        ],
        "{output}"
    );
}

/// As the API server asks once more for a change that met another one: its event names one of the answers.
#[tokio::test]
async fn what_is_asked_again_while_a_request_is_worked_on_is_no_record_without_an_event() {
    let (replica, kind, _, parts) = story()[3].clone();
    assert_eq!(kind, "decision");
    let mut answered = naming("01:05:09.080", 200, 2, 3);
    answered["stageTimestamp"] = json!("2026-11-23T01:05:14.000000Z");
    let last = event("01:06:10.000", "leases", 200, json!({}));
    for (again, is_of_it) in [("01:05:13.500", true), ("01:05:16.000", false)] {
        let mut story = story();
        story.push((replica, kind, again, parts.clone()));
        let events = [
            naming("01:05:00.000", 422, 0, 1),
            answered.clone(),
            last.clone(),
        ];
        let (code, output) = verify_story(story, &events).await;
        assert_eq!(code, ExitCode::SUCCESS, "{output}");
        let note = "\n  note: 1 record of what the API server asked several times for one request";
        assert_eq!(output.contains(note), is_of_it, "{output}");
        let records = if is_of_it { 2 } else { 3 };
        let without = format!("\n  note: named by no event: {records} records of that time");
        assert!(output.contains(&without), "{output}");
    }
}

/// Its event names one of the answers.
#[tokio::test]
async fn an_end_that_was_asked_for_twice_is_no_record_without_an_event() {
    let mut story = story();
    let is_end_of_pod = |(_, kind, _, parts): &(_, _, _, Value)| {
        *kind == "end" && parts["subject"]["kind"] == "Pod"
    };
    let place = story.iter().position(is_end_of_pod).unwrap();
    let (replica, kind, _, parts) = story[place].clone();
    story.push((replica, kind, "01:08:10.010", parts));
    let named = |time: &str| {
        let annotation = json!({"end.validate.cattlegrid.dev/evidence": leaf(place)});
        event(time, "pods", 200, annotation)
    };
    let (code, output) = verify_story(story, &[named("01:08:10.000"), named("01:08:11.000")]).await;
    assert_eq!(code, ExitCode::SUCCESS, "{output}");
    let note = "\n  note: 1 record of what the API server asked several times for one request; its event names one\n";
    assert!(
        output.contains(note) && !output.contains("named by no event"),
        "{output}"
    );
}

#[tokio::test]
async fn what_does_not_agree_is_a_finding() {
    let unknown = format!("sha256:{}", "ab".repeat(32));
    let annotated = |key: &str, value: &str| json!({key: value});
    let judged = naming("01:05:00.000", 201, 2, 3);
    let later = naming("01:05:20.000", 201, 2, 3);
    for (events, expected) in [
        (vec![event("01:05:01.000", "jobs", 201, annotated("enforce.validate.cattlegrid.dev/evidence", &unknown))],
         format!("unrecorded: audit.log:1: the record of `create jobs.batch incidents/x` by ada at \
                  2026-11-23T01:05:01.000000Z, {unknown}, is in none of these logs")),
        (vec![event("01:05:01.000", "jobs", 201, annotated("enforce.validate.cattlegrid.dev/evidence-lost", "true"))],
         "unrecorded: audit.log:1: `create jobs.batch incidents/x` by ada at 2026-11-23T01:05:01.000000Z was \
          carried out though its record was lost".to_owned()),
        (vec![event("01:05:01.000", "jobs", 201, annotated(
            "failed-open.validating.webhook.admission.k8s.io/round_0_index_1", "observe.validate.cattlegrid.dev"))],
         "failed-open: audit.log:1: `create jobs.batch incidents/x` by ada at 2026-11-23T01:05:01.000000Z was \
          carried out without an answer of `observe.validate.cattlegrid.dev`".to_owned()),
        (vec![naming("01:05:00.000", 201, 0, 1)],
         "contradicted: audit.log:1: `create jobs.batch incidents/x` by ada at 2026-11-23T01:05:00.000000Z was \
          carried out, but record 2 of `two/20261123T005415000Z` says that it was denied".to_owned()),
        (vec![judged.clone(), event("01:05:10.000", "jobs", 201, json!({})), later],
         "failed-open: audit.log:2: `create jobs.batch incidents/x` by ada at 2026-11-23T01:05:10.000000Z was \
          carried out unjudged, though others like it were judged before and after".to_owned()),
    ] {
        let (code, output) = verify(&events).await;
        assert_eq!(code, ExitCode::from(1), "{output}");
        assert!(output.lines().any(|line| line == expected), "{expected}\n{output}");
    }
    // Others' webhooks, what was refused, and what is not between others that were judged.
    for event in [
        event(
            "01:05:01.000",
            "jobs",
            201,
            annotated("other.example.com/evidence", &unknown),
        ),
        event(
            "01:05:01.000",
            "jobs",
            403,
            annotated(
                "failed-open.validating.webhook.admission.k8s.io/round_0_index_1",
                "observe.validate.cattlegrid.dev",
            ),
        ),
        event("01:05:01.000", "jobs", 201, json!({})),
    ] {
        let (code, output) = verify(&[judged.clone(), event]).await;
        assert_eq!(code, ExitCode::SUCCESS, "{output}");
    }
}

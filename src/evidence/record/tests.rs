use std::borrow::Cow;
use std::collections::BTreeMap;

use admission_cel::json::Json;
use admission_cel::value::Timestamp;
use bumpalo::Bump;

use super::*;
use crate::evidence::bounds::Bounds;
use crate::evidence::canonical::tests::canonical;
use crate::evidence::workload::{Templated, Workload, describe};

const PAGE: &str = include_str!("../../../docs/evidence/record-v1.md");
const SCHEMA: &str = include_str!("../../../docs/evidence/record-v1.schema.json");

fn time() -> Time {
    Time::new(Timestamp::utc(1_763_859_909, 123_456_789))
}

fn place() -> Place {
    Place {
        cluster: Some(Cluster {
            name: Some("prod-1".to_owned()),
            uid: Some("6e1c0d6f-0c1e-4b8e-9c53-0d2a4a1f9a11".to_owned()),
        }),
        program: "cattlegrid/0.1.0".to_owned(),
        replica: "cattlegrid-7c9d-x2x4k".to_owned(),
    }
}

fn record(event: Event<'_>) -> Record<'_> {
    Record {
        time: time(),
        place: Cow::Owned(place()),
        truncated: Vec::new(),
        event,
    }
}

fn digest(text: &str) -> Option<Digest> {
    Some(Digest::of(text.as_bytes()))
}

const JOB: &str = r#"{"apiVersion": "batch/v1", "kind": "Job",
    "metadata": {"name": "investigator-x", "annotations": {"cattlegrid.dev/state-of-record": "https://changes.example/a"}},
    "spec": {"activeDeadlineSeconds": 300, "template": {
        "metadata": {"annotations": {"vault.hashicorp.com/agent-inject": "true", "vault.hashicorp.com/role": "agents",
            "vault.hashicorp.com/agent-inject-secret-db": "secret/db", "vault.hashicorp.com/agent-revoke-on-shutdown": "true"}},
        "spec": {"serviceAccountName": "agent-shadow",
            "containers": [{"name": "agent", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "llm", "key": "api-key"}}}],
                "volumeMounts": [{"name": "scratch", "mountPath": "/scratch", "subPath": "a"}]}],
            "volumes": [{"name": "scratch", "emptyDir": {"medium": "Memory", "sizeLimit": "128Mi"}}]}}}}"#;

/// A review with every member that a review may have.
fn full_review<'a>(object: &'a Json<'a>) -> Review<'a> {
    let finding = RecordedFinding {
        binding: Some("host-paths-enforce".into()),
        exception: Some("migration".into()),
        of: Some(InOldObject::OldObject),
        path: Some("spec.template.spec.volumes[0]".into()),
        policy: "host-paths".into(),
        reason: Some("Invalid".into()),
        treatment: Treatment::Excepted,
        validation: Some(0),
        verdict: FindingVerdict::NotEvaluated,
    };
    let counts = Counts {
        error: 1,
        fail: 2,
        not_evaluated: 3,
        pass: 4,
    };
    Review {
        request: RequestPart {
            link: digest("link"),
            operation: Some("CREATE".into()),
            resource: Some("jobs.batch".into()),
            uid: "3f0e3a0e".into(),
        },
        source: Some(Source {
            claimed: Some(Claimed {
                requested_by: "pager \u{1f600} \u{1}\u{7f}\"".into(),
            }),
            extra: BTreeMap::from([
                ("scopes".into(), vec!["a".into()]),
                (
                    "authentication.kubernetes.io/credential-id".into(),
                    vec!["JTI=1".into()],
                ),
            ]),
            groups: vec!["system:authenticated".into()],
            uid: Some("u-1".into()),
            user: "alice".into(),
        }),
        subject: Some(Subject {
            account: Some("agent-shadow".into()),
            agent_namespace: Some("enforce".into()),
            api_version: "batch/v1".into(),
            generate_name: Some("investigator-".into()),
            investigation: Some("incident-4711".into()),
            kind: "Job".into(),
            name: Some("investigator-x".into()),
            namespace: Some("incidents".into()),
            owner: Some(Owner {
                kind: "CronJob".into(),
                name: "nightly".into(),
                uid: "u-2".into(),
            }),
            phase: Some("shadow".into()),
            profile: Some("medium".into()),
            uid: Some("u-3".into()),
        }),
        outcome: Some(Outcome {
            break_glass: true,
            decision: Decision::Allow,
            exceptions: vec![ExceptionUse {
                expires: "2027-01-01T00:00:00Z".into(),
                name: "migration".into(),
                owner: "platform@example.com".into(),
            }],
            failure: Some(FailureClass::LookUp),
            findings: vec![finding],
            mode: Some(ModeName::Enforce),
            mutations: vec!["inject-bounds".into()],
            notes: vec!["host-paths/why".into()],
            verdicts: BTreeMap::from([("host-paths".into(), counts), ("deadlines".into(), counts)]),
        }),
        rules: Some(RuleSet {
            baseline: digest("baseline"),
            exceptions: digest("exceptions"),
            mode: ModeName::Warn,
            policy_set: digest("policies"),
        }),
        digests: Digests {
            admitted: digest("admitted"),
            patch: digest("patch"),
            received: digest("received"),
        },
        workload: Templated::of(object).template.map(|template| Workload {
            templates: vec![describe(&template, &mut Bounds::default())],
        }),
    }
}

/// One record of each type, with all members.
fn all<'a>(object: &'a Json<'a>) -> Vec<Record<'a>> {
    let container = ContainerEnd {
        container: "agent".into(),
        ended: Some("2026-11-23T01:00:00Z".into()),
        exit_code: Some(137),
        reason: Some("OOMKilled".into()),
        restarts: Some(1),
        signal: Some(9),
        started: Some("2026-11-23T00:59:00Z".into()),
        state: ContainerState::Terminated,
    };
    let end = End {
        containers: vec![container],
        deadline_exceeded: true,
        ended: Some("2026-11-23T01:00:00Z".into()),
        failed: Some(1),
        out_of_memory: true,
        reason: Some("DeadlineExceeded".into()),
        started: Some("2026-11-23T00:59:00Z".into()),
        state: EndState::Failed,
        succeeded: Some(0),
    };
    let item = Item {
        change: ItemChange::Added,
        expires: Some("2027-01-01T00:00:00Z".into()),
        name: "migration".into(),
        namespaces: vec!["incidents".into()],
        owner: Some("platform@example.com".into()),
        paths: vec!["webhooks[0].rules".into()],
        policies: vec!["host-paths".into()],
        reason: Some("moving".into()),
    };
    let review = || Box::new(full_review(object));
    let ended = Review {
        outcome: None,
        rules: None,
        workload: None,
        ..full_review(object)
    };
    let mut records: Vec<Record<'a>> = [
        Event::Attempt(review()),
        Event::Decision(review()),
        Event::End {
            review: Box::new(ended),
            end,
        },
        Event::Configuration(Configuration {
            after: digest("after"),
            before: digest("before"),
            change: Change::Replaced,
            items: vec![item],
            of: Of::PolicySet,
        }),
        Event::Gap(Gap {
            cause: Cause::QueueFull,
            count: Some(7),
            from: time(),
            to: time(),
        }),
        Event::CrossLink(CrossLink {
            logs: vec![OtherLog {
                checkpoint: "a\n1\nb\n\n— a c\n".into(),
                origin: "a".into(),
                root: "b".into(),
                size: 1,
            }],
        }),
        Event::Start(Start {
            evidence: "file".into(),
            key: Some(KeyOrigin::Ephemeral),
            mode: "before-response".into(),
            on_failure: "deny".into(),
            resumes: Some(Resumed {
                origin: "a".into(),
                root: "b".into(),
                size: 1,
            }),
        }),
        Event::Stop(Stop {
            next: Some("b".into()),
            reason: StopReason::RollOver,
        }),
    ]
    .into_iter()
    .map(record)
    .collect();
    for record in &mut records {
        record.truncated = vec![Truncation {
            kept: 1,
            member: "source.groups".to_owned(),
            of: 2,
        }];
    }
    records
}

#[test]
fn bytes_are_canonical_as_two_other_implementations_see_it() {
    let arena = Bump::new();
    let object = Json::parse(JOB.as_bytes(), &arena).unwrap();
    for record in all(object) {
        let entry = record.clone().into_entry().unwrap();
        let text = String::from_utf8(entry.bytes.clone()).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(text, serde_json_canonicalizer::to_string(&value).unwrap());
        let tree = Json::parse(&entry.bytes, &arena).unwrap();
        assert_eq!(text, canonical(tree));
        assert_eq!(entry.leaf, Digest::of_leaf(&entry.bytes));
    }
}

#[test]
fn every_record_is_read_as_it_was_written() {
    let arena = Bump::new();
    let object = Json::parse(JOB.as_bytes(), &arena).unwrap();
    for record in all(object) {
        let entry = record.clone().into_entry().unwrap();
        let read = Record::read(&entry.bytes).unwrap();
        assert_eq!(read, record);
        assert_eq!(read.into_entry().unwrap(), entry);
    }
}

#[test]
fn a_record_that_is_too_long_says_what_it_leaves_out() {
    let arena = Bump::new();
    let object = Json::parse(JOB.as_bytes(), &arena).unwrap();
    let mut review = full_review(object);
    let groups = 64;
    let source = review.source.as_mut().unwrap();
    source.groups = vec!["g".repeat(1024).into(); groups];
    let entry = record(Event::Decision(Box::new(review)))
        .into_entry()
        .unwrap();
    assert!(entry.bytes.len() <= RECORD_BYTES_MAX);
    let read = Record::read(&entry.bytes).unwrap();
    let members: Vec<&str> = read.truncated.iter().map(|t| t.member.as_str()).collect();
    assert_eq!(
        members,
        [
            "workload",
            "outcome.findings",
            "source.extra",
            "source.groups"
        ]
    );
    assert_eq!(
        read.truncated.last().map(|t| (t.kept, t.of)),
        Some((0, groups))
    );
}

#[test]
fn what_is_no_record_is_refused_with_a_reason() {
    let arena = Bump::new();
    let object = Json::parse(JOB.as_bytes(), &arena).unwrap();
    let good = String::from_utf8(all(object).remove(1).into_entry().unwrap().bytes).unwrap();
    let table = [
        ("{}", "missing field `time`"),
        ("[", "EOF"),
        (
            &good.replace("record/v1", "record/v2"),
            "its version is `cattlegrid.dev/record/v2`",
        ),
        (
            &good.replace(r#""type":"decision""#, r#""type":"later""#),
            "`later` are not known",
        ),
        (
            &good.replace(r#""type":"decision""#, r#""type":"gap""#),
            "needs member `gap`",
        ),
        (&good.replace("09.123Z", "09Z"), "is no time"),
    ];
    for (bytes, expected) in table {
        let error = Record::read(bytes.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn the_page_names_every_member_and_its_example_holds() {
    let example = PAGE
        .split("```json record\n")
        .nth(1)
        .unwrap()
        .split("\n```")
        .next()
        .unwrap();
    let arena = Bump::new();
    let tree = Json::parse(example.as_bytes(), &arena).unwrap();
    let text = canonical(tree);
    let bytes = text.as_bytes();
    let record = Record::read(bytes).unwrap();
    assert_eq!(record.into_entry().unwrap().bytes, bytes);
    let shown = PAGE
        .split("```text canonical\n")
        .nth(1)
        .unwrap()
        .split("\n```")
        .next()
        .unwrap();
    assert_eq!(shown, text);
    let leaf = Digest::of_leaf(bytes).to_string();
    assert!(PAGE.contains(&leaf), "the leaf hash is {leaf}");

    let object = Json::parse(JOB.as_bytes(), &arena).unwrap();
    for record in all(object) {
        let value: serde_json::Value =
            serde_json::from_slice(&record.into_entry().unwrap().bytes).unwrap();
        for name in names(&value) {
            assert!(
                PAGE.contains(&name),
                "docs/evidence/record-v1.md does not name `{name}`"
            );
        }
    }
}

/// Names of members, but not of those that are keys of a map.
fn names(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::Array(items) => items.iter().flat_map(names).collect(),
        serde_json::Value::Object(members) => {
            let of_member = |(name, value): (&String, &serde_json::Value)| {
                let inner = match name.as_str() {
                    "extra" => Vec::new(),
                    "verdicts" => value
                        .as_object()
                        .unwrap()
                        .values()
                        .flat_map(names)
                        .collect(),
                    _ => names(value),
                };
                [vec![name.clone()], inner].concat()
            };
            members.iter().flat_map(of_member).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_schema_describes_exactly_what_is_written() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let arena = Bump::new();
    let object = Json::parse(JOB.as_bytes(), &arena).unwrap();
    for record in all(object) {
        let kind = record.kind();
        let value: serde_json::Value =
            serde_json::from_slice(&record.into_entry().unwrap().bytes).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{kind}");
        let mut unknown = value;
        unknown["request"]["unknown"] = true.into();
        assert!(
            !validator.is_valid(&unknown),
            "{kind}: the schema knows members that are not written"
        );
    }
}

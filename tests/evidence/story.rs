//! Two replicas' logs of an investigation, with whole records.

use std::sync::Arc;

use cattlegrid::evidence::record::Record;
use cattlegrid::evidence::storage::Storage;
use cattlegrid::evidence::writer::{Log, Notice, Notices, StopReason};
use serde_json::{Value, json};

use crate::support::*;

pub const ID: &str = "incident-4711";
const HANDLER: &str = "system:serviceaccount:incidents:alert-handler";
const JOB_CONTROLLER: &str = "system:serviceaccount:kube-system:job-controller";
const POD: &str = "investigator-x7k2p-9zq4t";

/// A whole record of what is told.
pub fn whole(replica: &str, kind: &str, time: &str, parts: &Value) -> Vec<u8> {
    let mut record = json!({
        "version": "cattlegrid.dev/record/v1", "type": kind, "time": format!("2026-11-23T{time}Z"),
        "where": {"cluster": {"name": "prod-1", "uid": "c1"}, "program": "cattlegrid/0.1.0",
                  "replica": replica},
    });
    let parts = parts.as_object().unwrap().clone();
    record.as_object_mut().unwrap().extend(parts);
    let record = serde_json_canonicalizer::to_vec(&record).unwrap();
    assert_eq!(
        Record::read(&record).unwrap().into_entry().unwrap().bytes,
        record
    );
    record
}

fn request(operation: &str, resource: &str, link: u8) -> Value {
    json!({"uid": "u", "operation": operation, "resource": resource, "link": digest(link)})
}

fn job(uid: Option<&str>) -> Value {
    let mut subject = json!({
        "apiVersion": "batch/v1", "kind": "Job", "namespace": "incidents",
        "generateName": "investigator-", "agentNamespace": "enforce", "investigation": ID,
        "phase": "read-only", "profile": "medium", "account": "agent-read-only",
    });
    if let Some(uid) = uid {
        subject["uid"] = uid.into();
        subject["name"] = "investigator-x7k2p".into();
    }
    subject
}

fn pod() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "namespace": "incidents", "name": POD, "uid": "p1",
        "investigation": ID,
        "owner": {"kind": "Job", "name": "investigator-x7k2p", "uid": "j1"},
    })
}

fn entered() -> Value {
    json!({"apiVersion": "v1", "kind": "PodExecOptions", "namespace": "incidents", "name": POD})
}

fn by(user: &str) -> Value {
    json!({"user": user})
}

fn handler() -> Value {
    json!({"user": HANDLER, "claimed": {"requestedBy": "pager:4711"}})
}

fn allowed() -> Value {
    json!({"decision": "allow", "mode": "enforce", "verdicts": {"deadlines": {"pass": 9}, "host-paths": {"pass": 1}}})
}

fn finding(policy: &str, path: &str, treatment: &str) -> Value {
    json!({"policy": policy, "binding": policy, "path": path, "reason": "Invalid", "treatment": treatment,
           "validation": 0, "verdict": "fail"})
}

fn denied(policy: &str, path: &str) -> Value {
    json!({"decision": "deny", "mode": "enforce", "verdicts": {policy: {"fail": 1}},
           "findings": [finding(policy, path, "deny")]})
}

fn excepted() -> Value {
    let mut finding = finding(
        "image-provenance",
        "spec.template.spec.containers[0].image",
        "excepted",
    );
    finding["exception"] = "old-registry".into();
    json!({"decision": "allow", "mode": "enforce", "verdicts": {"image-provenance": {"fail": 1}},
           "exceptions": [{"expires": "2026-12-31T00:00:00Z", "name": "old-registry", "owner": "platform"}],
           "findings": [finding]})
}

pub fn digest(byte: u8) -> String {
    format!("sha256:{}", format!("{byte:02x}").repeat(32))
}

fn admitted() -> Value {
    json!({"admitted": digest(0x11), "received": digest(0x11)})
}

fn rules() -> Value {
    json!({"policySet": digest(0x22), "baseline": digest(0x33), "mode": "enforce"})
}

fn broken_glass() -> Value {
    json!({"breakGlass": true, "decision": "allow", "mode": "enforce",
           "verdicts": {"interactive-access": {"fail": 1}},
           "findings": [finding("interactive-access", "stdin", "audit")]})
}

/// `(replica, type, time, parts)` in no order of time across replicas.
pub fn story() -> Vec<(usize, &'static str, &'static str, Value)> {
    let completed = json!({"decision": "allow", "mode": "enforce", "mutations": ["inject-bounds", "inject-identity"]});
    let pods = |operation| request(operation, "pods", 7);
    let exec = || request("CONNECT", "pods/exec", 9);
    let container = json!({"container": "agent", "exitCode": 137, "reason": "OOMKilled", "restarts": 1,
                           "state": "terminated"});
    vec![
        (
            0,
            "attempt",
            "01:05:00.000",
            json!({"request": request("CREATE", "jobs.batch", 1),
            "source": handler(), "subject": job(None), "outcome": completed}),
        ),
        (
            1,
            "decision",
            "01:05:00.020",
            json!({"request": request("CREATE", "jobs.batch", 1),
            "source": handler(), "subject": job(Some("j0")),
            "outcome": denied("host-paths", "spec.template.spec.volumes[0].hostPath")}),
        ),
        (
            1,
            "attempt",
            "01:05:09.100",
            json!({"request": request("CREATE", "jobs.batch", 1),
            "source": handler(), "subject": job(None), "outcome": completed}),
        ),
        (
            0,
            "decision",
            "01:05:09.123",
            json!({"request": request("CREATE", "jobs.batch", 1),
            "source": handler(), "subject": job(Some("j1")), "outcome": excepted(), "digests": admitted(),
                "rules": rules()}),
        ),
        (
            1,
            "decision",
            "01:05:09.300",
            json!({"request": pods("CREATE"), "source": by(JOB_CONTROLLER),
            "subject": pod(), "outcome": allowed()}),
        ),
        (
            0,
            "decision",
            "01:06:00.000",
            json!({"request": exec(), "source": by("mallory"),
            "subject": entered(), "outcome": denied("interactive-access", "stdin")}),
        ),
        (
            1,
            "decision",
            "01:06:30.000",
            json!({"request": exec(), "source": by("oncall"),
            "subject": entered(), "outcome": broken_glass()}),
        ),
        (
            0,
            "gap",
            "01:06:45.000",
            json!({"gap": {"cause": "storage", "count": 3,
            "from": "2026-11-23T01:06:40.000Z", "to": "2026-11-23T01:06:41.000Z"}}),
        ),
        (
            0,
            "gap",
            "00:30:00.000",
            json!({"gap": {"cause": "storage", "count": 1,
            "from": "2026-11-23T00:29:00.000Z", "to": "2026-11-23T00:29:30.000Z"}}),
        ),
        (
            0,
            "end",
            "01:08:10.000",
            json!({"request": pods("DELETE"), "source": by(JOB_CONTROLLER),
            "subject": pod(), "end": {"containers": [container], "deadlineExceeded": true, "outOfMemory": true,
            "reason": "DeadlineExceeded", "state": "failed"}}),
        ),
        (
            1,
            "end",
            "01:08:12.000",
            json!({"request": request("DELETE", "jobs.batch", 4),
            "source": by("system:serviceaccount:kube-system:ttl-after-finished-controller"),
            "subject": job(Some("j1")), "end": {"deadlineExceeded": true, "ended": "2026-11-23T01:08:10Z",
            "failed": 1, "reason": "DeadlineExceeded", "started": "2026-11-23T01:05:10Z", "state": "failed"}}),
        ),
        // Another Pod of that name, later.
        (
            0,
            "decision",
            "01:30:00.000",
            json!({"request": exec(), "source": by("somebody"),
            "subject": entered(), "outcome": allowed()}),
        ),
        (
            0,
            "decision",
            "01:31:00.000",
            json!({"request": request("CREATE", "jobs.batch", 3),
            "source": by("ada"), "subject": {"apiVersion": "batch/v1", "kind": "Job", "name": "other",
            "namespace": "incidents", "investigation": "incident-4712"}, "outcome": allowed()}),
        ),
    ]
}

/// Somebody else uses the ID again.
pub fn reuse() -> Vec<(usize, &'static str, &'static str, Value)> {
    let mut subject = job(Some("j2"));
    subject["name"] = "investigator-again".into();
    vec![(
        1,
        "decision",
        "02:00:00.000",
        json!({"request": request("CREATE", "jobs.batch", 2),
        "source": by("mallory\u{1b}[2J"), "subject": subject, "outcome": allowed(), "digests": admitted()}),
    )]
}

fn notices(replica: &'static str) -> Notices {
    Notices::new(move |notice| {
        let (kind, parts) = match notice {
            Notice::Start { .. } => (
                "start",
                json!({"start": {"evidence": "file", "mode": "batched",
                "onFailure": "deny", "key": "given"}}),
            ),
            Notice::Stop { .. } => ("stop", json!({"stop": {"reason": "signal"}})),
            Notice::CrossLink(_) => ("cross-link", json!({"crossLink": {}})),
            Notice::Gap(_) => panic!("nothing is lost here"),
        };
        whole(replica, kind, "00:00:00.000", &parts)
    })
}

pub async fn write(
    storage: &Arc<dyn Storage>,
    story: Vec<(usize, &'static str, &'static str, Value)>,
) {
    let mut logs = Vec::new();
    for replica in ["one", "two"] {
        let log = Log::open(
            Arc::clone(storage),
            keys(&[1]),
            settings(replica),
            notices(replica),
        );
        logs.push((replica, log.await.unwrap()));
    }
    for (place, kind, time, parts) in story {
        let (replica, log) = &logs[place];
        log.append(whole(replica, kind, time, &parts))
            .await
            .unwrap();
    }
    for (_, log) in logs {
        log.close(StopReason::Signal).await.unwrap();
    }
}

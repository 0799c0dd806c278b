//! A month in the life of two replicas: records of every type, kind and outcome, written by the real
//! writer.

use std::path::Path;
use std::sync::Arc;

use admission_cel::value::Timestamp;
use cattlegrid::evidence::record::{Record, Time};
use cattlegrid::evidence::storage::{Local, Storage};
use cattlegrid::evidence::writer::{Notice, Notices, StopReason};
use cattlegrid::load;
use serde_json::{Value, json};

use crate::support::{keys, settings};

/// When it begins.
pub const BEGIN_SECONDS: i64 = 1_792_800_000;
const DAY_SECONDS: i64 = 86_400;
const POLICIES: [&str; 6] = [
    "deadlines",
    "host-paths",
    "image-provenance",
    "phase-identity",
    "service-account-tokens",
    "writable-surface",
];
const NAMESPACES: [(&str, &str); 4] = [
    ("incidents", "enforce"),
    ("triage", "enforce"),
    ("research", "warn"),
    ("sandbox", "audit"),
];
const PHASES: [&str; 4] = ["shadow", "read-only", "limited-write", "autonomous"];
/// Names are whatever a request says.
pub const HOSTILE: &str =
    "</td><script>alert(1)</script>&\"'\u{202e}\u{7}`{{7*7}}`[x](javascript:1)";

/// `2026-10-23T20:00:00.000Z` and so on.
fn time(seconds: i64) -> String {
    Time::new(Timestamp::utc(BEGIN_SECONDS + seconds, 0)).to_string()
}

fn digest(of: &str) -> String {
    cattlegrid::evidence::digest::Digest::of(of.as_bytes()).to_string()
}

/// The digest of the shipped policies.
pub fn policy_set() -> String {
    let set = load::compile(&load::embedded_policies()).unwrap();
    format!("sha256:{}", set.digest())
}

/// A record as canonical JSON.
fn entry(seconds: i64, replica: &str, kind: &str, members: Value) -> Vec<u8> {
    let mut record = json!({
        "version": "cattlegrid.dev/record/v1",
        "type": kind,
        "time": time(seconds),
        "where": {"cluster": {"name": "prod-1"}, "program": "cattlegrid/0.1.0", "replica": replica},
    });
    let members = members.as_object().unwrap().clone();
    record.as_object_mut().unwrap().extend(members);
    let read = Record::read(record.to_string().as_bytes()).unwrap();
    read.into_entry().unwrap().bytes
}

/// What the writer says of itself, as records.
fn notices(replica: &'static str) -> Notices {
    Notices::new(move |notice| match notice {
        Notice::Start { .. } => entry(
            -60,
            replica,
            "start",
            json!({"start": {"evidence": "file", "key": "given", "mode": "before-response", "onFailure": "deny"}}),
        ),
        Notice::Stop { .. } => entry(
            30 * DAY_SECONDS,
            replica,
            "stop",
            json!({"stop": {"reason": "signal"}}),
        ),
        Notice::Gap(_) => unreachable!("nothing is lost here"),
        Notice::CrossLink(heads) => {
            let logs: Vec<Value> = heads
                .iter()
                .map(|seen| {
                    json!({"checkpoint": seen.note, "origin": seen.head.origin,
                        "root": seen.head.root.to_string(), "size": seen.head.size})
                })
                .collect();
            entry(
                -30,
                replica,
                "cross-link",
                json!({"crossLink": {"logs": logs}}),
            )
        }
    })
}

/// Writes the history of `count` invocations, by replicas in turn.
pub async fn write(directory: &Path, count: i64, policy_set: &str) {
    let storage: Arc<dyn Storage> = Arc::new(Local::new(directory));
    let mut logs = Vec::new();
    for replica in ["one", "two"] {
        let log = cattlegrid::evidence::writer::Log::open(
            Arc::clone(&storage),
            keys(&[1]),
            settings(replica),
            notices(replica),
        );
        logs.push((replica, log.await.unwrap()));
    }
    for (position, (replica, log)) in logs.into_iter().enumerate() {
        let mine = (0..count).filter(|number| number % 2 == position as i64);
        let invocations = mine.flat_map(|number| invocation(number, count, replica, policy_set));
        let entries = beginning(replica, policy_set)
            .into_iter()
            .chain(invocations)
            .chain(events(replica, policy_set));
        let appended = entries.map(|entry| log.append(entry));
        for appended in futures::future::join_all(appended).await {
            appended.unwrap();
        }
        log.close(StopReason::Signal).await.unwrap();
    }
}

/// The rules that a replica starts with.
fn beginning(replica: &str, policy_set: &str) -> Vec<Vec<u8>> {
    let exceptions = json!([
        {"name": "legacy-debugger", "change": "added", "owner": "ops@example.com", "reason": HOSTILE,
         "expires": time(10 * DAY_SECONDS), "policies": ["host-paths"], "namespaces": ["triage"]},
        {"name": "old-images", "change": "added", "owner": "platform@example.com",
         "reason": "registry moves in December", "expires": time(90 * DAY_SECONDS),
         "policies": ["image-provenance"], "namespaces": ["incidents", "research"]},
    ]);
    [
        json!({"of": "policy-set", "change": "loaded", "after": policy_set,
            "items": POLICIES.map(|name| json!({"name": name, "change": "added"}))}),
        json!({"of": "baseline", "change": "loaded", "after": digest("baseline")}),
        json!({"of": "exceptions", "change": "loaded", "after": digest("exceptions"), "items": exceptions}),
    ]
    .into_iter()
    .map(|configuration| entry(0, replica, "configuration", json!({"configuration": configuration})))
    .collect()
}

/// What happens besides invocations.
fn events(replica: &str, policy_set: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut add = |day: i64, kind: &str, members: Value| {
        found.push(entry(day * DAY_SECONDS + 3600, replica, kind, members));
    };
    for (day, cause, count) in [
        (7, "storage", Some(3)),
        (8, "queue-full", Some(41)),
        (9, "crash", None),
        (20, "too-large", Some(1)),
    ] {
        let (from, to) = (time(day * DAY_SECONDS), time(day * DAY_SECONDS + 60));
        let mut gap = json!({"cause": cause, "from": from, "to": to});
        if let Some(count) = count {
            gap["count"] = count.into();
        }
        add(day, "gap", json!({"gap": gap}));
    }
    for (day, configuration) in [
        (
            5,
            json!({"of": "exceptions", "change": "replaced", "before": digest("exceptions"), "after": digest("later"),
            "items": [{"name": "short-lived", "change": "added", "owner": "sre@example.com", "reason": "drill",
                "expires": time(6 * DAY_SECONDS), "policies": ["deadlines"], "namespaces": ["sandbox"]}]}),
        ),
        (
            6,
            json!({"of": "exceptions", "change": "replaced", "items": [{"name": "short-lived", "change": "removed"}]}),
        ),
        (
            12,
            json!({"of": "baseline", "change": "replaced", "before": digest("baseline"), "after": digest("next")}),
        ),
        (13, json!({"of": "policy-set", "change": "refused"})),
        (
            14,
            json!({"of": "webhooks", "change": "drifted", "items": [{"name": "validate.cattlegrid.dev",
            "change": "changed", "paths": ["failurePolicy", "namespaceSelector"]}]}),
        ),
        (15, json!({"of": "webhooks", "change": "restored"})),
    ] {
        add(
            day,
            "configuration",
            json!({"configuration": configuration}),
        );
    }
    for day in [3, 17] {
        let mut exec = review(
            "exec",
            "CONNECT",
            "pods/exec",
            "Pod",
            "incidents",
            "oncall@example.com",
            policy_set,
        );
        exec["subject"]["investigation"] = "incident-00007".into();
        exec["outcome"] = json!({"decision": "allow", "mode": "enforce", "breakGlass": true,
            "verdicts": {"break-glass": {"fail": 1}},
            "findings": [{"policy": "break-glass", "verdict": "fail", "treatment": "warn", "validation": 0}]});
        add(day, "decision", exec);
        for (uid, failure, decision) in [
            ("a", "look-up", "deny"),
            ("b", "evaluation", "deny"),
            ("c", "evaluation", "allow"),
            ("d", "namespace", "deny"),
            ("e", "panic", "deny"),
        ] {
            let mut failed = review(
                uid,
                "CREATE",
                "jobs.batch",
                "Job",
                "triage",
                "ci@example.com",
                policy_set,
            );
            failed["outcome"] = json!({"decision": decision, "failure": failure});
            add(day, "decision", failed);
        }
        add(
            day,
            "decision",
            json!({"request": {"uid": "odd"},
            "outcome": {"decision": "deny", "failure": "undecodable"}}),
        );
        let mut role = review(
            "role",
            "UPDATE",
            "clusterroles.rbac.authorization.k8s.io",
            "ClusterRole",
            "",
            HOSTILE,
            policy_set,
        );
        role["outcome"] = json!({"decision": "deny", "mode": "enforce", "verdicts": {"phase-bindings": {"fail": 1, "notEvaluated": 1}},
            "findings": [{"policy": "phase-bindings", "verdict": "fail", "treatment": "deny", "validation": 1, "path": "rules[0].verbs[2]"},
                {"policy": "phase-bindings", "verdict": "notEvaluated", "treatment": "audit", "validation": 2}]});
        add(day, "decision", role);
    }
    found
}

fn review(
    uid: &str,
    operation: &str,
    resource: &str,
    kind: &str,
    namespace: &str,
    user: &str,
    policy_set: &str,
) -> Value {
    let mut subject =
        json!({"apiVersion": "v1", "kind": kind, "name": format!("{}-{uid}", kind.to_lowercase())});
    if !namespace.is_empty() {
        subject["namespace"] = namespace.into();
    }
    json!({
        "request": {"uid": uid, "operation": operation, "resource": resource, "link": digest(uid)},
        "source": {"user": user, "groups": ["system:authenticated"]},
        "subject": subject,
        "rules": {"policySet": policy_set, "baseline": digest("baseline"), "mode": "enforce"},
    })
}

fn workload(phase: &str) -> Value {
    let lifetime = if phase == "autonomous" { 600 } else { 3600 };
    let mut credentials = vec![json!({"kind": "service-account-token", "name": "token",
        "domain": format!("cattlegrid.dev/{phase}"), "lifetimeSeconds": lifetime, "endsWithPod": true, "via": "projected"})];
    if phase == "limited-write" {
        credentials.push(
            json!({"kind": "vault", "name": phase, "domain": "tickets", "via": "annotation"}),
        );
    }
    json!({"templates": [{
        "path": "spec.template.spec",
        "deadlineSeconds": 300,
        "credentials": credentials,
        "surfaces": [
            {"kind": "volume", "volume": "scratch", "type": "emptyDir", "medium": "memory", "lifetime": "pod",
             "cap": {"by": "sizeLimit", "quantity": "128Mi"}, "mounts": [{"container": "agent", "path": "/scratch", "access": "write"}]},
            {"kind": "rootFilesystem", "medium": "node-disk", "lifetime": "container",
             "mounts": [{"container": "agent", "path": "/", "access": "write"}]},
        ],
    }]})
}

/// One invocation, as its number says.
fn invocation(number: i64, count: i64, replica: &str, policy_set: &str) -> Vec<Vec<u8>> {
    // A busy week, and quiet nights.
    let day = number * 30 / count;
    let second = day * DAY_SECONDS + 28_800 + (number * 7_919) % 36_000;
    let pick = |from: i64| usize::try_from(number.rem_euclid(from)).unwrap();
    let (namespace, mode) = NAMESPACES[pick(7).min(3)];
    let phase = PHASES[pick(5).min(3)];
    let user = match number % 11 {
        0 => "system:serviceaccount:research:notebook",
        1 => "ada@example.com",
        _ => "system:serviceaccount:incidents:alert-handler",
    };
    let id = format!("incident-{number:05}");
    let about = |operation: &str, resource: &str, kind: &str| {
        let mut review = review(
            &format!("{number}"),
            operation,
            resource,
            kind,
            namespace,
            user,
            policy_set,
        );
        let subject = &mut review["subject"];
        subject["investigation"] = id.clone().into();
        subject["phase"] = phase.into();
        subject["profile"] = "medium".into();
        subject["agentNamespace"] = mode.into();
        subject["uid"] = format!("{kind}-{number}").into();
        review
    };
    let mut passes = serde_json::Map::new();
    POLICIES.iter().for_each(|policy| {
        passes.insert((*policy).to_owned(), json!({"pass": 3}));
    });
    let mut outcome = json!({"decision": "allow", "mode": mode, "verdicts": passes});
    let offender = POLICIES[pick(6)];
    let mut find = |verdict: &str, count: &str, treatment: &str| {
        outcome["verdicts"][offender] = json!({"pass": 2, count: 1});
        outcome["findings"] = json!([{"policy": offender, "binding": offender, "verdict": verdict, "treatment": treatment,
            "validation": 1, "path": "spec.template.spec.containers[0].image"}]);
    };
    match (number % 13, mode) {
        (0 | 5, "enforce") => {
            find("fail", "fail", "deny");
            outcome["decision"] = "deny".into();
        }
        (0..=5, "warn") => find("fail", "fail", "warn"),
        (0..=5, "audit") => find("fail", "fail", "audit"),
        (7, _) if number % 2 == 0 => {
            find("fail", "fail", "excepted");
            outcome["findings"][0]["exception"] = "old-images".into();
            outcome["exceptions"] = json!([{"name": "old-images", "owner": "platform@example.com",
                "expires": time(90 * DAY_SECONDS)}]);
        }
        (8, _) if number % 5 == 0 => {
            find("error", "error", "deny");
            outcome["decision"] = "deny".into();
        }
        _ => {}
    }
    let is_allowed = outcome["decision"] == "allow";
    let mut entries = Vec::new();
    let mut add = |after: i64, kind: &str, members: Value| {
        entries.push(entry(second + after, replica, kind, members));
    };
    let mut attempt = about("CREATE", "jobs.batch", "Job");
    attempt["outcome"] = json!({"decision": "allow", "mode": mode, "mutations": ["inject-bounds", "inject-identity"]});
    attempt["subject"].as_object_mut().unwrap().remove("uid");
    add(0, "attempt", attempt);
    let mut decision = about("CREATE", "jobs.batch", "Job");
    decision["outcome"] = outcome;
    if is_allowed {
        decision["workload"] = workload(phase);
    }
    add(0, "decision", decision);
    if !is_allowed {
        return entries;
    }
    let mut pod = about("CREATE", "pods", "Pod");
    pod["outcome"] = json!({"decision": "allow", "mode": mode, "verdicts": passes});
    pod["workload"] = workload(phase);
    add(2, "decision", pod);
    // Some never end, and the last ones have not ended yet.
    if number % 41 == 0 || number == count - 1 {
        return entries;
    }
    let (state, code) = match number % 9 {
        0 => ("failed", 137),
        1 => ("failed", 1),
        _ => ("succeeded", 0),
    };
    let mut end = about("DELETE", "pods", "Pod");
    end["end"] = json!({"state": state, "started": time(second + 3), "ended": time(second + 90),
        "containers": [{"container": "agent", "state": "terminated", "exitCode": code}]});
    if code == 137 {
        end["end"]["outOfMemory"] = true.into();
    }
    add(100, "end", end);
    let mut end = about("DELETE", "jobs.batch", "Job");
    end["end"] = json!({"state": state, "started": time(second + 3)});
    if code == 1 {
        end["end"]["deadlineExceeded"] = true.into();
        end["end"]["reason"] = "DeadlineExceeded".into();
    }
    add(101, "end", end);
    entries
}

//! What a running server leaves behind.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use cattlegrid::evidence::digest::Digest;
use cattlegrid::evidence::key::SigningKeys;
use cattlegrid::evidence::record::{Event, Record};
use cattlegrid::evidence::storage::Local;
use cattlegrid::evidence::writer::{Log, Notices, Settings, StopReason};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use time::Duration;

use crate::exceptions::{after, exception};
use crate::logs::Store;
use crate::rules::{allowed, pod_review, refused, replace};
use crate::server::{Server, eventually};

/// The line whose record is about a call.
fn line_of(server: &Server, uid: &str) -> Option<Value> {
    server
        .evidence()
        .into_iter()
        .find(|line| line["record"]["request"]["uid"] == uid)
}

fn deletion(uid: &str) -> Value {
    let mut review = pod_review(uid, &allowed());
    let mut pod = review["request"]["object"].take();
    pod["status"] = json!({"phase": "Failed", "containerStatuses": [{"name": "c", "state": {"terminated":
        {"exitCode": 137, "reason": "OOMKilled", "message": "not-to-be-seen"}}}]});
    review["request"]["oldObject"] = pod;
    review["request"]["operation"] = "DELETE".into();
    review
}

#[tokio::test]
async fn an_answer_names_its_record_which_is_there_by_then() {
    let server = Server::start();
    for (uid, spec, decision) in [("one", allowed(), "allow"), ("two", refused(), "deny")] {
        let response = server
            .client()
            .review("/validate", &pod_review(uid, &spec))
            .await;
        let line = line_of(&server, uid).expect("the record is written before the answer");
        assert_eq!(response["auditAnnotations"]["evidence"], line["leaf"]);
        let record = line["record"].to_string();
        assert_eq!(line["leaf"], Digest::of_leaf(record.as_bytes()).to_string());
        let read = Record::read(record.as_bytes()).unwrap();
        assert_eq!(read.into_entry().unwrap().bytes, record.as_bytes());
        assert_eq!(line["record"]["type"], "decision");
        assert_eq!(line["record"]["outcome"]["decision"], decision);
        assert_eq!(line["record"]["source"]["user"], "ada");
    }
    let denied = line_of(&server, "two").unwrap();
    assert_eq!(
        denied["record"]["outcome"]["findings"],
        json!([{"binding": "host-paths", "path": "spec.volumes[0].hostPath", "policy": "host-paths",
            "reason": "Invalid", "treatment": "deny", "validation": 0, "verdict": "fail"}])
    );
    assert_eq!(denied["record"]["workload"], Value::Null);
    assert_eq!(denied["record"]["digests"]["admitted"], Value::Null);
    let admitted = line_of(&server, "one").unwrap();
    let digests = &admitted["record"]["digests"];
    assert_eq!(digests["admitted"], digests["received"]);
    assert_eq!(
        admitted["record"]["workload"]["templates"][0]["surfaces"][0]["kind"],
        "rootFilesystem"
    );
}

#[tokio::test]
async fn an_attempt_and_its_decision_are_linked() {
    let server = Server::start();
    let mut review = pod_review("attempt", &allowed());
    let labels = &mut review["request"]["object"]["metadata"]["labels"];
    labels["cattlegrid.dev/investigation"] = "incident-4711".into();
    server.client().review("/mutate", &review).await;
    review["request"]["uid"] = "decision".into();
    review["request"]["object"]["metadata"]["uid"] = "assigned-since".into();
    server.client().review("/validate", &review).await;
    let attempt = line_of(&server, "attempt").unwrap()["record"].clone();
    let decision = line_of(&server, "decision").unwrap()["record"].clone();
    assert_eq!(attempt["type"], "attempt");
    assert_eq!(attempt["outcome"]["mutations"], json!(["deadline"]));
    assert!(attempt["digests"]["patch"].is_string(), "{attempt}");
    assert!(attempt["digests"]["received"].is_string(), "{attempt}");
    assert!(attempt["request"]["link"].is_string());
    assert_eq!(attempt["request"]["link"], decision["request"]["link"]);
    assert_eq!(decision["subject"]["investigation"], "incident-4711");
}

#[tokio::test]
async fn a_dry_run_leaves_a_log_line_and_no_record() {
    let server = Server::start();
    let mut review = pod_review("dry", &allowed());
    review["request"]["dryRun"] = true.into();
    let response = server.client().review("/validate", &review).await;
    assert_eq!(response["auditAnnotations"]["evidence"], Value::Null);
    assert_eq!(server.decision("dry").await["dry_run"], true);
    assert_eq!(line_of(&server, "dry"), None);
}

#[tokio::test]
async fn the_end_of_a_pod_is_recorded_and_never_denied() {
    let server = Server::start();
    let response = server.client().review("/end", &deletion("end")).await;
    assert_eq!(response["allowed"], true);
    let record = line_of(&server, "end").unwrap()["record"].clone();
    assert_eq!(record["type"], "end");
    assert_eq!(record["end"]["outOfMemory"], true);
    assert_eq!(record["end"]["containers"][0]["exitCode"], 137);
    assert_eq!(record["outcome"], Value::Null);
    let other = server
        .client()
        .review("/end", &pod_review("other", &refused()))
        .await;
    assert_eq!(other["allowed"], true);
    assert_eq!(line_of(&server, "other"), None);
}

#[tokio::test]
async fn what_cannot_be_decoded_leaves_a_record_too() {
    let server = Server::start();
    let mut review = pod_review("odd", &allowed());
    review["request"]["operation"] = "STEAL".into();
    server.client().review("/validate", &review).await;
    let record = line_of(&server, "odd").unwrap()["record"].clone();
    assert_eq!(record["outcome"]["failure"], "undecodable");
    assert_eq!(record["outcome"]["decision"], "deny");
}

#[tokio::test]
async fn the_first_lines_say_what_the_server_judges_by() {
    let server = Server::start();
    let lines = server.evidence();
    assert_eq!(lines[0]["record"]["type"], "start");
    assert_eq!(lines[0]["record"]["start"]["mode"], "before-response");
    let loaded: Vec<(&str, &str)> = lines
        .iter()
        .filter_map(|line| line["record"].get("configuration"))
        .map(|part| {
            (
                part["of"].as_str().unwrap(),
                part["change"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        loaded,
        [
            ("policy-set", "loaded"),
            ("baseline", "loaded"),
            ("exceptions", "loaded")
        ]
    );
    let numbers: Vec<u64> = lines
        .iter()
        .map(|line| line["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (0..lines.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_server_that_stops_says_so() {
    let mut server = Server::start_with(&["--drain-seconds", "0"]);
    server.terminate();
    assert!(server.wait().success());
    assert_eq!(server.evidence().last().unwrap()["record"]["type"], "stop");
}

#[tokio::test]
async fn agents_wait_for_evidence_and_others_do_not() {
    for (mode, is_allowed) in [("deny", false), ("allow", true)] {
        let server = Server::start_to(&["--on-evidence-failure", mode], |_| Stdio::piped());
        let client = server.client();
        let agent = client
            .review("/validate", &pod_review("agent", &allowed()))
            .await;
        assert_eq!(agent["allowed"], is_allowed, "{mode}");
        assert_eq!(agent["auditAnnotations"]["evidence"], Value::Null);
        assert_eq!(agent["auditAnnotations"]["evidence-lost"], "true");
        let mut other = pod_review("other", &allowed());
        other["request"]["object"]["metadata"]["labels"] = json!({});
        let client = server.client();
        assert_eq!(
            client.review("/validate", &other).await["allowed"],
            true,
            "{mode}"
        );
        let client = server.client();
        assert_eq!(
            client.review("/end", &deletion("end")).await["allowed"],
            true,
            "{mode}"
        );
        let failed = server
            .metric(r#"cattlegrid_evidence_records_total{result="failed"}"#)
            .await;
        assert!(failed >= 3.0, "{failed}");
    }
}

#[tokio::test]
async fn a_log_in_a_directory_is_signed_before_the_answer() {
    let store = tempfile::tempdir().unwrap();
    let url = format!("file://{}", store.path().display());
    let server = Server::start_with(&["--evidence", &url, "--evidence-replica", "a"]);
    let response = server
        .client()
        .review("/validate", &pod_review("one", &allowed()))
        .await;
    let leaf = response["auditAnnotations"]["evidence"].as_str().unwrap();
    let epoch = std::fs::read_dir(store.path().join("a"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.join("checkpoint").exists())
        .expect("the log has a head");
    let head = std::fs::read_to_string(epoch.join("checkpoint")).unwrap();
    let size: u64 = head.lines().nth(1).unwrap().parse().unwrap();
    // start, three of configuration, and the decision.
    assert_eq!(size, 5);
    let hashes = std::fs::read(epoch.join("tile/0/000.p/5")).unwrap();
    let last = hashes.chunks(32).last().unwrap();
    assert_eq!(Digest::parse(leaf).unwrap().as_bytes(), last);
    assert!(server.evidence().is_empty());
}

/// Names of items, and how they changed.
type Items = Vec<(String, String)>;

/// What configuration records say: of what, which change, and its items.
fn changes(server: &Server) -> Vec<(String, String, Items)> {
    let text = |part: &Value, key: &str| part[key].as_str().unwrap().to_owned();
    let lines = server.evidence();
    let parts = lines
        .iter()
        .filter_map(|line| line["record"].get("configuration"));
    let change = |part: &Value| {
        let items = part["items"].as_array().into_iter().flatten();
        let items = items.map(|item| (text(item, "name"), text(item, "change")));
        (text(part, "of"), text(part, "change"), items.collect())
    };
    parts.map(change).collect()
}

/// The first change of a kind that was recorded since the start.
async fn change(server: &Server, of: &str, change: &str) -> Items {
    let is_it = |found: &(String, String, Items)| (&*found.0, &*found.1) == (of, change);
    eventually(async || changes(server).into_iter().find(is_it))
        .await
        .2
}

#[tokio::test]
async fn a_change_that_cannot_be_used_is_recorded_of_what_it_was_made_to() {
    let server = Server::start();
    let baseline = server.path().join("baseline.yaml");
    let good = std::fs::read_to_string(&baseline).unwrap();
    replace(&baseline, "nonsense");
    change(&server, "baseline", "refused").await;
    assert!(
        !changes(&server)
            .iter()
            .any(|(of, change, _)| of == "policy-set" && change == "refused")
    );
    replace(&baseline, &good);
    replace(&server.path().join("policies/broken.yaml"), "nonsense");
    change(&server, "policy-set", "refused").await;
    let refused = changes(&server).into_iter();
    let refused = refused.filter(|(of, change, _)| of == "baseline" && change == "refused");
    assert_eq!(refused.count(), 1);
}

#[tokio::test]
async fn an_exception_that_expires_while_the_server_runs_is_recorded() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("exceptions.yaml");
    std::fs::write(&file, exception("2999-01-31T00:00:00Z")).unwrap();
    let server = Server::start_with(&["--exceptions", file.to_str().unwrap()]);
    replace(&file, &exception(&after(Duration::seconds(4))));
    let old = |change: &str| vec![("old".to_owned(), change.to_owned())];
    let all = eventually(async || {
        let all = changes(&server).into_iter();
        let all: Vec<_> = all.filter(|(of, ..)| of == "exceptions").collect();
        (all.len() == 3).then_some(all)
    })
    .await;
    let items: Vec<_> = all.into_iter().map(|(.., items)| items).collect();
    assert_eq!(items, [old("added"), old("changed"), old("expired")]);
}

/// The policy that ships marks the use of the right with an annotation; so does this one.
const BREAK_GLASS: &str = r#"
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: marked, annotations: {cattlegrid.dev/evidence: break-glass}}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CONNECT], resources: [pods/exec]}
  validations:
    - {expression: "object.command[0] != 'sh'", message: somebody looked inside}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: marked}
spec: {policyName: marked, validationActions: [Audit]}
"#;

#[tokio::test]
async fn the_use_of_break_glass_is_marked() {
    let server = Server::start();
    replace(&server.path().join("policies/marked.yaml"), BREAK_GLASS);
    change(&server, "policy-set", "replaced").await;
    for (uid, command, mark) in [("in", "sh", json!(true)), ("not", "true", Value::Null)] {
        let mut review = pod_review(uid, &allowed());
        review["request"]["operation"] = "CONNECT".into();
        review["request"]["subResource"] = "exec".into();
        review["request"]["object"] =
            json!({"apiVersion": "v1", "kind": "PodExecOptions", "command": [command]});
        let answer = server.client().review("/validate", &review).await;
        assert_eq!(answer["allowed"], true, "{answer}");
        let record = line_of(&server, uid).unwrap()["record"].clone();
        assert_eq!(record["outcome"]["breakGlass"], mark, "{record}");
    }
}

#[tokio::test]
async fn templates_in_a_custom_resource_are_recorded_as_workloads() {
    let server = Server::start();
    let baseline = "apiVersion: cattlegrid.dev/v1alpha1\nkind: AgentBaseline\nmetadata: {name: default}\n\
                    spec:\n  phases: {shadow: {rank: 0}}\n  podTemplates:\n  \
                    - {apiGroup: example.com, kind: Run, resource: runs, templates: \
                    [{path: 'spec.workers[*].template', holds: PodTemplate}]}\n";
    replace(&server.path().join("baseline.yaml"), baseline);
    change(&server, "baseline", "replaced").await;
    let mut review = pod_review("run", &allowed());
    let kind = json!({"group": "example.com", "version": "v1", "kind": "Run"});
    let resource = json!({"group": "example.com", "version": "v1", "resource": "runs"});
    let request = &mut review["request"];
    request["requestKind"] = kind.clone();
    request["kind"] = kind;
    request["requestResource"] = resource.clone();
    request["resource"] = resource;
    let worker = |volume: &str| {
        json!({"template": {"spec": {"containers": [{"name": "c",
            "volumeMounts": [{"name": volume, "mountPath": "/scratch"}]}],
            "volumes": [{"name": volume, "emptyDir": {"medium": "Memory"}}]}}})
    };
    let object = &mut review["request"]["object"];
    object["apiVersion"] = "example.com/v1".into();
    object["kind"] = "Run".into();
    object["spec"] = json!({"workers": [worker("one"), worker("two")]});
    let answer = server.client().review("/validate", &review).await;
    assert_eq!(answer["allowed"], true, "{answer}");
    let record = line_of(&server, "run").unwrap()["record"].clone();
    let templates = record["workload"]["templates"].as_array().unwrap();
    let told: Vec<(&Value, &Value)> = templates
        .iter()
        .map(|template| {
            let surfaces = template["surfaces"].as_array().unwrap();
            let volume = surfaces.iter().find(|surface| surface["kind"] == "volume");
            (&template["path"], &volume.unwrap()["volume"])
        })
        .collect();
    assert_eq!(
        told,
        [
            (&json!("spec.workers[0].template"), &json!("one")),
            (&json!("spec.workers[1].template"), &json!("two"))
        ]
    );
}

#[tokio::test]
async fn without_evidence_nothing_is_recorded_and_everybody_is_told() {
    let server = Server::start_with(&["--evidence", "none"]);
    let response = server
        .client()
        .review("/validate", &pod_review("one", &allowed()))
        .await;
    assert_eq!(response["allowed"], true);
    assert_eq!(response["auditAnnotations"]["evidence"], Value::Null);
    assert!(server.evidence().is_empty());
    let is_warning = |event: &Value| {
        event["level"] == "WARN" && event["message"].to_string().contains("NO EVIDENCE")
    };
    assert!(server.log().iter().any(is_warning), "{:?}", server.log());
    let (_, metrics) = server.get("/metrics").await;
    assert!(
        metrics.contains("cattlegrid_evidence_enabled 0\n"),
        "{metrics}"
    );
}

#[tokio::test]
async fn the_log_says_where_evidence_goes_and_how() {
    let store = Store::in_memory();
    let [url, replica, key] = &store.options();
    let server = Server::start_with(&[url, replica, key]);
    let log = server.log();
    let told = log
        .iter()
        .find(|event| event["message"] == "evidence is kept")
        .unwrap();
    assert_eq!(told["to"], url.strip_prefix("--evidence=").unwrap());
    assert_eq!(
        [&told["mode"], &told["on_failure"], &told["key"]],
        ["before-response", "deny", "given"]
    );
    let text = |key: &str| told[key].as_str().unwrap();
    assert!(
        text("verifiers").starts_with("tests.example/evidence+"),
        "{told}"
    );
    assert!(
        text("log").starts_with("tests.example/evidence/one/20"),
        "{told}"
    );
    let (_, metrics) = server.get("/metrics").await;
    assert!(
        metrics.contains("cattlegrid_evidence_enabled 1\n"),
        "{metrics}"
    );
}

/// Texts that nothing else contains.
fn secret() -> impl Strategy<Value = String> {
    "[A-Za-z0-9+/]{24,40}"
}

#[test]
fn no_secret_of_an_object_enters_record_log_metric_or_report() {
    let all_secrets = std::cell::RefCell::new(Vec::new());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = Server::start();
    let mut runner = TestRunner::new(Config::with_cases(48));
    let all = prop::collection::vec(secret(), 12);
    runner
        .run(&all, |secrets| {
            all_secrets.borrow_mut().extend(secrets.clone());
            let [
                env,
                arg,
                command,
                annotation,
                template,
                data,
                bearer,
                extra,
                label_less,
                message,
                query,
                exec,
            ] = secrets.as_slice()
            else {
                unreachable!("there are twelve")
            };
            let spec = json!({
                "containers": [{"name": "c", "args": [arg], "command": [command],
                    "env": [{"name": "A", "value": env}],
                    "lifecycle": {"preStop": {"exec": {"command": [label_less]}}}}],
                "volumes": [{"name": "v", "hostPath": {"path": "/"}},
                    {"name": "w", "csi": {"driver": "d", "volumeAttributes": {"key": data}}}],
            });
            let mut review = pod_review("secret", &spec);
            review["request"]["object"]["metadata"]["annotations"] = json!({
                "example.com/token": annotation,
                "vault.hashicorp.com/agent-inject-template-db": template,
                "vault.hashicorp.com/agent-inject-token": template,
                "cattlegrid.dev/state-of-record": format!("https://a.example/b?token={query}"),
                "cattlegrid.dev/requested-by": format!("Bearer {bearer}"),
            });
            review["request"]["userInfo"]["extra"] =
                json!({"authorization": [format!("Bearer {extra}")]});
            let mut end = deletion("secret");
            end["request"]["oldObject"]["status"]["message"] = message.as_str().into();
            let mut connect = pod_review("secret", &allowed());
            connect["request"]["operation"] = "CONNECT".into();
            connect["request"]["subResource"] = "exec".into();
            connect["request"]["object"] =
                json!({"apiVersion": "v1", "kind": "PodExecOptions", "command": [exec]});
            let mut vault = pod_review("secret", &allowed());
            vault["request"]["kind"]["kind"] = "Secret".into();
            vault["request"]["resource"]["resource"] = "secrets".into();
            vault["request"]["object"] = json!({"apiVersion": "v1", "kind": "Secret",
                "metadata": {"name": "s"}, "data": {"k": data}, "stringData": {"k": data}});
            let texts = runtime.block_on(async {
                for (path, review) in [
                    ("/mutate", &review),
                    ("/validate", &review),
                    ("/end", &end),
                    ("/validate", &connect),
                    ("/validate", &vault),
                ] {
                    server.client().review(path, review).await;
                }
                let (_, metrics) = server.get("/metrics").await;
                let log = serde_json::to_string(&server.log()).unwrap();
                let evidence = std::fs::read_to_string(server.path().join("evidence")).unwrap();
                [metrics, log, evidence]
            });
            for secret in &secrets {
                for text in &texts {
                    prop_assert!(!text.contains(secret.as_str()), "{secret}");
                }
            }
            Ok(())
        })
        .unwrap();
    let seen = server.evidence();
    let is_review = |line: &&Value| line["record"]["request"]["uid"] == "secret";
    assert_eq!(seen.iter().filter(is_review).count(), 48 * 5);
    let mut entries = Vec::new();
    for line in seen {
        let record = Record::read(line["record"].to_string().as_bytes()).unwrap();
        assert!(!matches!(record.event, Event::Gap(_)));
        entries.push(record.into_entry().unwrap().bytes);
    }
    let store = tempfile::tempdir().unwrap();
    runtime.block_on(write_log(store.path(), entries));
    for form in ["json", "html", "oscal"] {
        let output = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
            .args(["evidence", "report", "--format", form])
            .arg(store.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let report = String::from_utf8(output.stdout).unwrap();
        assert!(report.contains("host-paths"), "{form}");
        for secret in all_secrets.borrow().iter() {
            assert!(!report.contains(secret.as_str()), "{form}: {secret}");
        }
    }
}

/// Writes records as a log.
async fn write_log(directory: &Path, entries: Vec<Vec<u8>>) {
    let storage = Arc::new(Local::new(directory));
    let keys = SigningKeys::ephemeral().unwrap();
    let notices = Notices::new(|_| b"{}".to_vec());
    let log = Log::open(storage, keys, Settings::new("one"), notices);
    let log = log.await.unwrap();
    let appended = entries.into_iter().map(|entry| log.append(entry));
    for appended in futures::future::join_all(appended).await {
        appended.unwrap();
    }
    log.close(StopReason::Signal).await.unwrap();
}

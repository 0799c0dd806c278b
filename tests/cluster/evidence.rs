//! Evidence of a real API server's requests, compared with its own audit log.

use std::path::Path;
use std::process::Command;

use control_plane::Options;
use serde_json::{Value, json};

use crate::api::{Cluster, eventually, install, path_of, separate_with};
use crate::audit_replay::{NAMESPACE, Sent, entering, let_in, pets, register, send};
use crate::grid::{job, named, with};
use crate::server::{CATTLEGRID, cattlegrid};

/// What such logs are mostly told to hold.
const AUDIT_POLICY: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{level: Metadata}]
";
const ID: &str = "incident-4711";

fn investigator(user: &'static str, spec: Value) -> Sent {
    let label = json!({"metadata": {"labels": {"cattlegrid.dev/investigation": ID}}});
    Sent::creation(user, with(job(spec), label))
}

/// Exit code and output.
fn run(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(CATTLEGRID).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &to),
            false => drop(std::fs::copy(&path, to).unwrap()),
        }
    }
}

/// How many Pods of the investigation there are.
async fn pods(cluster: &Cluster) -> usize {
    let path = format!(
        "/api/v1/namespaces/{NAMESPACE}/pods?labelSelector=cattlegrid.dev/investigation%3D{ID}"
    );
    let pods = cluster.get(&path).await.object();
    pods["items"].as_array().map_or(0, Vec::len)
}

/// The Pod that the Job controller makes is recorded, too.
async fn wait_for_pod(cluster: &Cluster) {
    eventually("the Job controller makes a Pod", async || {
        match pods(cluster).await {
            0 => Err("there is none".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
}

/// Controllers delete the Pod after its Job.
async fn wait_until_gone(cluster: &Cluster, job: &str) {
    eventually("the Job and its Pod are gone", async || {
        match (cluster.get(job).await.status, pods(cluster).await) {
            (404, 0) => Ok(()),
            (status, pods) => Err(format!("the Job: {status}, and {pods} Pods")),
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_of_the_api_server_agrees_with_the_evidence_and_tells_what_has_none() {
    let options = Options {
        audit_policy: Some(AUDIT_POLICY.to_owned()),
        ..Options::default()
    };
    let (control_plane, cluster) = separate_with(options).await;
    install(&cluster).await;
    for (name, mode) in [(NAMESPACE, "enforce"), ("watched", "audit")] {
        let labels = json!({"cattlegrid.dev/agents": mode});
        cluster.create_namespace(name, &labels).await;
    }
    for account in ["default", "agent-shadow"] {
        cluster.ensure_account(account, NAMESPACE).await;
    }
    let_in(&cluster).await;
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (store, key) = (file("evidence"), file("signing.key"));
    let verifier = cattlegrid(&["evidence", "keygen", "--out", &key]);
    let verifier = verifier.trim();
    let url = format!("file://{store}");
    let more = [
        "--evidence",
        &url,
        "--evidence-key",
        &key,
        "--evidence-replica",
        "one",
    ];
    let server = register(&cluster, directory.path(), &more).await;

    let (code, message) = send(&cluster, &investigator("pet", pets()), "").await;
    assert_eq!(code, 403, "{message}");
    let wanted = investigator("clean", json!({}));
    assert_eq!(send(&cluster, &wanted, "").await.0, 201);
    wait_for_pod(&cluster).await;
    // Allowed once more, and stored already.
    assert_eq!(send(&cluster, &wanted, "").await.0, 409);
    let (code, message) = send(&cluster, &entering(), "").await;
    assert!(code >= 400, "{message}");
    let before = directory.path().join("before");
    copy(Path::new(&store), &before);
    let path = path_of(&named(job(json!({})), "clean"), NAMESPACE);
    cluster.delete(&path).await.object();
    wait_until_gone(&cluster, &path).await;

    let verify = |store: &str, log: &str| {
        let arguments = ["--key", verifier, "--audit-log", log, "-o", "json"];
        let (code, output) = run(&[&["evidence", "verify", store], &arguments[..]].concat());
        let report: Value = serde_json::from_str(&output).expect(&output);
        (code, report)
    };
    let live = control_plane.audit_log_path().unwrap();
    let log = &file("audit.log");
    // An event is written after its answer is sent: what was just done may not be there yet.
    let (code, report) = eventually("the audit log tells of every record", async || {
        std::fs::copy(live, log).unwrap();
        let (code, report) = verify(&store, log);
        match report["auditLog"]["withoutEvent"].as_u64() {
            Some(0) => Ok((code, report)),
            _ => Err(format!("{report:#}")),
        }
    })
    .await;
    assert_eq!((code, &report["findings"]), (0, &json!([])), "{report:#}");
    let audit_log = &report["auditLog"];
    assert_eq!(
        audit_log["notCarriedOut"]["AlreadyExists"], 1,
        "{audit_log:#}"
    );
    assert!(audit_log["named"].as_u64().unwrap() >= 7, "{audit_log:#}");
    // Two controllers met at the Pod: the API server asks again, and its event names one answer.
    let asked_again = unnamed(&report);

    the_trail_tells_of_it(&store, verifier);

    let (code, report) = verify(before.to_str().unwrap(), log);
    let kinds = report["findings"].as_array().unwrap().iter();
    assert!(
        code == 1 && kinds.clone().all(|finding| finding["kind"] == "unrecorded"),
        "{report:#}"
    );
    assert!(
        kinds.clone().any(|finding| {
            let message = finding["message"].as_str().unwrap();
            message.starts_with("the record of `delete jobs.batch replay/clean` by ")
        }),
        "{report:#}"
    );

    let text = std::fs::read_to_string(log).unwrap();
    let is_again =
        |line: &&str| line.contains("\"code\":409") && line.contains("\"verb\":\"create\"");
    let without = text.lines().filter(|line| !is_again(line));
    let doctored = file("doctored.log");
    std::fs::write(
        &doctored,
        without.map(|line| format!("{line}\n")).collect::<String>(),
    )
    .unwrap();
    let (code, report) = verify(&store, &doctored);
    assert_eq!(code, 0, "{report:#}");
    // The decision, and an attempt that is the like of one that is named.
    assert_eq!(
        unnamed(&report),
        asked_again + 2,
        "{:#}",
        report["auditLog"]
    );

    drop(server);
    let watched = named(job(json!({})), "unseen");
    cluster.create(&watched, "watched").await.object();
    let expected = "`create jobs.batch watched/unseen` by ";
    eventually("what went on without an answer is told", async || {
        std::fs::copy(live, log).unwrap();
        let (code, report) = verify(&store, log);
        let is_told = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| {
                let message = finding["message"].as_str().unwrap();
                finding["kind"] == "failed-open"
                    && message.starts_with(expected)
                    && message.ends_with("without an answer of `observe.validate.cattlegrid.dev`")
            });
        match code == 1 && is_told {
            true => Ok(()),
            false => Err(format!("{report:#}")),
        }
    })
    .await;
}

/// How many records no event names.
fn unnamed(report: &Value) -> u64 {
    ["withoutEvent", "askedAgain"]
        .iter()
        .map(|member| report["auditLog"][member].as_u64().unwrap())
        .sum()
}

fn the_trail_tells_of_it(store: &str, verifier: &str) {
    let (code, trail) = run(&["evidence", "trail", ID, store, "--key", verifier]);
    assert_eq!(code, 0, "{trail}");
    for expected in [
        "DENIED   CREATE jobs.batch replay/pet\n",
        "[host-paths] spec.template.spec.volumes[0].hostPath: fails, denied",
        "attempt  CREATE jobs.batch replay/clean\n",
        "allowed  CREATE jobs.batch replay/clean\n",
        "allowed  CREATE pods replay/clean-",
        "deleted  DELETE jobs.batch replay/clean\n",
        "Also used by  clean, another user under the same ID\n",
        // The second creation was allowed, and never stored.
        "nothing of it was recorded afterwards",
    ] {
        assert!(trail.contains(expected), "{expected}\n{trail}");
    }
}

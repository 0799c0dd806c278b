//! Stores of evidence that fail while the server runs, and work again.

use std::fs::File;
use std::io::Write as _;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};
use tempfile::TempDir;

#[cfg(feature = "cluster-tests")]
use crate::logs::records;
use crate::logs::{Records, Store, told_lost};
use crate::rules::{allowed, pod_review};
use crate::server::{Server, eventually};

/// A disk that can become full.
enum Disk {
    /// A file system of its own, which is filled but for so many bytes. Only root can have one.
    Small { mounted: TempDir, left: u64 },
    /// A limit to what the process may write: to files of more than so many bytes, nothing.
    Limited { bytes: u64 },
}

const SMALL_BYTES: u64 = 512 << 10;
const BALLAST: &str = "ballast";

impl Disk {
    fn small(left: u64) -> Option<Self> {
        let mounted = tempfile::tempdir().unwrap();
        let size = format!("size={SMALL_BYTES}");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(mounted.path())
            .stderr(Stdio::null())
            .status();
        let is_mounted = mount.is_ok_and(|status| status.success());
        is_mounted.then_some(Self::Small { mounted, left })
    }

    /// Limits first: they are there for everybody.
    fn all() -> Vec<Self> {
        let limited = [0, 300, 4096].map(|bytes| Self::Limited { bytes });
        let small = [0, 4 << 10, 16 << 10].map(Self::small);
        if small.iter().any(Option::is_none) {
            eprintln!("no file system can be mounted: only limits of the process are tried");
        }
        limited
            .into_iter()
            .chain(small.into_iter().flatten())
            .collect()
    }

    fn store(&self) -> Store {
        Store::new(match self {
            Disk::Small { mounted, .. } => tempfile::tempdir_in(mounted.path()).unwrap(),
            Disk::Limited { .. } => tempfile::tempdir().unwrap(),
        })
    }

    fn fill(&self, process: Pid) {
        match self {
            Disk::Small { mounted, left } => {
                let file = File::create(mounted.path().join(BALLAST)).unwrap();
                while (&file).write_all(&[0; 4096]).is_ok() {}
                let filled = file.metadata().unwrap().len();
                file.set_len(filled.saturating_sub(*left)).unwrap();
            }
            Disk::Limited { bytes } => limit(process, Some(*bytes)),
        }
    }

    fn free(&self, process: Pid) {
        match self {
            Disk::Small { mounted, .. } => {
                std::fs::remove_file(mounted.path().join(BALLAST)).unwrap();
            }
            Disk::Limited { .. } => limit(process, None),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Disk::Small { mounted, .. } = self {
            // Lazily: a process that was just killed may still hold a file.
            let _ = Command::new("umount")
                .arg("-l")
                .arg(mounted.path())
                .status();
        }
    }
}

fn limit(process: Pid, bytes: Option<u64>) {
    let limit = Rlimit {
        current: bytes,
        maximum: None,
    };
    prlimit(Some(process), Resource::Fsize, limit).unwrap();
}

/// As it is, but for the signal that would end it at a limit.
fn unkilled_at_limits(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(command.get_program())
        .args(command.get_args())
        .env_remove("KUBERNETES_SERVICE_HOST")
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    shell
}

const FAILED: &str = r#"cattlegrid_evidence_records_total{result="failed"}"#;
const GAPS: &str = "cattlegrid_evidence_gaps_total";

/// Asks about a Pod; whether there is a record of the answer. What has none is denied as configured.
async fn is_kept(server: &Server, review: &Value, is_denied: bool) -> bool {
    let answer = server.client().review("/validate", review).await;
    if answer["auditAnnotations"]["evidence"].is_string() {
        assert_eq!(answer["allowed"], true, "{answer}");
        return true;
    }
    assert_eq!(answer["auditAnnotations"]["evidence-lost"], "true");
    assert_eq!(answer["allowed"], !is_denied, "{answer}");
    if is_denied {
        let message = answer["status"]["message"].as_str().unwrap();
        assert!(
            message.contains("there would be no record of it"),
            "{message}"
        );
    }
    false
}

/// The store is broken and mended while the server runs. Returns the uids whose records are lost.
async fn outage(
    server: &Server,
    on_failure: &str,
    mut breaks: impl FnMut(),
    mut mends: impl FnMut(),
) -> Vec<String> {
    let is_denied = on_failure == "deny";
    let agent = |uid: &str| pod_review(uid, &allowed());
    assert!(is_kept(server, &agent("before"), is_denied).await);
    breaks();
    let mut lost = Vec::new();
    for number in 0..3 {
        for (uid, is_inside) in [("agent", true), ("other", false)] {
            let mut review = agent(&format!("{uid}-{number}"));
            if !is_inside {
                review["request"]["object"]["metadata"]["labels"] = json!({});
            }
            // A disk may have room for one more.
            if !is_kept(server, &review, is_denied && is_inside).await {
                lost.push(format!("{uid}-{number}"));
            }
        }
    }
    assert!(!lost.is_empty(), "the store does not fail");
    assert_eq!(server.metric(FAILED).await, lost.len() as f64);
    mends();
    eventually(async || {
        let uid = format!("after-{}", lost.len());
        let is_kept = is_kept(server, &agent(&uid), is_denied).await;
        if !is_kept {
            lost.push(uid);
        }
        is_kept.then_some(())
    })
    .await;
    lost
}

/// What was lost is not there, and the gaps tell how much it was.
async fn check(server: &Server, lost: &[String], records: &Records) {
    let recorded: Vec<&str> = records
        .values()
        .filter_map(|record| record["request"]["uid"].as_str())
        .collect();
    let after = format!("after-{}", lost.len());
    assert!(recorded.contains(&"before") && recorded.contains(&after.as_str()));
    let missing = lost.iter().filter(|uid| !recorded.contains(&uid.as_str()));
    let missing = missing.count() as u64;
    assert_eq!(told_lost(records), missing);
    assert_eq!(server.metric(GAPS).await > 0.0, missing > 0);
}

#[tokio::test]
async fn a_full_disk_denies_agents_or_leaves_a_gap_and_is_written_to_when_there_is_room() {
    for on_failure in ["deny", "allow"] {
        for disk in Disk::all() {
            let store = disk.store();
            let [url, replica, key] = &store.options();
            let options = [url, replica, key, "--on-evidence-failure", on_failure];
            let server = Server::start_as(&options, |command, _| unkilled_at_limits(&command));
            let process = server.process();
            let lost = outage(
                &server,
                on_failure,
                || disk.fill(process),
                || disk.free(process),
            )
            .await;
            check(&server, &lost, &store.records().await).await;
        }
    }
}

#[cfg(feature = "cluster-tests")]
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_whose_server_is_gone_denies_agents_or_leaves_a_gap_and_is_written_to_again() {
    use cattlegrid::evidence::storage::Remote;
    use control_plane::evidence::S3Server;
    use object_store::aws::AmazonS3Builder;
    use std::sync::{Arc, Mutex};

    for on_failure in ["deny", "allow"] {
        let bucket = Mutex::new(S3Server::start().unwrap());
        let (url, environment) = {
            let bucket = bucket.lock().unwrap();
            let environment = [
                ("AWS_ENDPOINT_URL", bucket.endpoint()),
                ("AWS_ALLOW_HTTP", "true".to_owned()),
                ("AWS_REGION", "us-east-1".to_owned()),
                ("AWS_ACCESS_KEY_ID", bucket.access_key().to_owned()),
                ("AWS_SECRET_ACCESS_KEY", bucket.secret_key().to_owned()),
            ];
            (format!("s3://{}/some/prefix", bucket.bucket()), environment)
        };
        let options = [
            "--evidence",
            &url,
            "--evidence-replica",
            "one",
            "--on-evidence-failure",
            on_failure,
        ];
        let server = Server::start_as(&options, |mut command, _| {
            command.envs(environment.clone());
            command
        });
        let lost = outage(
            &server,
            on_failure,
            || bucket.lock().unwrap().stop(),
            || bucket.lock().unwrap().start_again().unwrap(),
        )
        .await;
        let store = environment
            .iter()
            .fold(AmazonS3Builder::new(), |builder, (name, value)| {
                builder.with_config(name.to_lowercase().parse().unwrap(), value)
            });
        let bucket = bucket.lock().unwrap().bucket();
        let store = store.with_bucket_name(bucket).build().unwrap();
        let records = records(&Remote::new(Arc::new(store), "some/prefix")).await;
        check(&server, &lost, &records).await;
    }
}

//! `cattlegrid audit --audit-log` on what a real API server logged, compared with what the webhook
//! answers to the same requests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use control_plane::Options;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::api::{Caller, Cluster, eventually, install, path, path_of, separate_with};
use crate::grid::{cron_job, host_path, job, named, pod, with};
use crate::server::{self, CATTLEGRID, any_port, make_certificate};
use crate::users::wait_for_right;

pub const NAMESPACE: &str = "replay";
/// The user's rights are no question here: RBAC lets this group do everything.
const GROUPS: [&str; 2] = ["system:masters", "system:authenticated"];
/// May enter Pods as far as RBAC is concerned, and break no glass.
const INTRUDERS: &str = "intruders";
/// One of them.
const INTRUDER: &str = "intruder";
const AUDIT_POLICY: &str = "\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    userGroups: ['system:serviceaccounts']
  - level: None
    users: ['system:apiserver']
  - level: Metadata
    resources: [{resources: [services]}]
  - level: Request
    resources: [{group: batch, resources: [cronjobs]}]
  - level: RequestResponse
";

/// A request of a user of its own, so that what is found can be told apart.
pub struct Sent {
    user: &'static str,
    method: &'static str,
    path: String,
    body: Value,
}

impl Sent {
    pub fn creation(user: &'static str, object: Value) -> Self {
        let object = named(object, user);
        Self {
            user,
            method: "POST",
            path: path(&object, NAMESPACE),
            body: object,
        }
    }
}

pub fn pets() -> Value {
    json!({"volumes": [host_path()]})
}

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}},
                         "spec": with(pod(pets())["spec"].clone(), json!({"restartPolicy": "Always"}))},
        },
    })
}

fn service() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"},
        "spec": {"sessionAffinity": "ClientIP", "ports": [{"port": 80}]},
    })
}

/// What is created.
fn creations() -> Vec<Sent> {
    let unbounded = with(
        job(json!({})),
        json!({"spec": {"activeDeadlineSeconds": 100_000, "backoffLimit": 6}}),
    );
    let autonomous = with(
        job(json!({"serviceAccountName": "default"})),
        json!({"metadata": {"labels": {"cattlegrid.dev/phase": "autonomous"}}}),
    );
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a"}});
    let token = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a", "annotations": {
            "kubernetes.io/service-account.name": "agent-shadow"}},
        "type": "kubernetes.io/service-account-token",
    });
    let claim = json!({
        "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    });
    vec![
        Sent::creation("clean", job(json!({}))),
        Sent::creation("pet", job(pets())),
        Sent::creation("bare", pod(json!({}))),
        Sent::creation("scheduled", cron_job(pets())),
        Sent::creation("server", deployment()),
        Sent::creation("unbounded", unbounded),
        Sent::creation("autonomous", autonomous),
        Sent::creation("account", account),
        Sent::creation("token", token),
        Sent::creation("claim", claim),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_says_what_the_webhook_would_have_said() {
    let options = Options {
        audit_policy: Some(AUDIT_POLICY.to_owned()),
        ..Options::default()
    };
    let (control_plane, cluster) = separate_with(options).await;
    install(&cluster).await;
    let enforce = json!({"cattlegrid.dev/agents": "enforce"});
    cluster.create_namespace(NAMESPACE, &enforce).await;
    for account in ["default", "agent-shadow"] {
        cluster.ensure_account(account, NAMESPACE).await;
    }
    let_in(&cluster).await;
    let creations = creations();
    for sent in &creations {
        let answer = send(&cluster, sent, "").await;
        assert!(
            (200..300).contains(&answer.0),
            "{}: {}",
            sent.user,
            answer.1
        );
    }
    let directory = tempfile::tempdir().unwrap();
    house(&cluster, directory.path()).await;
    let intruders = [INTRUDERS, "system:authenticated"].map(str::to_owned);
    for (user, path) in entrances() {
        let caller = Caller::User(user, &intruders);
        assert_eq!(cluster.enter(caller, &path).await.status, 101, "{user}");
    }
    let ignored = [
        Sent::creation("metadata", service()),
        change(
            "patched",
            "pet",
            json!({"metadata": {"labels": {"a": "b"}}}),
        ),
        change(
            "relabelled",
            "clean",
            json!({"metadata": {"labels": {"a": "b"}}}),
        ),
    ];
    for sent in &ignored {
        send(&cluster, sent, "").await;
    }
    let log = control_plane.audit_log_path().unwrap();
    let sent = creations.iter().chain(&ignored).map(|sent| sent.user);
    let entered = entrances().map(|(user, _)| user);
    wait_for_events_of(log, &sent.chain(entered).collect::<Vec<_>>()).await;
    let answer = replay(log, &cluster);
    let found = by_user(&answer.output, log);

    let directory = tempfile::tempdir().unwrap();
    let _server = register(&cluster, directory.path(), &[]).await;
    for sent in &creations {
        let (_, message) = send(&cluster, sent, "?dryRun=All").await;
        let said = told(&message);
        let replayed = found.get(sent.user).cloned().unwrap_or_default();
        assert_eq!(replayed, said, "{}\n{}", sent.user, answer.output);
    }
    assert!(
        !found["pet"].is_empty() && !found["scheduled"].is_empty(),
        "{}",
        answer.output
    );
    assert!(!found.contains_key("clean"), "{}", answer.output);
    assert!(
        answer
            .notes
            .contains("1 request not judged: the log holds no object of them"),
        "{}",
        answer.notes
    );
    what_was_patched_is_judged_as_far_as_it_is_known(&answer.output);
    for (user, path) in entrances() {
        let caller = Caller::User(user, &intruders);
        let refused = cluster.enter(caller, &path).await;
        let said = told(refused.message());
        assert!(
            refused.status == 403 && !said.is_empty(),
            "{user}: {refused:?}"
        );
        assert_eq!(found.get(user), Some(&said), "{user}\n{}", answer.output);
    }
}

/// An event is written after its answer is sent.
async fn wait_for_events_of(log: &Path, users: &[&str]) {
    eventually("the audit log tells of every request", async || {
        let text = std::fs::read_to_string(log).unwrap();
        let is_untold = |user: &&str| !text.contains(&format!("\"username\":\"{user}\""));
        match users.iter().copied().find(is_untold) {
            Some(user) => Err(format!("nothing about `{user}`")),
            None => Ok(()),
        }
    })
    .await;
}

fn what_was_patched_is_judged_as_far_as_it_is_known(output: &str) {
    let unknown = "not evaluated: an audit log does not hold the object before the change";
    let open = output.split_once(unknown).map_or("", |(_, open)| open);
    let of_host_paths = open.lines().find(|line| line.contains("host-paths: "));
    // That of `clean` passes either way.
    let expected = of_host_paths
        .is_some_and(|line| line.contains("1 request, ") && line.ends_with("patch Job replay/pet"));
    assert!(expected, "{output}");
}

pub async fn let_in(cluster: &Cluster) {
    let rbac = "rbac.authorization.k8s.io";
    let metadata = json!({"name": INTRUDERS});
    for object in [
        json!({"apiVersion": format!("{rbac}/v1"), "kind": "ClusterRole", "metadata": metadata,
               "rules": [{"apiGroups": [""], "verbs": ["create", "get"],
                          "resources": ["pods/exec", "pods/attach", "pods/portforward"]}]}),
        json!({"apiVersion": format!("{rbac}/v1"), "kind": "ClusterRoleBinding",
               "metadata": metadata,
               "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": INTRUDERS},
               "subjects": [{"apiGroup": rbac, "kind": "Group", "name": INTRUDERS}]}),
    ] {
        cluster.create(&object, "").await.object();
    }
    let asked = json!({"verb": "create", "resource": "pods", "subresource": "exec"});
    let spec = json!({"user": INTRUDER, "groups": [INTRUDERS], "resourceAttributes": asked});
    wait_for_right(cluster, &spec).await;
}

/// The kubelet of a node on which a Pod runs: it lets everybody in, and hangs up.
async fn house(cluster: &Cluster, directory: &Path) {
    make_certificate(directory);
    let certificates = CertificateDer::pem_file_iter(directory.join("tls.crt")).unwrap();
    let certificates = certificates.collect::<Result<Vec<_>, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(directory.join("tls.key")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(
        config.with_single_cert(certificates, key).unwrap(),
    ));
    let listener = TcpListener::bind(any_port()).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufStream::new(acceptor.accept(stream).await.unwrap());
            let mut line = String::new();
            while stream.read_line(&mut line).await.unwrap() > 2 {
                line.clear();
            }
            stream.write_all(ENTERED.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
        }
    });
    let node = json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": "house"},
        "status": {"addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
                   "daemonEndpoints": {"kubeletEndpoint": {"Port": port}}},
    });
    cluster.create(&node, "").await.object();
    let pod = named(pod(json!({"nodeName": "house"})), "housed");
    cluster.create(&pod, NAMESPACE).await.object();
}

pub fn entering() -> Sent {
    Sent {
        user: INTRUDER,
        method: "GET",
        path: format!(
            "/api/v1/namespaces/{NAMESPACE}/pods/bare/exec?command=sh&stdin=true&container=agent"
        ),
        body: Value::Null,
    }
}

const ENTERED: &str =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n";

/// How a user gets into a Pod.
fn entrances() -> [(&'static str, String); 3] {
    let pod = format!("/api/v1/namespaces/{NAMESPACE}/pods/housed");
    [
        (
            "exec",
            format!("{pod}/exec?command=sh&stdin=true&container=agent"),
        ),
        ("attach", format!("{pod}/attach?stdin=true&container=agent")),
        ("port-forward", format!("{pod}/portforward?ports=80")),
    ]
}

fn change(user: &'static str, of: &str, patch: Value) -> Sent {
    Sent {
        user,
        method: "PATCH",
        path: path_of(&named(job(json!({})), of), NAMESPACE),
        body: patch,
    }
}

/// Status and message of the answer.
pub async fn send(cluster: &Cluster, sent: &Sent, query: &str) -> (u16, String) {
    let groups = match sent.user {
        INTRUDER => [INTRUDERS, "system:authenticated"],
        _ => GROUPS,
    };
    let groups = groups.map(str::to_owned);
    let body = (!sent.body.is_null()).then_some(&sent.body);
    let path = format!("{}{query}", sent.path);
    let caller = Caller::User(sent.user, &groups);
    let answer = cluster.send(caller, sent.method, &path, body).await;
    (answer.status, answer.message().to_owned())
}

struct Replayed {
    output: String,
    notes: String,
}

fn replay(log: &Path, cluster: &Cluster) -> Replayed {
    let output = Command::new(CATTLEGRID)
        .args(["audit", "--audit-log", log.to_str().unwrap()])
        .args(["--kubeconfig", cluster.kubeconfig.to_str().unwrap()])
        .output()
        .unwrap();
    Replayed {
        output: String::from_utf8(output.stdout).unwrap(),
        notes: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What is denied by user, in the form of the webhook's messages.
fn by_user(output: &str, log: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut user, mut policy) = (String::new(), None);
    let prefix = format!("    {}:", log.display());
    for line in output.lines() {
        if let Some((name, _)) = line.split_once(" would be refused ") {
            name.clone_into(&mut user);
            policy = None;
        } else if let Some(rest) = line.strip_prefix("  deny[") {
            policy = rest.split_once(']').map(|(policy, _)| policy.to_owned());
        } else if line.starts_with("  ") && !line.starts_with("    ") {
            policy = None;
        } else if let (Some(policy), Some(rest)) = (&policy, line.strip_prefix(&prefix)) {
            // The line's number, the place and the object, the message.
            let (_, rest) = rest.split_once(": ").unwrap();
            let (place, message) = rest.split_once(": ").unwrap();
            let line = match place.split_once(" of ") {
                Some((path, _)) => format!("[{policy}] {path}: {message}"),
                None => format!("[{policy}] {message}"),
            };
            found.entry(user.clone()).or_default().insert(line);
        }
    }
    found
}

/// The findings in a refusal.
fn told(message: &str) -> BTreeSet<String> {
    let lines = message.split_once("denied the request: ");
    let lines = lines.map_or("", |(_, lines)| lines).lines();
    lines.map(str::to_owned).collect()
}

/// Registers a server, and waits until it is asked.
pub async fn register(
    cluster: &Cluster,
    directory: &Path,
    more: &[&str],
) -> control_plane::Supervised {
    let server = server::register(cluster, directory, more).await;
    eventually("the webhooks are asked", async || {
        let dry_run = async |spec: Value| {
            let probe = named(job(spec), "probe");
            let path = format!("{}?dryRun=All", path(&probe, NAMESPACE));
            cluster
                .send(Caller::Admin, "POST", &path, Some(&probe))
                .await
        };
        // Each of the two configurations is seen by a watch of its own.
        let (pet, bare) = (dry_run(pets()).await, dry_run(json!({})).await);
        let is_completed = bare.body["spec"]["activeDeadlineSeconds"] == 900;
        match is_completed && pet.message().contains("[host-paths]") {
            true => Ok(()),
            false => Err(format!("{} {}", bare.body, pet.body)),
        }
    })
    .await;
    server
}

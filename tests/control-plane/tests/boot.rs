//! The control plane boots, answers over verified TLS, and ends with its owner.

#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test may fail as the test does"
)]

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use control_plane::{ControlPlane, Impersonation, Options, User};
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::api::{Api, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::json;

/// Set for the process that is going to be killed: where it writes its server's URL.
const VICTIM_FILE: &str = "CONTROL_PLANE_TEST_VICTIM_FILE";

async fn client_from(kubeconfig: &Path) -> Client {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).unwrap();
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .unwrap();
    Client::try_from(config).unwrap()
}

async fn who_am_i(client: Client) -> (String, Vec<String>) {
    let reviews: Api<SelfSubjectReview> = Api::all(client);
    let review = reviews
        .create(&PostParams::default(), &SelfSubjectReview::default())
        .await;
    let user = review.unwrap().status.unwrap().user_info.unwrap();
    (user.username.unwrap(), user.groups.unwrap())
}

#[tokio::test]
async fn it_answers_each_user_and_its_controllers_work() {
    let options = Options {
        audit_policy: Some(
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n".to_owned(),
        ),
        ..Options::default()
    };
    let control_plane = ControlPlane::start(options).unwrap();
    let admin = client_from(&control_plane.kubeconfig_path()).await;

    let version = admin.apiserver_version().await.unwrap();
    assert_eq!(
        version.git_version,
        control_plane::binaries::kubernetes_version()
    );
    assert_eq!(
        (version.major.as_str(), version.minor.as_str()),
        ("1", "36")
    );
    let ready = admin
        .request_text(http::Request::get("/readyz").body(Vec::new()).unwrap())
        .await;
    assert_eq!(ready.unwrap(), "ok");

    for user in [
        User::Admin,
        User::Platform,
        User::Developer,
        User::AgentOperator,
    ] {
        let client = client_from(&control_plane.kubeconfig_path_of(user)).await;
        let mut groups: Vec<String> = user.groups().iter().map(ToString::to_string).collect();
        groups.push("system:authenticated".to_owned());
        assert_eq!(who_am_i(client).await, (user.name().to_owned(), groups));
    }
    let alice = Impersonation {
        user: "alice".to_owned(),
        groups: vec!["auditors".to_owned()],
    };
    let alice = control_plane.write_kubeconfig_as("alice", &alice).unwrap();
    let (name, groups) = who_am_i(client_from(&alice).await).await;
    assert_eq!(name, "alice");
    assert!(groups.contains(&"auditors".to_owned()), "{groups:?}");

    let namespace = json!({"metadata": {"name": "agents"}});
    let namespaces: Api<Namespace> = Api::all(admin.clone());
    let namespace: Namespace = serde_json::from_value(namespace).unwrap();
    namespaces
        .create(&PostParams::default(), &namespace)
        .await
        .unwrap();
    control_plane
        .wait_for_default_service_account("agents")
        .unwrap();
    let pod =
        json!({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    let pods: Api<Pod> = Api::namespaced(admin, "agents");
    let pod: Pod = serde_json::from_value(pod).unwrap();
    pods.create(&PostParams::default(), &pod).await.unwrap();

    let audit_log = std::fs::read_to_string(control_plane.audit_log_path().unwrap()).unwrap();
    assert!(audit_log.contains("/api/v1/namespaces/agents/pods"));

    let directory = control_plane.directory().to_path_buf();
    drop(control_plane);
    assert!(!directory.exists());
}

#[test]
fn a_program_that_refuses_its_flags_is_reported_with_its_log() {
    let options = Options {
        api_server_arguments: vec!["--no-such-flag".to_owned()],
        ..Options::default()
    };
    let message = ControlPlane::start(options).unwrap_err().to_string();
    assert!(
        message.starts_with("kube-apiserver ended before it was ready"),
        "{message}"
    );
    assert!(
        message.contains("unknown flag: --no-such-flag"),
        "{message}"
    );
}

#[test]
fn it_ends_when_its_owner_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("address");
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "victim", "--include-ignored"])
        .env(VICTIM_FILE, &file)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the control plane starts", Duration::from_secs(120), || {
        file.exists()
    });
    let url = std::fs::read_to_string(&file).unwrap();
    let address = url.trim_start_matches("https://").to_owned();
    assert!(TcpStream::connect(&address).is_ok());

    victim.kill().unwrap();
    victim.wait().unwrap();
    wait_until("the API server ends", Duration::from_secs(10), || {
        TcpStream::connect(&address).is_err()
    });
}

#[test]
#[ignore = "started by the test above, to be killed"]
fn victim() {
    let Some(file) = std::env::var_os(VICTIM_FILE) else {
        return;
    };
    let file = Path::new(&file);
    let control_plane = ControlPlane::start(Options::default()).unwrap();
    let unfinished = file.with_extension("unfinished");
    std::fs::write(&unfinished, control_plane.server_url()).unwrap();
    std::fs::rename(unfinished, file).unwrap();
    std::thread::sleep(Duration::from_secs(60));
}

fn wait_until(what: &str, limit: Duration, condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < limit, "{what}: not within {limit:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

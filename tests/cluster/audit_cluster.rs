//! `cattlegrid audit --cluster`, and files judged with what a cluster knows.

use std::path::Path;
use std::process::{Command, Output};

use control_plane::{ControlPlane, Impersonation};
use serde_json::{Value, json};

use crate::api::{Cluster, documents, eventually, install, repository, separate};
use crate::grid::{cron_job, host_path, job, named, pod};
use crate::server::CATTLEGRID;

const PETS: &str = "pets";
const HERD: &str = "herd";
/// More than two pages of a list.
const HERD_SIZE: usize = 1_210;

fn audit(kubeconfig: &Path, arguments: &[&str]) -> Output {
    Command::new(CATTLEGRID)
        .args(["audit", "--kubeconfig", kubeconfig.to_str().unwrap()])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Everything here is only read, so that one cluster serves all tests in this file.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_judged_as_it_is() {
    let (control_plane, cluster) = separate().await;
    furnish(&cluster).await;
    everything_is_judged_and_the_pets_come_first(&cluster);
    a_namespace_is_judged_alone(&cluster);
    what_may_not_be_listed_is_told_with_the_right_that_it_takes(&control_plane, &cluster).await;
    files_are_judged_with_what_the_cluster_knows(&cluster);
}

/// Objects from before anybody enforced anything: no webhook is registered.
async fn furnish(cluster: &Cluster) {
    install(cluster).await;
    let enforce = json!({"cattlegrid.dev/agents": "enforce"});
    for name in [PETS, HERD] {
        cluster.create_namespace(name, &enforce).await;
    }
    let template =
        |app: &str, spec: Value| json!({"metadata": {"labels": {"app": app}}, "spec": spec});
    let pod_spec = |more: Value| {
        let mut spec = pod(more)["spec"].clone();
        spec["restartPolicy"] = json!("Always");
        spec
    };
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": template("web", pod_spec(json!({"volumes": [host_path()]}))),
        },
    });
    cluster.create(&deployment, PETS).await.object();
    let suspended = {
        let mut job = named(cron_job(json!({"volumes": [host_path()]})), "asleep");
        job["spec"]["suspend"] = json!(true);
        job
    };
    cluster.create(&suspended, PETS).await.object();
    for number in 0..HERD_SIZE {
        let object = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("c-{number}")},
            "data": {"key": "value"},
        });
        cluster.create(&object, HERD).await.object();
    }
}

fn everything_is_judged_and_the_pets_come_first(cluster: &Cluster) {
    let output = audit(&cluster.kubeconfig, &["--cluster"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}{}", stderr(&output));
    let (section, _) = text.split_once("\n\nerror").unwrap_or((&text, ""));
    assert!(
        section.starts_with("These workloads run, and would not come back after a restart"),
        "{text}"
    );
    assert!(section.contains("Deployment pets/web, cluster ("), "{text}");
    assert!(
        section.contains("  [host-paths] spec.volumes[0].hostPath: "),
        "{text}"
    );
    assert!(!section.contains("asleep"), "{text}");
    assert!(
        text.contains("CronJob pets/asleep"),
        "it is judged all the same: {text}"
    );
    let total = text.lines().last().unwrap();
    let judged: usize = total
        .split(' ')
        .next()
        .unwrap()
        .replace(',', "")
        .parse()
        .unwrap();
    assert!(judged > HERD_SIZE, "{total}");
    assert!(!stderr(&output).contains("objects read"), "nobody watches");
}

fn a_namespace_is_judged_alone(cluster: &Cluster) {
    let output = audit(&cluster.kubeconfig, &["--cluster", "-n", HERD]);
    let text = stdout(&output);
    assert!(!text.contains("web"), "{text}");
    assert!(!text.contains("restart"), "{text}");
}

async fn what_may_not_be_listed_is_told_with_the_right_that_it_takes(
    control_plane: &ControlPlane,
    cluster: &Cluster,
) {
    let user = "auditor";
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
        "metadata": {"name": "audit"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                    "name": "cattlegrid-audit"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    });
    let mut role = documents(&repository("manifests/rbac/audit.yaml")).remove(0);
    cluster.create(&role, "").await.object();
    cluster.create(&binding, "").await.object();
    let impersonation = Impersonation {
        user: user.to_owned(),
        groups: vec!["system:authenticated".to_owned()],
    };
    let kubeconfig = control_plane
        .write_kubeconfig_as("audit", &impersonation)
        .unwrap();
    let denied = eventually("the role is known", async || {
        let output = audit(&kubeconfig, &["--cluster"]);
        let text = stdout(&output);
        match text.contains("would not come back") {
            true => Ok(text),
            false => Err(text + &stderr(&output)),
        }
    })
    .await;
    // The role suffices for everything but what it leaves out.
    let unlisted: Vec<&str> = denied
        .lines()
        .filter(|line| line.contains("may not be listed"))
        .collect();
    assert_eq!(unlisted.len(), 1, "{denied}");
    assert!(
        unlisted[0].contains("grant verb `list` on resource `secrets` of API group `\"\"`"),
        "{denied}"
    );
    // Less than that.
    role["rules"] = json!([]);
    let path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/cattlegrid-audit";
    cluster.patch(path, &json!({"rules": []})).await.object();
    eventually("the role grants nothing", async || {
        let output = audit(&kubeconfig, &["--cluster"]);
        let text = stdout(&output);
        match text.contains("grant verb `list` on resource `jobs` of API group `batch`") {
            true => Ok(()),
            false => Err(text),
        }
    })
    .await;
}

fn files_are_judged_with_what_the_cluster_knows(cluster: &Cluster) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("job.json");
    let mut object = job(json!({"volumes": [host_path()]}));
    object["metadata"]["namespace"] = json!(PETS);
    std::fs::write(&file, object.to_string()).unwrap();
    let output = audit(&cluster.kubeconfig, &[file.to_str().unwrap()]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}{}", stderr(&output));
    assert!(text.contains("[host-paths]"), "{text}");
    assert!(!text.contains("Deployment"), "{text}");
    // The cluster's authorizer answers.
    for (user, is_refused) in [("system:admin", true), ("nobody", true)] {
        let mut object = job(json!({}));
        object["metadata"]["namespace"] = json!(PETS);
        object["metadata"]["labels"] = json!({"cattlegrid.dev/phase": "read-only"});
        std::fs::write(&file, object.to_string()).unwrap();
        let output = audit(&cluster.kubeconfig, &["--as", user, file.to_str().unwrap()]);
        let text = stdout(&output);
        assert_eq!(
            text.contains("[phase-authority]"),
            is_refused,
            "{user}: {text}"
        );
    }
    let masters = [
        "--as",
        "root",
        "--as-group",
        "system:masters",
        file.to_str().unwrap(),
    ];
    let text = stdout(&audit(&cluster.kubeconfig, &masters));
    assert!(!text.contains("[phase-authority]"), "{text}");
}

#[test]
fn a_cluster_that_is_not_there_is_an_error_that_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing");
    let output = audit(&missing, &["--cluster"]);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(
        text.contains("the cluster cannot be used; name one with --kubeconfig"),
        "{text}"
    );
    let nobody = directory.path().join("nobody");
    let kubeconfig = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "a",
        "clusters": [{"name": "a", "cluster": {"server": "https://127.0.0.1:1"}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "users": [{"name": "a", "user": {"token": "secret-token"}}],
    });
    std::fs::write(&nobody, kubeconfig.to_string()).unwrap();
    let output = audit(&nobody, &["--cluster"]);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    assert!(text.contains("the cluster cannot be reached"), "{text}");
    assert!(!text.contains("secret-token"), "{text}");
}

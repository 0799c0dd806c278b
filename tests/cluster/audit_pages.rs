//! A list that the API server forgets while `cattlegrid audit --cluster` reads it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use control_plane::Options;
use serde_json::json;

use crate::api::{Cluster, eventually, install, separate_with};
use crate::server::CATTLEGRID;

const NAMESPACE: &str = "claims";
/// More than a page of a list; what is said of a page is more than a pipe holds.
const CLAIMS: usize = 520;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_forgotten_between_two_pages_is_read_to_its_end() {
    let options = Options {
        controller_manager: false,
        // Pages come out of etcd, which soon forgets how things were.
        api_server_arguments: ["--watch-cache=false", "--etcd-compaction-interval=1s"]
            .map(str::to_owned)
            .to_vec(),
        ..Options::default()
    };
    let (_control_plane, cluster) = separate_with(options).await;
    install(&cluster).await;
    let enforce = json!({"cattlegrid.dev/agents": "enforce"});
    cluster.create_namespace(NAMESPACE, &enforce).await;
    for number in 0..CLAIMS {
        let claim = json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": format!("c-{number}")},
            "spec": {"accessModes": ["ReadWriteOnce"],
                     "resources": {"requests": {"storage": "1Gi"}}},
        });
        cluster.create(&claim, NAMESPACE).await.object();
    }
    let mut child = Command::new(CATTLEGRID)
        .args(["audit", "--cluster", "--kubeconfig"])
        .arg(&cluster.kubeconfig)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    let name = |number: usize| format!("PersistentVolumeClaim {NAMESPACE}/c-{number}\n");
    // The second page is not asked for before what is said of the first one is read.
    while !text.contains("PersistentVolumeClaim claims/") {
        assert_ne!(output.read_line(&mut text).unwrap(), 0, "{text}");
    }
    forget(&cluster).await;
    output.read_to_string(&mut text).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{text}");
    for number in 0..CLAIMS {
        assert_eq!(text.matches(&name(number)).count(), 1, "{number}: {text}");
    }
    assert!(!text.contains("could not be listed"), "{text}");
}

/// Waits until what was read so far cannot be gone on with.
async fn forget(cluster: &Cluster) {
    let list = format!("/api/v1/namespaces/{NAMESPACE}/persistentvolumeclaims?limit=1");
    let page = cluster.get(&list).await.object();
    let rest = page["metadata"]["continue"].as_str().unwrap();
    // There is something later to go on with.
    cluster.create_namespace("later", &json!({})).await;
    eventually("the list is forgotten", async || {
        match cluster.get(&format!("{list}&continue={rest}")).await {
            answer if answer.status == 410 => Ok(()),
            answer => Err(answer.status.to_string()),
        }
    })
    .await;
}

//! What `cattlegrid policy export` and `cattlegrid generate namespace` print, in an API server without
//! the webhook.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::{
    Caller, Cluster, documents, eventually, parse, path, path_of, repository, separate,
};

/// How many requests a figure is the sum of.
const REQUESTS: u32 = 60;

/// For how long nothing changes once all policies are in force: an API server takes up validating and
/// mutating ones each second, on their own (`policyRefreshIntervalDefault` in
/// `k8s.io/apiserver/pkg/admission/plugin/policy/generic/policy_source.go`).
const SETTLED: Duration = Duration::from_secs(3);

/// What the program prints.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The shipped baseline with every policy on `warn`: natively warnings tell every message.
fn lenient_baseline() -> tempfile::NamedTempFile {
    let mut baseline = documents(&repository("manifests/baseline/default.yaml")).remove(0);
    for entry in std::fs::read_dir(repository("policies")).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            let id = entry.file_name().into_string().unwrap();
            baseline["spec"]["policies"][id] = json!({"action": "warn"});
        }
    }
    let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    std::fs::write(file.path(), baseline.to_string()).unwrap();
    file
}

async fn ensure(cluster: &Cluster, objects: &[Value]) {
    for object in objects {
        eventually("an exported object is taken", async || {
            let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
            let answer = cluster.create(object, namespace).await;
            match answer.is_success() || answer.status == 409 {
                true => Ok(()),
                false => Err(format!("{}: {}", object["metadata"]["name"], answer.body)),
            }
        })
        .await;
    }
}

fn is_policy(object: &Value) -> bool {
    object["apiVersion"] == "admissionregistration.k8s.io/v1"
}

async fn remove(cluster: &Cluster, objects: &[Value]) {
    for object in objects.iter().filter(|object| is_policy(object)).rev() {
        cluster.delete(&path_of(object, "")).await.object();
    }
}

/// The warnings about an object, without the names of policies and bindings.
async fn messages(cluster: &Cluster, object: &Value, namespace: &str) -> BTreeSet<String> {
    let path = format!("{}?dryRun=All", path(object, namespace));
    let answer = cluster
        .send(Caller::Admin, "POST", &path, Some(object))
        .await;
    let of_policy = |warning: &String| warning.starts_with("Validation failed for Validating");
    let warnings = answer.warnings.iter().filter(|warning| of_policy(warning));
    warnings
        .filter_map(|warning| warning.split_once("': "))
        .map(|(_, message)| message.to_owned())
        .collect()
}

/// What many requests take together.
async fn duration(cluster: &Cluster, object: &Value, namespace: &str) -> Duration {
    let path = format!("{}?dryRun=All", path(object, namespace));
    let start = Instant::now();
    for _ in 0..REQUESTS {
        cluster
            .send(Caller::Admin, "POST", &path, Some(object))
            .await;
    }
    start.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn fused_policies_say_the_same_in_an_api_server_and_cost_it_less() {
    let (_control_plane, cluster) = separate().await;
    let labels = json!({"cattlegrid.dev/agents": "enforce"});
    cluster.create_namespace("triage", &labels).await;
    cluster.ensure_account("default", "triage").await;
    let manifests = documents(&repository("manifests/examples/pet.yaml"));
    let pet = manifests
        .into_iter()
        .find(|object| object["kind"] == "Job")
        .unwrap();
    let bare = duration(&cluster, &pet, "triage").await;

    let baseline = lenient_baseline();
    let baseline = baseline.path().to_str().unwrap();
    let export = ["policy", "export", "--native", "--baseline", baseline];
    let mut said = Vec::new();
    let mut added = Vec::new();
    for form in [&[][..], &["--fused"]] {
        let objects = parse(&printed(&[&export[..], form].concat()));
        ensure(&cluster, &objects).await;
        // Policies come into force one by one; nobody says when the last one has.
        let stable = eventually("every policy is in force", async || {
            let (first, since) = (messages(&cluster, &pet, "triage").await, Instant::now());
            let mut same = first.len() >= 8;
            while same && since.elapsed() < SETTLED {
                same = messages(&cluster, &pet, "triage").await == first;
            }
            if same {
                Ok(first)
            } else {
                Err(format!("{first:?}"))
            }
        })
        .await;
        said.push(stable);
        added.push(
            duration(&cluster, &pet, "triage")
                .await
                .saturating_sub(bare),
        );
        remove(&cluster, &objects).await;
        eventually("no policy is in force", async || {
            let left = messages(&cluster, &pet, "triage").await;
            if left.is_empty() {
                Ok(())
            } else {
                Err(format!("{left:?}"))
            }
        })
        .await;
    }
    assert_eq!(said[0], said[1]);
    println!(
        "{REQUESTS} requests: {bare:?} without policies; the exported policies add {:?}, fused {:?}",
        added[0], added[1]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_set_refuses_the_pet_and_lets_a_generated_namespace_in() {
    let (_control_plane, cluster) = separate().await;
    let objects = parse(&printed(&["policy", "export", "--native", "--fused"]));
    ensure(&cluster, &objects).await;
    let people = documents(&repository("manifests/rbac/people.yaml"));
    ensure(&cluster, &people).await;
    let namespace = parse(&printed(&[
        "generate",
        "namespace",
        "triage",
        "--max-phase",
        "limited-write",
        "--runners",
        "developers=read-only",
        "--egress",
        "10.0.0.0/8:443",
    ]));
    ensure(&cluster, &namespace).await;
    let manifests = documents(&repository("manifests/examples/pet.yaml"));
    let pet = manifests
        .into_iter()
        .find(|object| object["kind"] == "Job")
        .unwrap();
    eventually("the pet is refused", async || {
        let path = format!("{}?dryRun=All", path(&pet, "triage"));
        let answer = cluster.send(Caller::Admin, "POST", &path, Some(&pet)).await;
        let is_refusal = answer.message().contains("denied request: ");
        if is_refusal {
            Ok(())
        } else {
            Err(answer.body.to_string())
        }
    })
    .await;
}

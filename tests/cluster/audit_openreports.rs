//! What `cattlegrid audit -o openreports` prints, in an API server with the custom resources of
//! openreports.io.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::api::{Caller, Cluster, documents, eventually, repository, separate};

/// The Go module that the custom resources come from.
const MODULE: &str = "github.com/openreports/reports-api@v0.2.1";

/// Where Go keeps the module.
fn module() -> PathBuf {
    let output = Command::new("go")
        .args(["mod", "download", "-json", MODULE])
        .current_dir(std::env::temp_dir())
        .output()
        .expect("go is needed, as it is to build the control plane");
    assert!(output.status.success(), "{output:?}");
    let described: Value = serde_json::from_slice(&output.stdout).unwrap();
    PathBuf::from(described["Dir"].as_str().unwrap())
}

/// What the program prints for files.
fn reports(arguments: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(["audit", "-o", "openreports"])
        .args(arguments)
        .current_dir(repository(""))
        .output()
        .unwrap();
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    list["items"].as_array().unwrap().clone()
}

/// Where a report is created; the plural is the kind in lower case with an `s`.
fn place(report: &Value) -> String {
    let namespace = report["metadata"]["namespace"].as_str();
    let namespace = namespace.map(|name| format!("/namespaces/{name}"));
    format!(
        "/apis/openreports.io/v1alpha1{}/{}s",
        namespace.unwrap_or_default(),
        report["kind"].as_str().unwrap().to_lowercase()
    )
}

async fn install(cluster: &Cluster) {
    for file in ["reports", "clusterreports"] {
        let file = format!("config/crd/openreports.io_{file}.yaml");
        for definition in documents(&module().join(file)) {
            cluster.create(&definition, "").await.object();
        }
    }
}

/// Objects with what an API server might not take.
fn hostile() -> String {
    let names = [
        "a",
        "<script>alert(1)</script>",
        "UPPER_case.and*",
        "--",
        "\\u0007\\u00e9\\U0001F600",
    ];
    let mut text = String::new();
    for name in names {
        for namespace in ["team-a", "no such namespace"] {
            text += &format!(
                "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: \"{name}\", \
                 namespace: {namespace}}}\nspec: {{}}\n---\n"
            );
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_taken_as_they_are_printed() {
    let (_control_plane, cluster) = separate().await;
    install(&cluster).await;
    for namespace in ["team-a", "triage", "reviews", "incidents", "retrieval"] {
        cluster.create_namespace(namespace, &json!({})).await;
    }
    let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    std::fs::write(file.path(), hostile()).unwrap();
    let reports = reports(&[
        "--assume-agents",
        "enforce",
        "manifests/examples",
        file.path().to_str().unwrap(),
    ]);
    let kinds: std::collections::BTreeSet<&str> = reports
        .iter()
        .map(|report| report["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["ClusterReport", "Report"]
    );
    for report in &reports {
        let place = format!("{}?fieldValidation=Strict", place(report));
        let taken = eventually("the report is taken", async || {
            let answer = cluster
                .send(Caller::Admin, "POST", &place, Some(report))
                .await;
            match answer.is_success() || answer.status != 404 {
                true => Ok(answer),
                // The custom resource is not served yet.
                false => Err(answer.body.to_string()),
            }
        })
        .await
        .object();
        for field in ["source", "scope", "summary", "results"] {
            assert_eq!(taken[field], report[field], "{field} of {report}");
        }
    }
}

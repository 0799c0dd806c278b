//! The webhook configurations of the API server, changed behind the server's back. They count for a
//! whole cluster, so this test has one of its own.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use control_plane::{Impersonation, Options};
use serde_json::{Value, json};

use crate::api::{
    Cluster, documents, eventually, install, parse, path_of, repository, separate_with,
};
use crate::server::{LOG, any_port, cattlegrid, make_certificate, records, serve};

const URL: &str = "https://127.0.0.1:1";

/// What the server may do by the role that ships, and no more.
fn webhook() -> Impersonation {
    let groups = [
        "system:serviceaccounts",
        "system:serviceaccounts:cattlegrid-system",
        "system:authenticated",
    ];
    Impersonation {
        user: "system:serviceaccount:cattlegrid-system:cattlegrid".to_owned(),
        groups: groups.map(str::to_owned).to_vec(),
    }
}

/// Change and items of the last record about webhooks: name, change, paths.
fn last(directory: &Path) -> Value {
    let log = std::fs::read_to_string(directory.join(LOG)).unwrap_or_default();
    let lines = records(&log);
    let mut parts = lines.iter().map(|line| &line["record"]["configuration"]);
    let Some(part) = parts.rfind(|part| part["of"] == "webhooks") else {
        return Value::Null;
    };
    let items = part["items"].as_array().into_iter().flatten();
    let items: Vec<Value> = items
        .map(|item| json!([item["name"], item["change"], item["paths"]]))
        .collect();
    json!([part["change"], items])
}

async fn told(directory: &Path, expected: Value) {
    eventually("the change is recorded", async || {
        let last = last(directory);
        if last == expected {
            Ok(())
        } else {
            Err(last.to_string())
        }
    })
    .await;
    let log = std::fs::read_to_string(directory.join(LOG)).unwrap();
    let lines = records(&log);
    let serving = lines.iter().find(|line| line["message"] == "serving");
    let address: SocketAddr = serving.unwrap()["metrics_address"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let gauge = format!(
        "cattlegrid_webhooks_drifted {}\n",
        expected[1].as_array().unwrap().len()
    );
    assert!(metrics(address).contains(&gauge), "{gauge}");
}

fn metrics(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

async fn change(cluster: &Cluster, path: &str, change: impl FnOnce(&mut Value)) {
    let mut object = cluster.get(path).await.object();
    change(&mut object["webhooks"]);
    let patch = json!({"webhooks": object["webhooks"]});
    cluster.patch(path, &patch).await.object();
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_webhook_configurations_are_recorded_with_what_differs_and_when_they_are_restored()
{
    let options = Options {
        controller_manager: false,
        ..Options::default()
    };
    let (control_plane, cluster) = separate_with(options).await;
    install(&cluster).await;
    cluster
        .create_namespace("cattlegrid-system", &json!({}))
        .await;
    for object in documents(&repository("manifests/rbac.yaml")) {
        cluster.create(&object, "cattlegrid-system").await.object();
    }
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    make_certificate(directory);
    let mut limited = cluster.clone();
    limited.kubeconfig = control_plane
        .write_kubeconfig_as("webhook", &webhook())
        .unwrap();
    let _server = serve(&limited, directory, any_port(), &["--url", URL]);
    let gone = |kind: &str| {
        json!([
            format!("{kind}WebhookConfiguration/cattlegrid"),
            "missing",
            null
        ])
    };
    told(
        directory,
        json!(["drifted", [gone("Validating"), gone("Mutating")]]),
    )
    .await;

    let authority = directory.join("ca.crt");
    let arguments = [
        "generate",
        "webhooks",
        "--url",
        URL,
        "--ca-bundle",
        authority.to_str().unwrap(),
    ];
    let [validating, mutating] = <[Value; 2]>::try_from(parse(&cattlegrid(&arguments))).unwrap();
    for configuration in [&validating, &mutating] {
        cluster.create(configuration, "").await.object();
    }
    let whole = json!(["restored", []]);
    told(directory, whole.clone()).await;

    let path = path_of(&validating, "");
    change(&cluster, &path, |webhooks| {
        webhooks[0]["failurePolicy"] = json!("Ignore");
        webhooks[0]["namespaceSelector"]["matchExpressions"][1]["values"] =
            json!(["audit", "warn", "enforce"]);
    })
    .await;
    let weakened = json!([
        "enforce.validate.cattlegrid.dev",
        "changed",
        [
            "failurePolicy",
            "namespaceSelector.matchExpressions[1].values"
        ]
    ]);
    told(directory, json!(["drifted", [weakened]])).await;
    change(&cluster, &path, |webhooks| {
        *webhooks = validating["webhooks"].clone()
    })
    .await;
    told(directory, whole.clone()).await;

    cluster.delete(&path_of(&mutating, "")).await.object();
    told(directory, json!(["drifted", [gone("Mutating")]])).await;
    let log = std::fs::read_to_string(directory.join(LOG)).unwrap();
    let is_warning = |line: &Value| {
        line["level"] == "WARN"
            && line["webhook"] == "enforce.validate.cattlegrid.dev"
            && line["what"]
                == "changed: failurePolicy, namespaceSelector.matchExpressions[1].values"
    };
    assert!(records(&log).iter().any(is_warning), "{log}");
}

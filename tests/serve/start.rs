//! The start of a server, and what keeps it from starting.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::server::eventually;
use crate::{client, rules};

fn refused(arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().unwrap();
    rules::write(directory.path());
    let output = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args(["serve", "--metrics-listen", "127.0.0.1:0"])
        .args(arguments)
        .current_dir(directory.path())
        .env_remove("KUBERNETES_SERVICE_HOST")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    output
}

#[test]
fn what_keeps_the_server_from_starting_is_one_line_that_says_what_to_do() {
    for (arguments, expected) in [
        (&["--listen", "0.0.0.0:0"][..], "error: no cluster is named"),
        (
            &["--baseline", "cluster"],
            "error: --baseline cluster needs a cluster",
        ),
        (
            &["--policies", "absent", "--listen", "127.0.0.1:0"],
            "error: absent: cannot be listed",
        ),
        (
            &["--baseline", "absent.yaml", "--listen", "127.0.0.1:0"],
            "error: absent.yaml: cannot be read",
        ),
        (
            &["--exceptions", "absent.yaml", "--listen", "127.0.0.1:0"],
            "error: absent.yaml: cannot be read",
        ),
        (
            &["--exceptions", "baseline.yaml", "--listen", "127.0.0.1:0"],
            "error: baseline.yaml: no PolicyException here",
        ),
        (
            &[
                "--tls-cert",
                "absent.pem",
                "--tls-key",
                "absent.key",
                "--listen",
                "127.0.0.1:0",
            ],
            "error: absent.pem: cannot be read",
        ),
        (
            &["--kubeconfig", "absent", "--listen", "127.0.0.1:0"],
            "error: the kubeconfig",
        ),
        (&["--drain-seconds", "soon"], "error: invalid value 'soon'"),
    ] {
        let output = refused(arguments);
        let text = String::from_utf8(output.stderr).unwrap();
        let errors: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("error: "))
            .collect();
        assert!(
            matches!(errors[..], [one] if one.starts_with(expected)),
            "{arguments:?}: {text}"
        );
    }
}

#[test]
fn every_problem_of_the_policies_is_reported_at_once() {
    let directory = tempfile::tempdir().unwrap();
    rules::write(directory.path());
    for name in ["a", "b"] {
        let text = format!(
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\n\
             metadata: {{name: {name}}}\nspec:\n  nonsense: 1\n"
        );
        std::fs::write(directory.path().join(format!("policies/{name}.yaml")), text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--metrics-listen",
            "127.0.0.1:0",
        ])
        .arg("--policies")
        .arg(directory.path().join("policies"))
        .env_remove("KUBERNETES_SERVICE_HOST")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains("a.yaml:5:") && text.contains("b.yaml:5:"),
        "{text}"
    );
}

/// The port of the webhook stays closed, and a request to stop is still heard.
#[tokio::test]
async fn until_the_cluster_is_known_the_server_is_alive_and_not_ready() {
    let directory = tempfile::tempdir().unwrap();
    let kubeconfig = directory.path().join("kubeconfig");
    let cluster = "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
                   clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n\
                   contexts: [{name: c, context: {cluster: c, user: u}}]\n\
                   users: [{name: u, user: {}}]\n";
    std::fs::write(&kubeconfig, cluster).unwrap();
    // Held, so that nobody else gets it; the server would fail to start if it opened it.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .args([
            "serve",
            "--metrics-listen",
            "127.0.0.1:0",
            "--log-format",
            "json",
        ])
        .args(["--listen", &port.local_addr().unwrap().to_string()])
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let address = log
        .by_ref()
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        .find(|event| event["message"] == "health and metrics")
        .and_then(|event| event["address"].as_str()?.parse().ok())
        .expect("no address in the log");
    assert_eq!(client::get(address, "/healthz").await.0, 200);
    assert_eq!(
        client::get(address, "/readyz").await,
        (503, "starting\n".to_owned())
    );
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let status = eventually(async || child.try_wait().unwrap()).await;
    assert!(status.success(), "{status}");
}

//! The start of a server, and what keeps it from starting.

use std::process::{Command, Output, Stdio};

use crate::rules;

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
        assert!(text.starts_with(expected), "{arguments:?}: {text}");
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

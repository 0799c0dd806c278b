//! Ctrl-C while `cattlegrid audit` runs.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::{directory, path};

/// What shells say of a program that Ctrl-C ended.
const EXIT_INTERRUPTED: i32 = 130;

fn begin(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_cattlegrid"))
        .arg("audit")
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Sends a signal, and waits for the end.
fn end(child: &mut Child, signal: Signal) -> Option<i32> {
    kill_process(Pid::from_child(child), signal).unwrap();
    child.wait().unwrap().code()
}

#[test]
fn nothing_of_an_interrupted_output_stays_and_what_was_there_does() {
    let claim = |number: usize| {
        format!(
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: c{number}, \
             namespace: agents}}\nspec: {{}}\n---\n"
        )
    };
    let claims: String = (0..2_000).map(claim).collect();
    let files = directory(&[("claims.yaml", &claims), ("out/report.json", "before")]);
    let report = path(&files, "out/report.json");
    for (signal, code) in [(Signal::INT, EXIT_INTERRUPTED), (Signal::TERM, 143)] {
        let mut child = begin(&[
            &path(&files, "claims.yaml"),
            "--assume-agents",
            "enforce",
            "-o",
            &format!("json={report}"),
            "-o",
            "text",
        ]);
        // It writes, and more than a pipe holds: it cannot end before it is read from.
        let mut first = [0];
        let mut output = child.stdout.take().unwrap();
        output.read_exact(&mut first).unwrap();
        let beside = || std::fs::read_dir(path(&files, "out")).unwrap().count();
        assert_eq!(beside(), 2, "the report is written beside its place");
        assert_eq!(end(&mut child, signal), Some(code));
        assert_eq!(beside(), 1);
        assert_eq!(std::fs::read_to_string(&report).unwrap(), "before");
    }
}

#[test]
fn a_cluster_that_does_not_answer_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let kubeconfig = format!(
        "{{apiVersion: v1, kind: Config, current-context: c, users: [{{name: u, user: {{}}}}], \
         contexts: [{{name: c, context: {{cluster: k, user: u}}}}], clusters: [{{name: k, \
         cluster: {{server: 'http://{}'}}}}]}}",
        listener.local_addr().unwrap()
    );
    let files = directory(&[("kubeconfig", &kubeconfig)]);
    let kubeconfig = path(&files, "kubeconfig");
    let mut child = begin(&["--cluster", "--kubeconfig", &kubeconfig]);
    let _connection = listener.accept().unwrap();
    assert_eq!(end(&mut child, Signal::INT), Some(EXIT_INTERRUPTED));
}

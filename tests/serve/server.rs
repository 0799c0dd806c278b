//! The program under test, and what it says.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::Pid;
use serde_json::Value;
use tempfile::TempDir;

use crate::client::Client;
use crate::pki::{self, Authority};
use crate::rules;

/// How long anything that must happen may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Server {
    child: Child,
    pub directory: TempDir,
    pub authority: Authority,
    pub address: SocketAddr,
    pub metrics: SocketAddr,
    log: Arc<Mutex<Vec<Value>>>,
    log_ended: Receiver<()>,
}

impl Server {
    /// Starts the program with the rules of [`rules`] and certificate number 1.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// Evidence goes into a file, see [`Server::evidence`].
    pub fn start_with(arguments: &[&str]) -> Self {
        Self::start_to(arguments, |directory| {
            Stdio::from(File::create(directory.join("evidence")).unwrap())
        })
    }

    /// Starts the program with a standard output of the test's choice.
    pub fn start_to(arguments: &[&str], stdout: impl FnOnce(&Path) -> Stdio) -> Self {
        Self::start_as(arguments, |mut command, directory| {
            command.stdout(stdout(directory));
            command
        })
    }

    /// Starts the program in a way of the test's choice.
    pub fn start_as(arguments: &[&str], way: impl FnOnce(Command, &Path) -> Command) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        rules::write(directory.path());
        pki::project(&directory.path().join("tls"), "1", &authority.issue(1));
        let mut command = command(directory.path());
        command.args(arguments);
        let mut child = way(command, directory.path()).spawn().unwrap();
        // Nobody reads a pipe.
        drop(child.stdout.take());
        let log = Arc::new(Mutex::new(Vec::new()));
        let (addresses, addresses_known) = channel();
        let (ended, log_ended) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let event: Value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if event["message"] == "serving" {
                    let address = |key: &str| event[key].as_str().unwrap().parse().unwrap();
                    addresses
                        .send((address("address"), address("metrics_address")))
                        .unwrap();
                }
                written.lock().unwrap().push(event);
            }
            let _ = ended.send(());
        });
        let (address, metrics) = addresses_known.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            let _ = child.kill();
            panic!("the server does not serve: {:?}", log.lock().unwrap());
        });
        Self {
            child,
            directory,
            authority,
            address,
            metrics,
            log,
            log_ended,
        }
    }

    pub fn client(&self) -> Client {
        Client::new(self.address, &self.authority)
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    pub fn process(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends the signal that a kubelet sends.
    pub fn terminate(&self) {
        rustix::process::kill_process(self.process(), rustix::process::Signal::TERM).unwrap();
    }

    /// Waits for the end, and for the last line of the log.
    pub fn wait(&mut self) -> ExitStatus {
        self.log_ended
            .recv_timeout(PATIENCE)
            .expect("the server does not stop");
        self.child.wait().unwrap()
    }

    /// Events of the log so far.
    pub fn log(&self) -> Vec<Value> {
        self.log.lock().unwrap().clone()
    }

    /// Lines of evidence so far.
    pub fn evidence(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path().join("evidence")).unwrap();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The decision about a review.
    pub async fn decision(&self, uid: &str) -> Value {
        eventually(async || {
            self.log()
                .into_iter()
                .find(|e| e["message"] == "decision" && e["uid"] == uid)
        })
        .await
    }

    /// GETs a path of the metrics listener.
    pub async fn get(&self, path: &str) -> (u16, String) {
        crate::client::get(self.metrics, path).await
    }

    /// A metric's value; 0 when it is not there.
    pub async fn metric(&self, line_start: &str) -> f64 {
        let (_, text) = self.get("/metrics").await;
        let line = text.lines().find(|line| line.starts_with(line_start));
        line.and_then(|line| line.rsplit(' ').next())
            .map_or(0.0, |value| value.parse().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program with its arguments, but for what a test adds.
pub fn command(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cattlegrid"));
    command
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--metrics-listen",
            "127.0.0.1:0",
        ])
        .args(["--log-format", "json", "--no-cluster"])
        .arg("--policies")
        .arg(directory.join("policies"))
        .arg("--baseline")
        .arg(directory.join("baseline.yaml"))
        .arg("--tls-cert")
        .arg(directory.join("tls/tls.crt"))
        .arg("--tls-key")
        .arg(directory.join("tls/tls.key"))
        .env_remove("KUBERNETES_SERVICE_HOST")
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Asks again and again until there is an answer.
pub async fn eventually<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let asking = async {
        loop {
            ticks.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking)
        .await
        .expect("what was waited for did not happen")
}

//! `cattlegrid serve` beside the control plane, installed with what its own commands print.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use control_plane::{Program, Supervised};

use super::cluster::{Cluster, eventually};

/// Between two looks at whether the server still runs.
const PAUSE: Duration = Duration::from_millis(500);
/// Where webhook configurations are, by kind.
const CONFIGURATIONS: [(&str, &str); 2] = [
    (
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
    ),
    (
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
    ),
];

/// A running server.
pub(super) struct Webhook {
    program: PathBuf,
    directory: PathBuf,
    address: String,
    server: Supervised,
}

impl Webhook {
    /// Makes a certificate, starts the server and waits until it serves.
    pub(super) async fn start(program: &Path, directory: &Path, kubeconfig: &Path) -> Result<Self> {
        let directory = directory.join("webhook");
        let text = |path: &Path| {
            let path = path.to_str().map(str::to_owned);
            path.context("the control plane's directory is not UTF-8")
        };
        let output = text(&directory)?;
        cattlegrid(
            program,
            &["certs", "--url", "https://127.0.0.1", "--output", &output],
        )?;
        let arguments = [
            "serve",
            "--listen=127.0.0.1:0",
            "--metrics-listen=127.0.0.1:0",
            "--log-format=json",
            "--tls-cert=tls.crt",
            "--tls-key=tls.key",
            "--kubeconfig",
            &text(kubeconfig)?,
        ];
        let mut server = Program {
            name: "cattlegrid",
            path: program,
            arguments: arguments.map(str::to_owned).to_vec(),
            directory: &directory,
            scratch: None,
        }
        .start()?;
        let log = server.log_path().to_owned();
        let address = eventually(async || serving_address(&log)).await;
        server.check_running()?;
        Ok(Self {
            program: program.to_owned(),
            directory,
            address: address?,
            server,
        })
    }

    /// Registers the server with what `cattlegrid generate webhooks` prints.
    pub(super) async fn register(&self, cluster: &Cluster) -> Result<()> {
        let url = format!("https://{}", self.address);
        let authority = self.directory.join("ca.crt");
        let authority = authority.to_string_lossy();
        let arguments = [
            "generate",
            "webhooks",
            "--url",
            &url,
            "--ca-bundle",
            authority.as_ref(),
        ];
        let documents = cattlegrid(&self.program, &arguments)?;
        for document in documents.split("\n---\n") {
            let resource = CONFIGURATIONS
                .into_iter()
                .find(|(kind, _)| document.contains(&format!("kind: {kind}\n")))
                .map(|(_, resource)| resource)
                .context("`cattlegrid generate webhooks` printed an unexpected object")?;
            let path = format!("/apis/admissionregistration.k8s.io/v1/{resource}/cattlegrid");
            cluster.apply(&path, document).await?;
        }
        Ok(())
    }

    /// Where decisions are logged.
    pub(super) fn log_path(&self) -> &Path {
        self.server.log_path()
    }

    /// Why the server has ended; waits until it has.
    pub(super) async fn ended(&mut self) -> anyhow::Error {
        loop {
            if let Err(ended) = self.server.check_running() {
                return ended.into();
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn cattlegrid(program: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.with_context(|| format!("run {}", program.display()))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "`cattlegrid {}` failed: {errors}",
        arguments.join(" ")
    );
    String::from_utf8(output.stdout).context("its output is not UTF-8")
}

/// The address in the log's line about serving.
fn serving_address(log: &Path) -> Result<String> {
    let text = std::fs::read_to_string(log)?;
    let serving = text.lines().find_map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_serving = line.get("message")?.as_str()? == "serving";
        is_serving.then(|| line.get("address")?.as_str().map(str::to_owned))?
    });
    serving.ok_or_else(|| anyhow!("the server does not serve; its log:\n{text}"))
}

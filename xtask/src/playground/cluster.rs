//! Server-side apply of YAML as it is: all that installing needs.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

/// How long the API server may take to see what was installed.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);

/// The control plane, as its admin.
pub(super) struct Cluster {
    client: Client,
}

impl Cluster {
    pub(super) async fn connect(kubeconfig: &Path) -> Result<Self> {
        let parsed = Kubeconfig::read_from(kubeconfig)?;
        let options = KubeConfigOptions::default();
        let config = Config::from_custom_kubeconfig(parsed, &options).await?;
        Ok(Self {
            client: Client::try_from(config)?,
        })
    }

    /// Applies one YAML document to where its object belongs.
    pub(super) async fn apply(&self, path: &str, yaml: &str) -> Result<()> {
        let uri = format!("{path}?fieldManager=playground&force=true");
        let request = http::Request::patch(uri)
            .header("Content-Type", "application/apply-patch+yaml")
            .body(yaml.as_bytes().to_vec())?;
        let applied = self.client.request_text(request).await;
        applied.with_context(|| format!("apply {path}"))?;
        Ok(())
    }

    /// Applies an object of a kind that was defined a moment ago.
    pub(super) async fn apply_when_served(&self, path: &str, yaml: &str) -> Result<()> {
        eventually(async || self.apply(path, yaml).await).await
    }

    /// Waits until a bare Job comes back completed: only then does the API server ask the webhook.
    pub(super) async fn wait_until_completed(&self, namespace: &str, image: &str) -> Result<()> {
        let path = format!("/apis/batch/v1/namespaces/{namespace}/jobs?dryRun=All");
        let job = format!(
            r#"{{"apiVersion": "batch/v1", "kind": "Job", "metadata": {{"name": "probe"}}, "spec":
                {{"template": {{"spec": {{"restartPolicy": "Never",
                "containers": [{{"name": "agent", "image": "{image}"}}]}}}}}}}}"#
        );
        eventually(async || {
            let request = http::Request::post(&path)
                .header("Content-Type", "application/json")
                .body(job.clone().into_bytes())?;
            let stored = self.client.request_text(request).await?;
            let is_completed = stored.contains("agent-shadow");
            is_completed
                .then_some(())
                .ok_or_else(|| anyhow!("Jobs are not completed: {stored}"))
        })
        .await
    }
}

/// Tries again until it works.
pub(super) async fn eventually<T>(attempt: impl AsyncFn() -> Result<T>) -> Result<T> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match attempt().await {
            Err(_) if tokio::time::Instant::now() < deadline => tokio::time::sleep(PAUSE).await,
            result => return result,
        }
    }
}

//! `cargo xtask playground`

mod cluster;
mod webhook;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use control_plane::{ControlPlane, Options};

use self::cluster::Cluster;
use self::webhook::Webhook;

/// The namespace to try things in.
const NAMESPACE: &str = "agents";
/// The accounts of its trust phases.
const ACCOUNTS: [&str; 4] = [
    "agent-autonomous",
    "agent-limited-write",
    "agent-read-only",
    "agent-shadow",
];
/// Nothing is ever pulled: there is no node.
const IMAGE: &str = "registry.example/agent@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// Run a control plane with cattlegrid as its webhook and a namespace for agents, until Ctrl-C
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}

pub(crate) fn run(Arguments {}: Arguments) -> Result<ExitCode> {
    let program = build()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    // Where it runs: programs of their own, which end when this is dropped.
    let control_plane = ControlPlane::start(Options::default())?;
    runtime.block_on(play(&program, &control_plane))?;
    Ok(ExitCode::SUCCESS)
}

/// Builds the program as this one was built, so that it lies beside it.
fn build() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--package", "cattlegrid", "--bin", "cattlegrid"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let status = command.status().context("run `cargo build`")?;
    ensure!(status.success(), "`cargo build` failed: see above");
    let own = std::env::current_exe().context("find this program")?;
    let program = own.with_file_name(format!("cattlegrid{}", std::env::consts::EXE_SUFFIX));
    ensure!(
        program.exists(),
        "{} is not where it was built",
        program.display()
    );
    Ok(program)
}

async fn play(program: &Path, control_plane: &ControlPlane) -> Result<()> {
    let stopped = tokio::signal::ctrl_c();
    let kubeconfig = control_plane.kubeconfig_path();
    let cluster = Cluster::connect(&kubeconfig).await?;
    install_baseline(&cluster).await?;
    let mut webhook = Webhook::start(program, control_plane.directory(), &kubeconfig).await?;
    webhook.register(&cluster).await?;
    create_namespace(&cluster).await?;
    cluster.wait_until_completed(NAMESPACE, IMAGE).await?;
    println!("{}", invitation(&kubeconfig, webhook.log_path()));
    tokio::select! {
        stopped = stopped => stopped.context("wait for Ctrl-C")?,
        ended = webhook.ended() => return Err(ended),
    }
    println!("\nStopping.");
    Ok(())
}

async fn install_baseline(cluster: &Cluster) -> Result<()> {
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests");
    let read = |path: &str| {
        let path = manifests.join(path);
        std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    };
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let definition = format!("{definitions}/agentbaselines.cattlegrid.dev");
    cluster
        .apply(&definition, &read("crds/agentbaselines.yaml")?)
        .await?;
    let baseline = "/apis/cattlegrid.dev/v1alpha1/agentbaselines/default";
    cluster
        .apply_when_served(baseline, &read("baseline/default.yaml")?)
        .await
}

async fn create_namespace(cluster: &Cluster) -> Result<()> {
    let path = format!("/api/v1/namespaces/{NAMESPACE}");
    let namespace = format!(
        "{{apiVersion: v1, kind: Namespace, \
         metadata: {{name: {NAMESPACE}, labels: {{cattlegrid.dev/agents: enforce}}}}}}"
    );
    cluster.apply(&path, &namespace).await?;
    for account in ACCOUNTS.iter().chain(&["default"]) {
        let object =
            format!("{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: {account}}}}}");
        cluster
            .apply(&format!("{path}/serviceaccounts/{account}"), &object)
            .await?;
    }
    Ok(())
}

fn invitation(kubeconfig: &Path, log: &Path) -> String {
    let kubeconfig = kubeconfig.display();
    let log = log.display();
    let pet = r#"{"spec":{"volumes":[{"name":"run","hostPath":{"path":"/run"}}]}}"#;
    format!(
        "A control plane without nodes is up: Pods are made and never run.\n\
         Namespace `{NAMESPACE}` is labelled cattlegrid.dev/agents=enforce.\n\n\
         In another terminal, with a kubectl of your own (none is built here):\n\n  \
         export KUBECONFIG={kubeconfig}\n\n  \
         kubectl -n {NAMESPACE} create job bare --image={IMAGE}\n  \
         kubectl -n {NAMESPACE} get pods -o yaml\n  \
         kubectl -n {NAMESPACE} run pet --image={IMAGE} --overrides='{pet}'\n\n\
         The first is completed, the second shows with what, the third is refused.\n\
         Decisions are logged in {log}\n\n\
         Ctrl-C stops everything."
    )
}

//! Manifests as repositories have them, made from numbers.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// How many manifests a directory holds.
const TOGETHER: u32 = 100;

/// One namespace of agents, one of something else.
const NAMESPACES: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: agents
  labels:
    cattlegrid.dev/agents: enforce
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
";

/// Writes so many manifests and the namespaces that they are in; returns how many bytes they have.
/// Every second one has findings.
///
/// # Errors
/// What cannot be written.
pub(super) fn write(directory: &Path, count: u32) -> Result<u64> {
    fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
    fs::write(directory.join("namespaces.yaml"), NAMESPACES)?;
    let mut bytes = 0;
    for number in 0..count {
        let folder = directory.join(format!("team-{:03}", number / TOGETHER));
        fs::create_dir_all(&folder)?;
        let text = manifest(number);
        bytes += text.len() as u64;
        fs::write(folder.join(format!("workload-{number:05}.yaml")), text)?;
    }
    Ok(bytes)
}

/// Kinds take turns every second manifest, so that each has as many with findings as without.
fn manifest(number: u32) -> String {
    let is_refused = number % 2 == 1;
    match number / 2 % 4 {
        0 => job(number, is_refused),
        1 => cron_job(number, is_refused),
        2 => pod(number, is_refused),
        _ => deployment(number, is_refused),
    }
}

fn job(number: u32, is_refused: bool) -> String {
    let mut text = head("batch/v1", "Job", number, "agents");
    text.push_str("spec:\n  backoffLimit: 0\n  ttlSecondsAfterFinished: 600\n  activeDeadlineSeconds: 300\n  template:\n");
    template(&mut text, 4, number, is_refused);
    text
}

fn cron_job(number: u32, is_refused: bool) -> String {
    let mut text = head("batch/v1", "CronJob", number, "agents");
    let minute = number % 60;
    let _ = write!(
        text,
        "spec:\n  schedule: \"{minute} */4 * * *\"\n  concurrencyPolicy: Forbid\n  startingDeadlineSeconds: 120\n  jobTemplate:\n    spec:\n      backoffLimit: 0\n      activeDeadlineSeconds: 300\n      template:\n"
    );
    template(&mut text, 8, number, is_refused);
    text
}

/// A bare Pod is no investigation, and is refused as one.
fn pod(number: u32, is_refused: bool) -> String {
    let namespace = if is_refused { "agents" } else { "shop" };
    let mut text = head("v1", "Pod", number, namespace);
    text.push_str("spec:\n");
    pod_spec(&mut text, 2, number, is_refused);
    text
}

/// A Deployment never ends, and is refused as an agent.
fn deployment(number: u32, is_refused: bool) -> String {
    let namespace = if is_refused { "agents" } else { "shop" };
    let mut text = head("apps/v1", "Deployment", number, namespace);
    let replicas = number % 5 + 1;
    let _ = write!(
        text,
        "spec:\n  replicas: {replicas}\n  revisionHistoryLimit: 5\n  selector:\n    matchLabels:\n      app.kubernetes.io/instance: workload-{number}\n  strategy:\n    type: RollingUpdate\n    rollingUpdate:\n      maxSurge: 25%\n      maxUnavailable: 0\n  template:\n"
    );
    template(&mut text, 4, number, is_refused);
    text
}

fn head(api_version: &str, kind: &str, number: u32, namespace: &str) -> String {
    let mut text = format!(
        "# Generated from the catalogue of services; owners are in CODEOWNERS.\napiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: workload-{number}\n  namespace: {namespace}\n"
    );
    labels(&mut text, 2, number);
    text.push_str("  annotations:\n");
    for (key, value) in [
        ("example.com/owner", "platform@example.com"),
        (
            "example.com/runbook",
            "https://runbooks.example.com/workloads/restart",
        ),
        (
            "example.com/description",
            "'Answers tickets that nobody has looked at for a day: reads, sorts, drafts.'",
        ),
        ("argocd.argoproj.io/sync-wave", "\"3\""),
    ] {
        let _ = writeln!(text, "    {key}: {value}");
    }
    text
}

fn labels(text: &mut String, indent: usize, number: u32) {
    let _ = writeln!(text, "{:indent$}labels:", "");
    let inner = indent + 2;
    for (key, value) in [
        ("app.kubernetes.io/name", "workload".to_owned()),
        ("app.kubernetes.io/instance", format!("workload-{number}")),
        (
            "app.kubernetes.io/version",
            format!("\"1.{}.{}\"", number % 17, number % 7),
        ),
        (
            "app.kubernetes.io/part-of",
            format!("system-{}", number % 40),
        ),
        ("app.kubernetes.io/managed-by", "argocd".to_owned()),
    ] {
        let _ = writeln!(text, "{:inner$}{key}: {value}", "");
    }
}

fn template(text: &mut String, indent: usize, number: u32, is_refused: bool) {
    let _ = writeln!(text, "{:indent$}metadata:", "");
    labels(text, indent + 2, number);
    let _ = writeln!(text, "{:indent$}spec:", "");
    pod_spec(text, indent + 2, number, is_refused);
}

fn pod_spec(text: &mut String, indent: usize, number: u32, is_refused: bool) {
    let mut spec = String::from(
        "restartPolicy: Never\nautomountServiceAccountToken: false\nenableServiceLinks: false\nterminationGracePeriodSeconds: 30\nsecurityContext:\n  runAsNonRoot: true\n  runAsUser: 10001\n  runAsGroup: 10001\n  fsGroup: 10001\n  seccompProfile: {type: RuntimeDefault}\n",
    );
    if is_refused && number.is_multiple_of(3) {
        spec.push_str("hostNetwork: true\n");
    }
    spec.push_str("containers:\n");
    container(&mut spec, "agent", number, is_refused);
    if number.is_multiple_of(3) {
        container(&mut spec, "proxy", number, false);
    }
    spec.push_str("volumes:\n  - name: scratch\n    emptyDir: {medium: Memory, sizeLimit: 32Mi}\n  - name: settings\n    configMap:\n      name: workload-settings\n      items:\n        - {key: settings.yaml, path: settings.yaml}\n");
    if is_refused && number % 5 < 3 {
        spec.push_str(
            "  - name: state\n    hostPath: {path: /var/lib/agent, type: DirectoryOrCreate}\n",
        );
    }
    for line in spec.lines() {
        let _ = writeln!(text, "{:indent$}{line}", "");
    }
}

fn container(spec: &mut String, name: &str, number: u32, is_refused: bool) {
    let digest = format!("{number:064x}");
    let image = match is_refused && number % 2 == 1 && number % 7 < 5 {
        true => format!("registry.example.com/{name}:1.{}", number % 9),
        false => format!("registry.example.com/{name}@sha256:{digest}"),
    };
    let _ = write!(
        spec,
        "  - name: {name}\n    image: {image}\n    imagePullPolicy: IfNotPresent\n    args: [run, --queue=tickets, \"--batch={}\", --log-format=json]\n    env:\n",
        number % 50
    );
    for variable in 0..12 {
        let _ = write!(
            spec,
            "      - name: SETTING_{variable}\n        value: \"{}\"\n",
            number + variable
        );
    }
    spec.push_str("      - name: POD_NAME\n        valueFrom:\n          fieldRef:\n            fieldPath: metadata.name\n");
    if name == "agent" {
        spec.push_str("    resources:\n      # Measured in production, see the dashboard.\n      requests: {cpu: 100m, memory: 64Mi}\n      limits: {cpu: 200m, memory: 96Mi, ephemeral-storage: 64Mi}\n");
    } else {
        spec.push_str("    resources:\n      requests: {cpu: 20m, memory: 16Mi}\n      limits: {cpu: 50m, memory: 32Mi, ephemeral-storage: 16Mi}\n");
    }
    let read_only = !(is_refused && (number % 11 < 6 || number % 7 >= 5));
    let _ = write!(
        spec,
        "    securityContext:\n      allowPrivilegeEscalation: false\n      readOnlyRootFilesystem: {read_only}\n      capabilities:\n        drop: [ALL]\n    volumeMounts:\n      - name: scratch\n        mountPath: /tmp\n      - name: settings\n        mountPath: /etc/workload\n        readOnly: true\n"
    );
}

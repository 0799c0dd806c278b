//! The manifests: every creation among the policies' cases, the repository's examples, and
//! variations of each kind that runs agents.

use std::path::{Path, PathBuf};

use cattlegrid::audit::requester::Requester;
use cattlegrid::policy::cases::{self, Case, Right};
use serde_json::{Value, json};

use super::{is_in_namespace, policies};
use crate::api::{documents, repository};
use crate::grid::{cron_job, host_path, job, pod, with};

/// The namespace that cases and examples name.
const NAMESPACE: &str = "agents";
/// What an agent in phase `shadow` runs as whose label `account` says `reviewer`.
pub const ANOTHER_ACCOUNT: &str = "agent-shadow-reviewer";
/// Somebody who may do everything but start agents of a phase.
const DEVELOPER: &str = "audit-parity-developer";

/// An object, who sends it, and where to.
#[derive(Clone)]
pub struct Manifest {
    /// Where it is from.
    pub name: String,
    /// The object.
    pub object: Value,
    /// Who sends it.
    pub user: String,
    /// Their groups, as far as somebody said.
    pub groups: Vec<String>,
    /// What they may do in our API group.
    pub rights: Vec<Right>,
    /// The labels of the namespace.
    pub namespace_labels: Value,
    /// Its name in the cluster.
    pub namespace: String,
}

impl Manifest {
    fn new(name: String, object: Value, namespace_labels: Value) -> Self {
        Self {
            name,
            object,
            user: DEVELOPER.to_owned(),
            groups: Vec::new(),
            rights: Vec::new(),
            namespace_labels,
            namespace: NAMESPACE.to_owned(),
        }
    }

    fn of_case(policy: &str, case: &Case) -> Option<Self> {
        let is_creation = case.operation == "CREATE" && case.subresource.is_empty();
        let has_own_baseline = case
            .baseline
            .as_object()
            .is_some_and(|patch| !patch.is_empty());
        if !is_creation || has_own_baseline || case.not_native.is_some() {
            return None;
        }
        Some(Self {
            user: case.user.clone(),
            groups: case.groups.clone(),
            rights: case.rights.clone(),
            ..Self::new(
                format!("{policy}: {}", case.name),
                case.object.clone()?,
                json!(case.namespace_labels),
            )
        })
    }

    /// The manifest in a namespace of the cluster. Objects in no namespace get a label by which the
    /// webhook is asked about them, Namespaces a name of their own.
    pub fn localised(mut self, namespace: &str, number: usize, label: &Value) -> Self {
        self.namespace = namespace.to_owned();
        localise("", &mut self.object, namespace);
        self.user = localised(&self.user, namespace);
        for group in &mut self.groups {
            *group = localised(group, namespace);
        }
        if !is_in_namespace(&self.object) {
            let metadata = json!({"metadata": {"labels": label}});
            json_patch::merge(&mut self.object, &metadata);
            if self.object["kind"] == "Namespace" {
                self.object["metadata"]["name"] = json!(format!("audit-parity-new-{number}"));
            }
        }
        if !self.rights.is_empty() {
            self.groups.push(format!("audit-parity:{number}"));
        }
        self
    }

    /// Who sends it, with all groups.
    pub fn requester(&self) -> Requester {
        Requester::new(&self.user, &self.groups)
    }
}

fn localise(key: &str, value: &mut Value, namespace: &str) {
    match value {
        Value::Object(members) => members
            .iter_mut()
            .for_each(|(key, member)| localise(key, member, namespace)),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| localise(key, item, namespace)),
        Value::String(text) if text.contains(':') || key == "namespace" => {
            *text = localised(text, namespace);
        }
        _ => {}
    }
}

fn localised(text: &str, namespace: &str) -> String {
    let parts = text.split(':').map(|part| match part {
        NAMESPACE => namespace,
        part => part,
    });
    parts.collect::<Vec<_>>().join(":")
}

/// All of them.
pub fn manifests() -> Vec<Manifest> {
    let mut manifests = of_cases();
    manifests.extend(of_examples());
    manifests.extend(variations());
    manifests
}

fn of_cases() -> Vec<Manifest> {
    let mut manifests = Vec::new();
    for directory in sorted(&policies()) {
        let file = directory.join("tests.yaml");
        let Ok(text) = std::fs::read_to_string(&file) else {
            continue;
        };
        let policy = directory.file_name().unwrap().to_str().unwrap();
        let cases = cases::parse(policy, &text).unwrap();
        manifests.extend(
            cases
                .iter()
                .filter_map(|case| Manifest::of_case(policy, case)),
        );
    }
    manifests
}

fn of_examples() -> Vec<Manifest> {
    let labels = mode("enforce");
    let mut files = Vec::new();
    for entry in sorted(&repository("manifests/examples")) {
        match entry.is_dir() {
            true => files.extend(sorted(&entry)),
            false => files.push(entry),
        }
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "yaml"));
    let mut manifests = Vec::new();
    for file in files {
        for (number, mut object) in documents(&file).into_iter().enumerate() {
            if object["metadata"]["namespace"].is_string() {
                object["metadata"]["namespace"] = json!(NAMESPACE);
            }
            let name = format!("{} {number}", file.display());
            manifests.push(Manifest::new(name, object, labels.clone()));
        }
    }
    manifests
}

fn sorted(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn mode(mode: &str) -> Value {
    json!({"cattlegrid.dev/agents": mode})
}

/// The labels of an agent namespace that has a LimitRange.
pub fn limited() -> Value {
    with(mode("enforce"), json!({"audit-parity/limits": "defaults"}))
}

/// The LimitRange: it fills in what containers do not say.
pub fn limit_range() -> Value {
    json!({
        "apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "defaults"},
        "spec": {"limits": [{
            "type": "Container",
            "default": {"cpu": "1", "memory": "512Mi", "ephemeral-storage": "1Gi"},
            "defaultRequest": {"cpu": "100m", "memory": "128Mi"},
        }]},
    })
}

fn namespaces() -> [Value; 5] {
    [
        mode("enforce"),
        mode("warn"),
        mode("audit"),
        json!({}),
        limited(),
    ]
}

fn variations() -> Vec<Manifest> {
    let mut manifests = Vec::new();
    for spec in specs() {
        for object in [
            job(spec.clone()),
            cron_job(spec.clone()),
            pod(spec.clone()),
            deployment(&spec),
        ] {
            for labels in namespaces() {
                let kind = object["kind"].as_str().unwrap();
                let name = format!("{kind} with {spec} in {labels}");
                manifests.push(Manifest::new(name, object.clone(), labels));
            }
        }
    }
    manifests.extend(labelled());
    manifests
}

/// Objects whose labels say something.
fn labelled() -> Vec<Manifest> {
    let mut manifests = Vec::new();
    for (key, value) in [
        ("workload", "agent"),
        ("phase", "read-only"),
        ("phase", "autonomous"),
        ("phase", "no-such-phase"),
        ("profile", "small"),
        ("profile", "no-such-profile"),
        ("investigation", "incident-2026-11-23"),
        ("account", "reviewer"),
    ] {
        let labels = json!({"metadata": {"labels": {format!("cattlegrid.dev/{key}"): value}}});
        for object in [job(json!({})), cron_job(json!({})), pod(json!({}))] {
            for namespace in [mode("enforce"), json!({})] {
                let kind = object["kind"].as_str().unwrap();
                let name = format!("{kind} with label {key} {value} in {namespace}");
                let object = with(object.clone(), labels.clone());
                manifests.push(Manifest::new(name, object, namespace));
            }
        }
    }
    manifests
}

fn deployment(spec: &Value) -> Value {
    let mut spec = pod(spec.clone())["spec"].take();
    spec["restartPolicy"] = json!("Always");
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"generateName": "agents-"},
        "spec": {"selector": {"matchLabels": {"app": "agents"}},
                 "template": {"metadata": {"labels": {"app": "agents"}}, "spec": spec}},
    })
}

fn container(more: Value) -> Value {
    let mut container = pod(json!({}))["spec"]["containers"][0].take();
    json_patch::merge(&mut container, &more);
    json!({"containers": [container]})
}

/// What Pods are varied in.
fn specs() -> Vec<Value> {
    let volume = |source: Value| {
        let mut volume = json!({"name": "v"});
        json_patch::merge(&mut volume, &source);
        json!({"volumes": [volume]})
    };
    vec![
        json!({}),
        json!({"hostNetwork": true}),
        json!({"hostPID": true, "shareProcessNamespace": false}),
        json!({"volumes": [host_path()]}),
        volume(json!({"emptyDir": {}})),
        volume(json!({"emptyDir": {"medium": "Memory"}})),
        volume(json!({"emptyDir": {"medium": "Memory", "sizeLimit": "67108864"}})),
        volume(json!({"persistentVolumeClaim": {"claimName": "state"}})),
        volume(json!({"secret": {"secretName": "token"}})),
        volume(json!({"configMap": {"name": "settings"}})),
        volume(json!({"projected": {"sources": [
            {"serviceAccountToken": {"path": "token", "expirationSeconds": 7200}}]}})),
        volume(json!({"projected": {"sources": [{"serviceAccountToken":
            {"path": "token", "audience": "cattlegrid.dev/shadow"}}]}})),
        json!({"serviceAccountName": "default"}),
        json!({"serviceAccountName": "agent-shadow"}),
        json!({"serviceAccount": "agent-read-only"}),
        json!({"automountServiceAccountToken": true}),
        json!({"automountServiceAccountToken": false}),
        json!({"terminationGracePeriodSeconds": 600}),
        json!({"activeDeadlineSeconds": 100_000}),
        json!({"tolerations": [{"operator": "Exists"}]}),
        container(json!({"image": "registry.example/agent:latest"})),
        container(
            json!({"image": "redis@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}),
        ),
        container(json!({"securityContext": {"privileged": true}})),
        container(json!({"securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}})),
        container(json!({"securityContext": {"readOnlyRootFilesystem": false, "runAsUser": 0}})),
        container(json!({"resources": {"limits": {"memory": "64Gi"}}})),
        container(json!({"resources": {"limits": {"cpu": 0.5, "memory": "128974848"}}})),
        container(json!({"env": [{"name": "API_TOKEN", "value": "no-secret-at-all"}]})),
        container(json!({"env": [{"name": "API_TOKEN", "valueFrom":
            {"secretKeyRef": {"name": "token", "key": "token"}}}]})),
        container(json!({"envFrom": [{"secretRef": {"name": "token"}}]})),
        container(json!({"ports": [{"containerPort": 8080, "hostPort": 8080}]})),
        container(json!({"restartPolicy": "Always"})),
    ]
}

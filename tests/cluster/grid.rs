//! `cattlegrid serve`, as a process of its own, registered at the shared control plane.
//!
//! Each test has its own server and its own webhook configurations, narrowed to namespaces of that
//! test, so that tests run side by side and may stop their server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use control_plane::Supervised;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::api::{Answer, Caller, Cluster, cluster, eventually, parse, path, path_of};
use crate::server::{LOG, address_of, any_port, cattlegrid, make_certificate, records, serve};

/// Label of a test's namespaces.
const TEST_LABEL: &str = "grid.test/name";
/// ServiceAccounts of every agent namespace here.
pub const ACCOUNTS: [&str; 4] = [
    "default",
    "agent-shadow",
    "agent-read-only",
    "agent-autonomous",
];

/// A registered server.
pub struct Grid {
    /// The control plane.
    pub cluster: Cluster,
    name: &'static str,
    directory: Arc<TempDir>,
    address: SocketAddr,
    server: Option<Supervised>,
}

/// A namespace of a test.
#[derive(Clone)]
pub struct Namespace<'g> {
    grid: &'g Grid,
    /// Its name.
    pub name: String,
}

impl Grid {
    /// Starts a server, registers it, and waits until the API server asks it. `name` is a DNS label
    /// that no other test has.
    pub async fn start(name: &'static str) -> Self {
        let cluster = cluster().await;
        let directory = Arc::new(tempfile::tempdir().unwrap());
        make_certificate(directory.path());
        let mut grid = Self {
            cluster,
            name,
            directory,
            address: any_port(),
            server: None,
        };
        grid.start_server().await;
        grid.register().await;
        grid.wait_until_asked().await;
        grid
    }

    /// The server that tests share which neither stop it nor look into its log; it ends with the
    /// process.
    pub async fn shared() -> Self {
        static SHARED: OnceCell<Grid> = OnceCell::const_new();
        let shared = SHARED.get_or_init(|| Grid::start("shared")).await;
        Self {
            // A client belongs to the runtime of its test.
            cluster: cluster().await,
            name: shared.name,
            directory: shared.directory.clone(),
            address: shared.address,
            server: None,
        }
    }

    /// Starts the server again where it was, and does not wait for it.
    pub fn launch_server(&mut self) {
        assert!(self.server.is_none(), "the server runs already");
        let directory = self.directory.path();
        self.server = Some(serve(&self.cluster, directory, self.address, &[]));
    }

    /// Starts the server and waits until its port is open.
    async fn start_server(&mut self) {
        self.launch_server();
        self.address = address_of(self.directory.path()).await;
    }

    /// Another mutating webhook, which comes after ours and does in a namespace what these policies
    /// say, until it is dropped.
    pub async fn later_webhook(
        &self,
        namespace: &str,
        policies: &[Value],
    ) -> (Supervised, TempDir) {
        let directory = tempfile::tempdir().unwrap();
        make_certificate(directory.path());
        let rules = directory.path().join("policies");
        std::fs::create_dir(&rules).unwrap();
        for (number, policy) in policies.iter().enumerate() {
            std::fs::write(rules.join(format!("{number}.yaml")), policy.to_string()).unwrap();
        }
        let more = ["--policies", rules.to_str().unwrap()];
        let server = serve(&self.cluster, directory.path(), any_port(), &more);
        let address = address_of(directory.path()).await;
        let authority = std::fs::read(directory.path().join("ca.crt")).unwrap();
        let bundle = k8s_openapi::ByteString(authority);
        let configuration = json!({
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            // They are called in the order of their names.
            "metadata": {"name": "later-webhook"},
            "webhooks": [{
                "name": "later.example.com", "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "clientConfig": {"url": format!("https://{address}/mutate"), "caBundle": bundle},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{"apiGroups": ["batch"], "apiVersions": ["v1"],
                           "operations": ["CREATE"], "resources": ["jobs"]}],
            }],
        });
        self.cluster.create(&configuration, "").await.object();
        (server, directory)
    }

    /// Ends the server at once.
    pub fn stop_server(&mut self) {
        self.server = None;
    }

    fn log_path(&self) -> PathBuf {
        self.directory.path().join(LOG)
    }

    /// The decisions that the server has logged about a namespace.
    pub fn decisions(&self, namespace: &str) -> Vec<Value> {
        let log = std::fs::read_to_string(self.log_path()).unwrap();
        let mut decisions = records(&log);
        decisions.retain(|line| line["message"] == "decision" && line["namespace"] == namespace);
        decisions
    }

    async fn register(&self) {
        let url = format!("https://{}", self.address);
        let authority = self.directory.path().join("ca.crt");
        let configurations = cattlegrid(&[
            "generate",
            "webhooks",
            "--url",
            &url,
            "--ca-bundle",
            authority.to_str().unwrap(),
        ]);
        for mut configuration in parse(&configurations) {
            configuration["metadata"]["name"] = json!(format!("cattlegrid-{}", self.name));
            for webhook in configuration["webhooks"].as_array_mut().unwrap() {
                narrow(webhook, self.name);
            }
            self.cluster.create(&configuration, "").await.object();
        }
    }

    /// The API server sees new configurations after a while.
    async fn wait_until_asked(&self) {
        let probe = self.agents("probe", "enforce").await;
        eventually("the webhooks are asked", async || {
            let pet = probe
                .dry_run(&pod(
                    json!({"hostNetwork": false, "volumes": [host_path()]}),
                ))
                .await;
            let bare = probe.dry_run(&job(json!({}))).await;
            let is_completed = bare.body["spec"]["activeDeadlineSeconds"] == 900;
            if is_completed && pet.message().contains("[host-paths]") {
                Ok(())
            } else {
                Err(format!("{} {}", bare.body, pet.body))
            }
        })
        .await;
    }

    /// A new agent namespace in a mode.
    pub async fn agents(&self, suffix: &str, mode: &str) -> Namespace<'_> {
        self.namespace(suffix, json!({"cattlegrid.dev/agents": mode}))
            .await
    }

    /// A new namespace with these labels.
    pub async fn labelled(&self, suffix: &str, labels: Value) -> Namespace<'_> {
        self.namespace(suffix, labels).await
    }

    /// The labels by which this server is asked about a cluster-scoped object.
    pub fn own_label(&self) -> Value {
        label_of(self.name)
    }

    /// A new namespace that nobody said anything about.
    pub async fn elsewhere(&self, suffix: &str) -> Namespace<'_> {
        self.namespace(suffix, json!({})).await
    }

    async fn namespace(&self, suffix: &str, mut labels: Value) -> Namespace<'_> {
        let name = format!("{}-{suffix}", self.name);
        labels[TEST_LABEL] = json!(self.name);
        self.cluster.create_namespace(&name, &labels).await;
        for account in ACCOUNTS {
            self.cluster.ensure_account(account, &name).await;
        }
        Namespace { grid: self, name }
    }
}

/// The label by which the server of a test is asked.
pub fn label_of(name: &str) -> Value {
    json!({TEST_LABEL: name})
}

/// To namespaces and cluster-scoped objects with the test's label.
fn narrow(webhook: &mut Value, name: &str) {
    let requirement = json!({"key": TEST_LABEL, "operator": "In", "values": [name]});
    match webhook["namespaceSelector"]["matchExpressions"].as_array_mut() {
        Some(expressions) => expressions.push(requirement),
        None => webhook["namespaceSelector"]["matchExpressions"] = json!([requirement]),
    }
    // A namespaceSelector never leaves out what is in no namespace.
    let expression = format!(
        "has(request.namespace) || [object, oldObject].exists(o, o != null && \
         o.metadata.?labels['{TEST_LABEL}'].orValue('') == '{name}')"
    );
    let condition = json!({"name": "of-this-test", "expression": expression});
    match webhook["matchConditions"].as_array_mut() {
        Some(conditions) => conditions.push(condition),
        None => webhook["matchConditions"] = json!([condition]),
    }
}

impl Namespace<'_> {
    /// Creates an object that must be admitted; returns it as stored.
    #[track_caller]
    pub fn accepts<'n>(&'n self, object: &'n Value) -> impl Future<Output = Value> + 'n {
        let caller = std::panic::Location::caller();
        async move {
            let answer = self.create(object).await;
            assert!(answer.is_success(), "{caller}: refused: {}", answer.body);
            assert_eq!(answer.warnings, Vec::<String>::new(), "{caller}");
            answer.body
        }
    }

    /// Creates an object that must be refused with this line, among others.
    pub async fn rejects(&self, object: &Value, line: &str) {
        assert_refused(&self.create(object).await, line, object);
    }

    /// Changes an object in a way that must be refused with this line, among others.
    pub async fn rejects_change(&self, object: &Value, patch: &Value, line: &str) {
        self.rejects_change_of(object, "", patch, line).await;
    }

    /// The same for a subresource.
    pub async fn rejects_change_of(
        &self,
        object: &Value,
        subresource: &str,
        patch: &Value,
        line: &str,
    ) {
        assert_refused(&self.change(object, subresource, patch).await, line, patch);
    }

    /// Creates an object.
    pub async fn create(&self, object: &Value) -> Answer {
        self.grid.cluster.create(object, &self.name).await
    }

    /// Asks what would come of creating an object.
    pub async fn dry_run(&self, object: &Value) -> Answer {
        let path = format!("{}?dryRun=All", path(object, &self.name));
        self.grid
            .cluster
            .send(Caller::Admin, "POST", &path, Some(object))
            .await
    }

    /// Changes an object, or a subresource of it, by a merge patch.
    pub async fn change(&self, object: &Value, subresource: &str, patch: &Value) -> Answer {
        let mut path = path_of(object, &self.name);
        if !subresource.is_empty() {
            path = format!("{path}/{subresource}");
        }
        self.grid.cluster.patch(&path, patch).await
    }

    /// Reads an object again.
    pub async fn read(&self, object: &Value) -> Answer {
        self.grid.cluster.get(&path_of(object, &self.name)).await
    }

    /// Deletes an object.
    pub async fn delete(&self, object: &Value) -> Answer {
        self.grid.cluster.delete(&path_of(object, &self.name)).await
    }

    /// The Pod that the Job controller makes for a Job.
    pub async fn pod_of(&self, job: &Value) -> Value {
        let name = job["metadata"]["name"].as_str().unwrap();
        let path = format!(
            "/api/v1/namespaces/{}/pods?labelSelector=batch.kubernetes.io/job-name%3D{name}",
            self.name
        );
        eventually("the Job controller makes a Pod", async || {
            let mut pods = self.grid.cluster.get(&path).await.object();
            let mut pod = match pods["items"].as_array_mut() {
                Some(items) if items.len() == 1 => items.remove(0),
                _ => return Err(self.read(job).await.body.to_string()),
            };
            // Items of a list do not say what they are.
            pod["apiVersion"] = json!("v1");
            pod["kind"] = json!("Pod");
            Ok(pod)
        })
        .await
    }

    /// Labels the namespace, and waits until the webhook sees it that way.
    pub async fn becomes(&self, mode: &str) {
        let patch = json!({"metadata": {"labels": {"cattlegrid.dev/agents": mode}}});
        let path = format!("/api/v1/namespaces/{}", self.name);
        self.grid.cluster.patch(&path, &patch).await.object();
        eventually("the namespace's label is seen", async || {
            let answer = self.dry_run(&pod(json!({"volumes": [host_path()]}))).await;
            if answer.message().contains("[host-paths]") {
                Ok(())
            } else {
                Err(answer.body.to_string())
            }
        })
        .await;
    }
}

#[track_caller]
fn assert_refused(answer: &Answer, line: &str, what: &Value) {
    let message = answer.message();
    let findings = message
        .split_once("denied the request: ")
        .map_or("", |(_, findings)| findings);
    assert!(
        findings.lines().any(|found| found == line),
        "{what}\nwanted: {line}\nanswered ({}): {message}",
        answer.status
    );
}

/// An image by digest.
pub const IMAGE: &str = "registry.example/agent@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn pod_spec(more: &Value) -> Value {
    let mut spec =
        json!({"restartPolicy": "Never", "containers": [{"name": "agent", "image": IMAGE}]});
    json_patch::merge(&mut spec, more);
    spec
}

/// A Pod with these fields of its spec.
pub fn pod(spec: Value) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, "spec": pod_spec(&spec),
    })
}

/// A Job with these fields of its Pod's spec.
pub fn job(spec: Value) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "job"},
        "spec": {"template": {"spec": pod_spec(&spec)}},
    })
}

/// A CronJob with these fields of its Pods' spec.
pub fn cron_job(spec: Value) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "cron-job"},
        "spec": {
            "schedule": "15 3 * * *",
            "jobTemplate": {"spec": {"template": {"spec": pod_spec(&spec)}}},
        },
    })
}

/// The object under another name.
pub fn named(mut object: Value, name: &str) -> Value {
    object["metadata"]["name"] = json!(name);
    object
}

/// The object, changed by a merge patch.
pub fn with(mut object: Value, patch: Value) -> Value {
    json_patch::merge(&mut object, &patch);
    object
}

/// A volume that no agent may have.
pub fn host_path() -> Value {
    json!({"name": "run", "hostPath": {"path": "/run/containerd/containerd.sock"}})
}

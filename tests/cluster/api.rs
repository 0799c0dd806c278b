//! The control plane that all tests share, and plain requests to it: what the tests are about is
//! JSON as it is, which typed structs would change.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bumpalo::Bump;
use cattlegrid::audit::kinds::Kinds;
use cattlegrid::k8s::manifest;
use control_plane::{ControlPlane, Options};
use http_body_util::BodyExt as _;
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// How long anything that happens by itself may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at what is waited for.
const PAUSE: Duration = Duration::from_millis(20);

/// Booted by the first test; it ends with the process.
static CONTROL_PLANE: OnceCell<ControlPlane> = OnceCell::const_new();

/// A client of the control plane.
#[derive(Clone)]
pub struct Cluster {
    client: Client,
    /// The admin's kubeconfig.
    pub kubeconfig: PathBuf,
}

/// Who asks.
#[derive(Clone, Copy)]
pub enum Caller<'c> {
    /// In group `system:masters`.
    Admin,
    /// Somebody whom the admin impersonates.
    User(&'c str, &'c [String]),
}

/// What the API server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The object, or a Status.
    pub body: Value,
    /// Texts of the `Warning` headers.
    pub warnings: Vec<String>,
}

impl Answer {
    /// Whether it was done.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Why not.
    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }

    /// The object.
    #[track_caller]
    pub fn object(self) -> Value {
        assert!(self.is_success(), "{}: {}", self.status, self.body);
        self.body
    }
}

/// A client of the shared control plane, with the CustomResourceDefinitions and the baseline.
pub async fn cluster() -> Cluster {
    let control_plane = CONTROL_PLANE
        .get_or_init(async || {
            let start = || ControlPlane::start(Options::default()).unwrap();
            let control_plane = tokio::task::spawn_blocking(start).await.unwrap();
            install(&connect(&control_plane.kubeconfig_path()).await).await;
            control_plane
        })
        .await;
    connect(&control_plane.kubeconfig_path()).await
}

/// A control plane of its own with nothing in it, for what would be in the way of others.
pub async fn separate() -> (ControlPlane, Cluster) {
    separate_with(Options::default()).await
}

/// The same, started otherwise.
pub async fn separate_with(options: Options) -> (ControlPlane, Cluster) {
    let start = || ControlPlane::start(options).unwrap();
    let control_plane = tokio::task::spawn_blocking(start).await.unwrap();
    let cluster = connect(&control_plane.kubeconfig_path()).await;
    (control_plane, cluster)
}

async fn connect(kubeconfig: &Path) -> Cluster {
    let options = KubeConfigOptions::default();
    let parsed = Kubeconfig::read_from(kubeconfig).unwrap();
    let mut config = Config::from_custom_kubeconfig(parsed, &options)
        .await
        .unwrap();
    // An answer is an answer: nothing runs that a proxy could wait for.
    config.default_retry = false;
    Cluster {
        client: Client::try_from(config).unwrap(),
        kubeconfig: kubeconfig.to_owned(),
    }
}

/// The CustomResourceDefinitions and the baseline.
pub async fn install(cluster: &Cluster) {
    for mut definition in definitions() {
        allow_any_name(&mut definition);
        cluster.create(&definition, "").await.object();
    }
    for baseline in documents(&repository("manifests/baseline/default.yaml")) {
        eventually("the AgentBaseline can be created", async || {
            let answer = cluster.create(&baseline, "").await;
            if answer.is_success() {
                Ok(())
            } else {
                Err(answer.body.to_string())
            }
        })
        .await;
    }
}

/// The CustomResourceDefinitions that ship.
fn definitions() -> Vec<Value> {
    let entries = std::fs::read_dir(repository("manifests/crds")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| documents(file)).collect()
}

/// Cases bring baselines of their own, which need names of their own.
fn allow_any_name(definition: &mut Value) {
    let schema = "/spec/versions/0/schema/openAPIV3Schema/x-kubernetes-validations";
    if let Some(rules) = definition.pointer_mut(schema).and_then(Value::as_array_mut) {
        rules.retain(|rule| rule["rule"] != "self.metadata.name == 'default'");
    }
}

/// A file of this repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The documents of a YAML file.
pub fn documents(path: &Path) -> Vec<Value> {
    parse(&std::fs::read_to_string(path).unwrap())
}

/// The documents of a YAML text.
pub fn parse(text: &str) -> Vec<Value> {
    let arena = Bump::new();
    manifest::parse(text, &arena)
        .map(|document| serde_json::to_value(document.unwrap().json).unwrap())
        .collect()
}

/// Looks again until it is as wanted.
pub async fn eventually<T>(what: &str, look: impl AsyncFn() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match look().await {
            Ok(found) => return found,
            Err(seen) => assert!(start.elapsed() < PATIENCE, "{what}: not so; last: {seen}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl Cluster {
    /// Creates an object as the admin; `namespace` is empty for cluster-scoped ones.
    pub async fn create(&self, object: &Value, namespace: &str) -> Answer {
        self.send(
            Caller::Admin,
            "POST",
            &path(object, namespace),
            Some(object),
        )
        .await
    }

    /// Creates an object that may be there already.
    pub async fn ensure(&self, object: &Value, namespace: &str) {
        let answer = self.create(object, namespace).await;
        assert!(
            answer.is_success() || answer.status == 409,
            "{}",
            answer.body
        );
    }

    /// Creates a namespace with labels.
    pub async fn create_namespace(&self, name: &str, labels: &Value) {
        let object = json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels},
        });
        self.create(&object, "").await.object();
    }

    /// Creates a ServiceAccount, unless it is there.
    pub async fn ensure_account(&self, name: &str, namespace: &str) {
        let object = json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name},
        });
        self.ensure(&object, namespace).await;
    }

    /// Reads what is at a path.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Caller::Admin, "GET", path, None).await
    }

    /// Applies an RFC 7386 merge patch as the admin.
    pub async fn patch(&self, path: &str, patch: &Value) -> Answer {
        self.send(Caller::Admin, "PATCH", path, Some(patch)).await
    }

    /// Deletes what is at a path, its dependents in the background.
    pub async fn delete(&self, path: &str) -> Answer {
        let options = json!({
            "apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background",
        });
        self.send(Caller::Admin, "DELETE", path, Some(&options))
            .await
    }

    /// Any request.
    pub async fn send(
        &self,
        caller: Caller<'_>,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        self.send_with(&[], caller, method, path, body).await
    }

    /// Asks to be let in, as `kubectl exec` does; 101 when that is so.
    pub async fn enter(&self, caller: Caller<'_>, path: &str) -> Answer {
        let headers = [("Connection", "Upgrade"), ("Upgrade", "SPDY/3.1")];
        self.send_with(&headers, caller, "GET", path, None).await
    }

    async fn send_with(
        &self,
        headers: &[(&str, &str)],
        caller: Caller<'_>,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        let content_type = match method {
            "PATCH" => "application/merge-patch+json",
            _ => "application/json",
        };
        let mut request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("Content-Type", content_type)
            .header("Accept", "application/json");
        if let Caller::User(user, groups) = caller {
            request = request.header("Impersonate-User", user);
            for group in groups {
                request = request.header("Impersonate-Group", group);
            }
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body
            .map(|body| body.to_string().into_bytes())
            .unwrap_or_default();
        let response = self
            .client
            .send(request.body(Body::from(body)).unwrap())
            .await
            .unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().get_all("warning").iter();
        let warnings = headers
            .map(|header| warning_text(header.to_str().unwrap()))
            .collect();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes);
        let body = serde_json::from_str(&text).unwrap_or_else(|_| json!({"message": text}));
        Answer {
            status,
            body,
            warnings,
        }
    }
}

/// The text in `299 - "text"`.
fn warning_text(header: &str) -> String {
    let quoted = header.split_once('"').map_or("", |(_, rest)| rest);
    let mut text = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            '"' => break,
            other => text.push(other),
        }
    }
    text
}

/// The kinds that only installing needs, whose plural is regular.
fn regular_plural(kind: &str) -> String {
    match kind.strip_suffix('y') {
        Some(stem) => format!("{}ies", stem.to_lowercase()),
        None => format!("{}s", kind.to_lowercase()),
    }
}

fn group_and_kind(object: &Value) -> (&str, &str) {
    let api_version = object["apiVersion"].as_str().unwrap();
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    (group, object["kind"].as_str().unwrap())
}

/// Whether objects of this kind are in a namespace; those that nobody knows are.
pub fn is_namespaced(object: &Value) -> bool {
    let (group, kind) = group_and_kind(object);
    let resource = Kinds::default().resource(group, kind);
    resource.is_none_or(|resource| resource.namespaced)
}

/// Where objects of this kind are created; the namespace does not matter to cluster-scoped ones.
pub fn path(object: &Value, namespace: &str) -> String {
    let (group, kind) = group_and_kind(object);
    let known = Kinds::default()
        .resource(group, kind)
        .map(|resource| resource.name.to_owned());
    let resource = known.unwrap_or_else(|| regular_plural(kind));
    let root = if group.is_empty() { "/api" } else { "/apis" };
    let api_version = object["apiVersion"].as_str().unwrap();
    match namespace {
        namespace if !namespace.is_empty() && is_namespaced(object) => {
            format!("{root}/{api_version}/namespaces/{namespace}/{resource}")
        }
        _ => format!("{root}/{api_version}/{resource}"),
    }
}

/// Where an object is.
pub fn path_of(object: &Value, namespace: &str) -> String {
    format!(
        "{}/{}",
        path(object, namespace),
        object["metadata"]["name"].as_str().unwrap()
    )
}

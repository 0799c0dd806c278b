//! What `audit` says: the library one by one, and the program about many files at once.

use std::collections::BTreeMap;
use std::process::Command;

use admission_cel::json::Json;
use admission_policy::decide::Mode;
use bumpalo::Bump;
use cattlegrid::audit::candidate::Candidate;
use cattlegrid::audit::examine::{Examiner, Settings};
use cattlegrid::audit::known::{Background, CONTEXT_KINDS, Known};
use cattlegrid::audit::outcome::{Origin, Severity, State};
use cattlegrid::audit::requester::Requester;
use cattlegrid::judge::{Rules, Stage};
use cattlegrid::load::{self, Source};
use cattlegrid::{clock, exceptions, message};
use serde_json::{Value, json};

use super::corpus::Manifest;
use super::{Told, comparable};
use crate::api::Cluster;
use crate::server::CATTLEGRID;

/// How many manifests somebody must send to a namespace for the program to be asked about them.
const MANY: usize = 10;
/// What the cluster knows and `audit` is given.
const EXPORTED: [(&str, &str, &str); 7] = [
    ("/api/v1/namespaces", "v1", "Namespace"),
    ("/api/v1/serviceaccounts", "v1", "ServiceAccount"),
    ("/api/v1/limitranges", "v1", "LimitRange"),
    (RBAC_CLUSTER_ROLES, RBAC, "ClusterRole"),
    (RBAC_CLUSTER_ROLE_BINDINGS, RBAC, "ClusterRoleBinding"),
    (RBAC_ROLES, RBAC, "Role"),
    (RBAC_ROLE_BINDINGS, RBAC, "RoleBinding"),
];
const RBAC: &str = "rbac.authorization.k8s.io/v1";
const RBAC_CLUSTER_ROLES: &str = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
const RBAC_CLUSTER_ROLE_BINDINGS: &str = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
const RBAC_ROLES: &str = "/apis/rbac.authorization.k8s.io/v1/roles";
const RBAC_ROLE_BINDINGS: &str = "/apis/rbac.authorization.k8s.io/v1/rolebindings";

/// What `audit` says about each.
pub fn audited(context: &Value, manifests: &[Manifest]) -> Vec<Told> {
    let context = [Source {
        name: "cluster.json".to_owned(),
        text: context.to_string(),
    }];
    let rules = Rules {
        set: load::compile(&load::embedded_policies()).unwrap(),
        baseline: load::baseline(&load::embedded_baseline().unwrap()).unwrap(),
        exceptions: exceptions::of_input(&[], &[]).exceptions,
        mode: Mode::Enforce,
    };
    let arena = Bump::new();
    let background = Background {
        context: &context,
        params: &[],
        rules: &rules,
        assumed_label: None,
        namespace: "default",
        is_anybody_named: true,
    };
    let known = Known::learn(&background, &arena).unwrap();
    let audit = |manifest: &Manifest| {
        let requester: Requester = manifest.requester();
        let examiner = Examiner {
            rules: &rules,
            known: &known,
            rights: None,
            settings: Settings {
                namespace: &manifest.namespace,
                now: clock::now(),
                shows_mutations: false,
                describes_workloads: false,
                requester: &requester,
                stage: Stage::Submitted,
            },
        };
        let arena = Bump::new();
        let object = arena.alloc(Json::from_serde(&manifest.object, &arena));
        let origin = Origin::File(manifest.name.as_str().into());
        let outcome = examiner.candidate(&Candidate::creation(object, origin));
        told(manifest, &outcome.state)
    };
    manifests.iter().map(audit).collect()
}

fn told(manifest: &Manifest, state: &State) -> Told {
    let mut told = Told::default();
    let findings = match state {
        State::Judged { findings, .. } => findings,
        other => {
            told.denials.insert(format!("{other:?}"));
            return told;
        }
    };
    for found in findings {
        let line = comparable(manifest, &message::line(&found.finding));
        match found.severity {
            Severity::Deny => told.denials.insert(line),
            Severity::Warn => told.warnings.insert(line),
            Severity::Audit | Severity::Excepted => false,
        };
    }
    told
}

/// What `kubectl get … -o yaml` prints of the cluster.
pub async fn exported(cluster: &Cluster) -> Value {
    let mut items = Vec::new();
    for (path, api_version, kind) in EXPORTED {
        let mut list = cluster.get(path).await.object();
        for mut item in list["items"].as_array_mut().unwrap().drain(..) {
            // Items of a list do not say what they are.
            item["apiVersion"] = api_version.into();
            item["kind"] = kind.into();
            items.push(item);
        }
    }
    json!({"apiVersion": "v1", "kind": "List", "items": items})
}

/// What the program prints about manifests, by their number: of users without rights of their own,
/// and of kinds that do not say anything about the cluster themselves.
pub fn printed(context: &Value, manifests: &[Manifest]) -> BTreeMap<usize, Told> {
    let mut batches: BTreeMap<(&str, &[String], &str), Vec<usize>> = BTreeMap::new();
    for (number, manifest) in manifests.iter().enumerate() {
        let kind = manifest.object["kind"].as_str().unwrap();
        if manifest.rights.is_empty() && !CONTEXT_KINDS.contains(&kind) {
            let key = (
                manifest.user.as_str(),
                manifest.groups.as_slice(),
                manifest.namespace.as_str(),
            );
            batches.entry(key).or_default().push(number);
        }
    }
    batches.retain(|_, numbers| numbers.len() >= MANY);
    let batches = batches.into_values();
    batches
        .flat_map(|numbers| print(context, manifests, &numbers))
        .collect()
}

/// One run of the program.
fn print(context: &Value, manifests: &[Manifest], numbers: &[usize]) -> BTreeMap<usize, Told> {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, value: &Value| {
        std::fs::write(directory.path().join(name), value.to_string()).unwrap();
    };
    write("cluster.json", context);
    let mut told = BTreeMap::new();
    for number in numbers {
        write(&format!("{number}.json"), &manifests[*number].object);
        told.insert(*number, Told::default());
    }
    let first = &manifests[numbers[0]];
    let groups = first.groups.iter().flat_map(|group| ["--as-group", group]);
    let output = Command::new(CATTLEGRID)
        .args(["audit", "-o", "json", "--as", &first.user])
        .args(groups)
        .args(["--namespace", &first.namespace, "."])
        .current_dir(directory.path())
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    for finding in report["findings"].as_array().unwrap() {
        let Some(number) = number_of(finding) else {
            continue;
        };
        let line = comparable(&manifests[number], &line_of(finding));
        let told = told.get_mut(&number).unwrap();
        match finding["action"].as_str().unwrap() {
            "deny" => told.denials.insert(line),
            "warn" => told.warnings.insert(line),
            _ => false,
        };
    }
    for what in ["notEvaluated", "unreadable"] {
        for entry in report[what].as_array().unwrap() {
            if let Some(number) = number_of(entry) {
                let told = told.get_mut(&number).unwrap();
                told.denials.insert(format!("{what}: {entry}"));
            }
        }
    }
    told
}

/// The number of the manifest that an entry is about; none for the cluster's own objects.
fn number_of(entry: &Value) -> Option<usize> {
    let file = entry["origin"]["name"].as_str().unwrap();
    let stem = file.trim_start_matches("./").split('.').next();
    stem.and_then(|stem| stem.parse().ok())
}

/// The line that the webhook says a finding in.
fn line_of(finding: &Value) -> String {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let message: Vec<&str> = text("message").split_whitespace().collect();
    let (policy, message) = (text("policy"), message.join(" "));
    match text("path") {
        "" => format!("[{policy}] {message}"),
        path => format!("[{policy}] {path}: {message}"),
    }
}

//! What is there before a case's request is made.

use std::collections::BTreeSet;

use cattlegrid::policy::cases::{Case, Expectation, Right};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use super::names::{Run, is_namespace};
use crate::api::{Cluster, eventually, is_namespaced, path_of};
use crate::native::{RULES_LABEL, rules_label, wait_until_in_force};

/// Keys whose values are names of ServiceAccounts, without which the API server refuses Pods, and
/// controllers delete Secrets.
const ACCOUNT_KEYS: [&str; 2] = ["kubernetes.io/service-account.name", "serviceAccountName"];
/// Where policies are waited for by cases whose namespace does not exist yet.
const WAITING_ROOM: &str = "parity-waiting-room";
/// Cluster-scoped objects keep their names, which policies may read: one case at a time stores any.
static CLUSTER_SCOPED: Mutex<()> = Mutex::const_new(());

/// What a case has stored outside its namespace.
pub struct Stored<'l> {
    paths: Vec<String>,
    _turn: Option<MutexGuard<'l, ()>>,
}

impl Stored<'_> {
    /// Removes it again.
    pub async fn remove(self, cluster: &Cluster) {
        for path in &self.paths {
            cluster.delete(path).await.object();
        }
    }
}

/// What all cases share.
pub async fn prepare_for_all(cluster: &Cluster) {
    let labels = json!({RULES_LABEL: "waiting-room"});
    cluster.create_namespace(WAITING_ROOM, &labels).await;
}

/// The namespace with everything that is there before, and what is stored outside it.
pub async fn prepare(cluster: &Cluster, run: &Run<'_>) -> Stored<'static> {
    let namespace = run.namespace.as_str();
    if run.case.is_about_namespace() && run.case.operation == "CREATE" {
        grant(cluster, run).await;
        wait_until_in_force(cluster, WAITING_ROOM).await;
        return Stored {
            paths: Vec::new(),
            _turn: None,
        };
    }
    cluster.create(&own_namespace(run), "").await.object();
    for account in accounts(run.case) {
        cluster.ensure_account(&account, namespace).await;
    }
    let stored = store(cluster, run).await;
    grant(cluster, run).await;
    wait_until_in_force(cluster, namespace).await;
    stored
}

/// The case's namespace; the stored object itself where the case is about one.
fn own_namespace(run: &Run<'_>) -> Value {
    if let Some(stored) = run.case.old_object.as_ref().filter(|o| is_namespace(o)) {
        return run.object(stored);
    }
    let mut labels: Value = json!(run.case.namespace_labels);
    labels[RULES_LABEL] = json!(rules_label(run.policy, run.baseline));
    json!({"apiVersion": "v1", "kind": "Namespace",
           "metadata": {"name": run.namespace, "labels": labels}})
}

async fn store(cluster: &Cluster, run: &Run<'_>) -> Stored<'static> {
    let objects = run.case.existing.iter().chain(&run.case.old_object);
    let objects: Vec<Value> = objects
        .filter(|object| !is_namespace(object))
        .map(|object| run.object(object))
        .collect();
    let needs_turn = objects.iter().any(|object| !is_namespaced(object));
    let turn = match needs_turn {
        true => Some(CLUSTER_SCOPED.lock().await),
        false => None,
    };
    let mut paths = Vec::new();
    for object in &objects {
        let answer = cluster.create(object, &run.namespace).await;
        assert!(
            answer.is_success(),
            "{}: `{}`: what is there before cannot be created: {}",
            run.policy,
            run.case.name,
            answer.body
        );
        if !is_namespaced(object) {
            paths.push(path_of(object, ""));
        }
    }
    Stored { paths, _turn: turn }
}

/// The ServiceAccounts that the API server expects to be there.
fn accounts(case: &Case) -> BTreeSet<String> {
    let mut names = BTreeSet::from(["default".to_owned()]);
    let objects = case
        .existing
        .iter()
        .chain(&case.object)
        .chain(&case.old_object);
    objects.for_each(|object| collect_accounts(object, &mut names));
    if let Expectation::Patched(patch) = &case.expectation {
        collect_accounts(patch, &mut names);
    }
    if case.subresource == "token" {
        names.extend(case.parent.clone());
    }
    let given = case.existing.iter().chain(&case.old_object);
    for object in given.filter(|object| object["kind"] == "ServiceAccount") {
        names.remove(object["metadata"]["name"].as_str().unwrap_or_default());
    }
    names
}

fn collect_accounts(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                if ACCOUNT_KEYS.contains(&key.as_str()) {
                    names.extend(member.as_str().map(str::to_owned));
                }
                collect_accounts(member, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_accounts(item, names)),
        _ => {}
    }
}

/// Grants the case's rights, and waits until the API server knows them.
async fn grant(cluster: &Cluster, run: &Run<'_>) {
    let (wide, narrow): (Vec<&Right>, Vec<&Right>) =
        run.case.rights.iter().partition(|right| right.cluster);
    for (rights, kind) in [(wide, "ClusterRole"), (narrow, "Role")] {
        if rights.is_empty() {
            continue;
        }
        for object in role_and_binding(run, kind, &rights) {
            cluster.create(&object, &run.namespace).await.object();
        }
    }
    for right in &run.case.rights {
        wait_until_granted(cluster, run, right).await;
    }
}

fn role_and_binding(run: &Run<'_>, kind: &str, rights: &[&Right]) -> [Value; 2] {
    let api_version = "rbac.authorization.k8s.io/v1";
    let name = &run.namespace;
    let rules: Vec<Value> = rights
        .iter()
        .map(|right| {
            let mut rule = json!({"apiGroups": [right.group], "resources": [right.resource],
                                  "verbs": [right.verb]});
            if let Some(object) = right.object_name() {
                rule["resourceNames"] = json!([run.localised(object)]);
            }
            rule
        })
        .collect();
    let subject = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group",
                         "name": rights_group(run)});
    [
        json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name},
               "rules": rules}),
        json!({"apiVersion": api_version, "kind": format!("{kind}Binding"),
               "metadata": {"name": name}, "subjects": [subject],
               "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}}),
    ]
}

/// The group that holds the rights of a case, and nobody else's.
pub fn rights_group(run: &Run<'_>) -> String {
    format!("parity:{}", run.namespace)
}

async fn wait_until_granted(cluster: &Cluster, run: &Run<'_>, right: &Right) {
    let mut attributes = json!({
        "verb": right.verb, "group": right.group, "resource": right.resource,
        "name": run.localised(right.object_name().unwrap_or("any")),
    });
    if !right.cluster {
        attributes["namespace"] = json!(run.namespace);
    }
    if let Some((resource, subresource)) = right.resource.split_once('/') {
        attributes["resource"] = json!(resource);
        attributes["subresource"] = json!(subresource);
    }
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": {"user": "nobody", "groups": [rights_group(run)], "resourceAttributes": attributes},
    });
    eventually("the rights of the case are known", async || {
        let answer = cluster.create(&review, "").await;
        match answer.body["status"]["allowed"].as_bool() {
            Some(true) => Ok(()),
            _ => Err(answer.body.to_string()),
        }
    })
    .await;
}

//! Every case of every `tests.yaml` comes out alike offline and in the API server: the decision,
//! every message, and the completed object.

use std::collections::BTreeSet;

use admission_policy::set::PolicySet;
use cattlegrid::load;
use cattlegrid::policy::cases::{self, Case, Expectation};
use cattlegrid::policy::run::{self, Outcome};
use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::api::{Answer, Caller, Cluster, cluster, documents, path, path_of, repository};
use crate::differences::{DIFFERENCES, reason};
use crate::native::{self, RULES_LABEL, rules_label, wait_until_in_force};
use crate::normalise::{comparable, completed_for_comparison};

/// Keys whose values are names of ServiceAccounts, without which the API server refuses Pods, and
/// controllers delete Secrets.
const ACCOUNT_KEYS: [&str; 2] = ["kubernetes.io/service-account.name", "serviceAccountName"];
/// How many cases run at once.
const PARALLEL: usize = 8;

struct Policy {
    id: String,
    set: PolicySet,
    cases: Vec<Case>,
}

/// One case, and where it runs.
struct Run<'p> {
    policy: &'p Policy,
    case: &'p Case,
    baseline: usize,
    namespace: String,
}

/// What the API server made of a case.
struct Native {
    answer: Answer,
    messages: BTreeSet<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_comes_out_natively_as_it_does_offline() {
    let cluster = cluster().await;
    let default_baseline = documents(&repository("manifests/baseline/default.yaml")).remove(0);
    let policies = policies();
    let mut baselines: Vec<Value> = Vec::new();
    let mut runs = Vec::new();
    for policy in &policies {
        for (number, case) in policy.cases.iter().enumerate() {
            let mut baseline = default_baseline.clone();
            json_patch::merge(&mut baseline, &case.baseline);
            let known = baselines.iter().position(|known| *known == baseline);
            let baseline = known.unwrap_or_else(|| {
                baselines.push(baseline);
                baselines.len() - 1
            });
            let namespace = format!("parity-{}-{number}", policy.id);
            runs.push(Run {
                policy,
                case,
                baseline,
                namespace,
            });
        }
    }
    let mut used: Vec<(String, usize)> = runs
        .iter()
        .map(|run| (run.policy.id.clone(), run.baseline))
        .collect();
    used.sort();
    used.dedup();
    native::install(&cluster, &baselines, &used).await;
    allow_users(&cluster, &runs).await;

    let compared = futures::stream::iter(&runs)
        .map(|run| compare(&cluster, run, &default_baseline))
        .buffer_unordered(PARALLEL);
    let mut report: Vec<String> = compared.collect::<Vec<_>>().await.concat();
    report.sort();
    report.extend(unknown_differences(&runs));
    let skipped = runs
        .iter()
        .filter(|run| run.case.not_native.is_some())
        .count();
    println!(
        "{} cases compared, {skipped} say why they cannot be",
        runs.len() - skipped
    );
    assert!(
        report.is_empty(),
        "{} differences:\n{}",
        report.len(),
        report.join("\n")
    );
}

fn policies() -> Vec<Policy> {
    let root = repository("policies");
    let entries = std::fs::read_dir(&root).unwrap().map(Result::unwrap);
    let mut ids: Vec<String> = entries
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    ids.sort();
    let read = |id: String| {
        let directory = root.join(&id);
        let text = std::fs::read_to_string(directory.join("tests.yaml")).unwrap();
        Policy {
            set: load::compile(&load::read_policies(&directory).unwrap()).unwrap(),
            cases: cases::parse(&id, &text).unwrap(),
            id,
        }
    };
    ids.into_iter().map(read).collect()
}

/// Makes RBAC no part of the question.
async fn allow_users(cluster: &Cluster, runs: &[Run<'_>]) {
    let users: BTreeSet<&str> = runs.iter().map(|run| run.case.user.as_str()).collect();
    let subjects: Vec<Value> = users
        .iter()
        .map(|name| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}))
        .collect();
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "parity-users"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                    "name": "cluster-admin"},
        "subjects": subjects,
    });
    cluster.create(&binding, "").await.object();
}

/// How a case differs, a line each.
async fn compare(cluster: &Cluster, run: &Run<'_>, default_baseline: &Value) -> Vec<String> {
    let name = format!("{}: {}", run.policy.id, run.case.name);
    if run.case.not_native.is_some() {
        return Vec::new();
    }
    let offline = run::run(run.case, &run.policy.set, default_baseline).unwrap();
    let native = natively(cluster, run).await;
    let lines = match run.case.rejected_by_api_validation {
        true if is_refused_by_validation(&native.answer) => Vec::new(),
        true => vec![format!(
            "the API server does not reject it: {}",
            native.answer.body
        )],
        false => difference(run, &offline, &native),
    };
    match (reason(&run.policy.id, &run.case.name), lines.is_empty()) {
        (None, _) => lines
            .iter()
            .map(|line| format!("{name}\n    {line}"))
            .collect(),
        (Some(_), false) => Vec::new(),
        (Some(why), true) => vec![format!("{name}\n    does not differ any more: {why}")],
    }
}

fn unknown_differences(runs: &[Run<'_>]) -> Vec<String> {
    let is_known = |policy: &str, case: &str| {
        runs.iter()
            .any(|run| run.policy.id == policy && run.case.name == case)
    };
    let unknown = DIFFERENCES
        .iter()
        .filter(|entry| !is_known(entry.policy, entry.case));
    unknown
        .map(|entry| format!("{}: there is no case `{}`", entry.policy, entry.case))
        .collect()
}

fn is_refused_by_validation(answer: &Answer) -> bool {
    matches!(answer.status, 400 | 422) && !answer.message().contains("AdmissionPolicy")
}

fn difference(run: &Run<'_>, offline: &Outcome, native: &Native) -> Vec<String> {
    let mut lines = Vec::new();
    let is_denied = match decision(native, &run.policy.id) {
        Ok(is_denied) => is_denied,
        Err(other) => return vec![format!("not an answer of the policy: {other}")],
    };
    if is_denied == offline.findings.is_empty() {
        lines.push(format!(
            "native denies: {is_denied}, offline: {}",
            !is_denied
        ));
    }
    let ours: BTreeSet<&String> = offline.findings.iter().map(|f| &f.message).collect();
    let theirs: BTreeSet<&String> = native.messages.iter().collect();
    lines.extend(
        theirs
            .difference(&ours)
            .map(|m| format!("only native: {m}")),
    );
    lines.extend(
        ours.difference(&theirs)
            .map(|m| format!("only offline: {m}")),
    );
    if matches!(run.case.expectation, Expectation::Patched(_)) {
        let ours = offline
            .object
            .as_ref()
            .map(completed_for_comparison)
            .unwrap_or_default();
        run::compare(
            &comparable(&native.answer.body),
            &ours,
            String::new(),
            &mut lines,
        );
    }
    lines
}

/// Whether the policy denied the request; an answer that has nothing to do with it as it is.
fn decision(native: &Native, policy: &str) -> Result<bool, String> {
    let answer = &native.answer;
    let message = answer.message();
    let denial = format!("ValidatingAdmissionPolicy '{policy}' with binding");
    if answer.is_success() || message.contains("does not have a host assigned") {
        Ok(false)
    } else if message.contains(&denial) && message.contains("denied request: ") {
        Ok(true)
    } else {
        Err(format!("{} {}", answer.status, answer.body))
    }
}

async fn natively(cluster: &Cluster, run: &Run<'_>) -> Native {
    prepare(cluster, run).await;
    let answer = request(cluster, run).await;
    let prefix = format!(
        "Validation failed for ValidatingAdmissionPolicy '{}'",
        run.policy.id
    );
    let messages = answer
        .warnings
        .iter()
        .filter(|warning| warning.starts_with(&prefix))
        .filter_map(|warning| warning.split_once("': "))
        .map(|(_, message)| message.to_owned())
        .collect();
    Native { answer, messages }
}

/// The namespace with everything that is there before any policy is in force.
async fn prepare(cluster: &Cluster, run: &Run<'_>) {
    let namespace = run.namespace.as_str();
    cluster.create_namespace(namespace, &json!({})).await;
    for account in accounts(run.case) {
        cluster.ensure_account(&account, namespace).await;
    }
    for object in run.case.existing.iter().chain(&run.case.old_object) {
        let answer = cluster.create(object, namespace).await;
        assert!(answer.is_success(), "{}: {}", run.case.name, answer.body);
    }
    let mut labels: Value = json!(run.case.namespace_labels);
    labels[RULES_LABEL] = json!(rules_label(&run.policy.id, run.baseline));
    let patch = json!({"metadata": {"labels": labels}});
    cluster
        .patch(&format!("/api/v1/namespaces/{namespace}"), &patch)
        .await
        .object();
    wait_until_in_force(cluster, namespace).await;
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

async fn request(cluster: &Cluster, run: &Run<'_>) -> Answer {
    let (case, namespace) = (run.case, run.namespace.as_str());
    let caller = Caller::User(&case.user, &case.groups);
    let object = case.object.as_ref().or(case.old_object.as_ref()).unwrap();
    let under = |resource: &str| {
        let parent = case.parent.as_deref().expect("the subresource's parent");
        format!(
            "/api/v1/namespaces/{namespace}/{resource}/{parent}/{}",
            case.subresource
        )
    };
    match (case.operation.as_str(), case.subresource.as_str()) {
        // Real calls: neither knows dry-run.
        ("CREATE", "token") => {
            cluster
                .send(caller, "POST", &under("serviceaccounts"), Some(object))
                .await
        }
        ("CONNECT", _) => cluster.send(caller, "POST", &under("pods"), None).await,
        ("CREATE", "binding") => {
            let path = format!("{}?dryRun=All", under("pods"));
            cluster.send(caller, "POST", &path, Some(object)).await
        }
        ("CREATE", _) => {
            let path = format!("{}?dryRun=All", path(object, namespace));
            cluster.send(caller, "POST", &path, Some(object)).await
        }
        ("UPDATE", subresource) => {
            let old = case.old_object.as_ref().expect("what is updated");
            let mut path = path_of(object, namespace);
            if !subresource.is_empty() {
                path = format!("{path}/{subresource}");
            }
            // A patch, since the stored object has more than the case says.
            let change = merge_patch(old, object);
            cluster
                .send(
                    caller,
                    "PATCH",
                    &format!("{path}?dryRun=All"),
                    Some(&change),
                )
                .await
        }
        (operation, subresource) => panic!("{operation} {subresource} cannot be run natively yet"),
    }
}

/// The RFC 7386 merge patch that leads from one object to another.
fn merge_patch(from: &Value, to: &Value) -> Value {
    let (Some(before), Some(after)) = (from.as_object(), to.as_object()) else {
        return to.clone();
    };
    let mut patch = serde_json::Map::new();
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        patch.insert(key.clone(), Value::Null);
    }
    for (key, value) in after {
        match before.get(key) {
            Some(present) if present == value => {}
            Some(present) => drop(patch.insert(key.clone(), merge_patch(present, value))),
            None => drop(patch.insert(key.clone(), value.clone())),
        }
    }
    Value::Object(patch)
}

//! `audit` says of a manifest what the cluster says: the decision and every message equal those of a
//! server-side dry run at the real API server with our webhooks, for the same user, in the same
//! namespaces. What the API server refuses itself says so beforehand.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;
use regex::Regex;
use serde_json::{Value, json};

use crate::api::{Answer, Caller, Cluster, cluster, is_namespaced, path, repository};
use crate::grid::{ACCOUNTS, Grid, label_of, with};
use crate::users;

mod corpus;
mod offline;
mod rights;

use corpus::Manifest;
pub use offline::exported;

/// Of the server and its namespaces.
const NAME: &str = "audit-parity";
/// How many requests run at once.
const PARALLEL: usize = 8;
/// What may not become fewer.
const COMPARED_MIN: usize = 300;
/// What the API server refuses itself, without or before the policies: how the names begin, and why.
const REFUSED: [(&str, &str); 4] = [
    (
        "host-paths: the mirror annotation helps nobody but a kubelet",
        "the ServiceAccount plugin refuses mirror Pods with an account",
    ),
    (
        "service-account-tokens: a lifetime below 600 s does not exist",
        "validation comes before validating webhooks",
    ),
    (
        "session-affinity: affinity in a spelling that Kubernetes does not know is refused",
        "validation comes before validating webhooks",
    ),
    (
        r#"Deployment with {"activeDeadlineSeconds":100000}"#,
        "a ReplicaSet has no such field",
    ),
];

/// What somebody is told about an object.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    denials: BTreeSet<String>,
    warnings: BTreeSet<String>,
}

/// What the API server makes of an object.
enum Answered {
    Told(Told),
    /// It is refused before, or without, the policies.
    Refused(String),
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_says_what_a_server_side_dry_run_says() {
    let manifests = corpus::manifests();
    let cluster = &cluster().await;
    // All of this before the webhooks, which would refuse some of it.
    let namespaces = namespaces(cluster, &manifests).await;
    let manifests: Vec<Manifest> = manifests
        .into_iter()
        .enumerate()
        .map(|(number, manifest)| {
            let namespace = &namespaces[&manifest.namespace_labels.to_string()];
            manifest.localised(namespace, number, &label_of(NAME))
        })
        .collect();
    let everybody: BTreeSet<&str> = manifests.iter().map(|m| m.user.as_str()).collect();
    users::allow(cluster, "audit-parity-users", everybody).await;
    rights::grant(cluster, &manifests).await;
    ensure_accounts(cluster, &namespaces, &manifests).await;
    let _grid = Grid::start(NAME).await;

    let answers = futures::stream::iter(&manifests)
        .map(|manifest| dry_run(cluster, manifest))
        .buffered(PARALLEL);
    let answers: Vec<Answered> = answers.collect().await;
    let context = exported(cluster).await;
    let told = offline::audited(&context, &manifests);
    let printed = offline::printed(&context, &manifests);

    let (mut differences, mut refused) = (Vec::new(), Vec::new());
    let mut open: BTreeSet<&str> = REFUSED.iter().map(|(name, _)| *name).collect();
    for ((manifest, answer), ours) in manifests.iter().zip(&answers).zip(&told) {
        let name = &manifest.name;
        match answer {
            Answered::Refused(why) => {
                match REFUSED.iter().find(|(known, _)| name.starts_with(known)) {
                    Some((known, _)) => open.remove(known),
                    None => {
                        differences.push(format!("{name}: {why}"));
                        false
                    }
                };
                refused.push(name.as_str());
            }
            Answered::Told(theirs) if theirs == ours => {}
            Answered::Told(theirs) => differences.push(difference(name, ours, theirs)),
        }
    }
    for (number, printed) in &printed {
        if *printed != told[*number] {
            let name = format!("{}, by the program", manifests[*number].name);
            differences.push(difference(&name, printed, &told[*number]));
        }
    }
    let not_refused = open.iter();
    differences.extend(not_refused.map(|name| format!("{name}: not refused any more")));
    let compared = manifests.len() - refused.len();
    let denied = told.iter().filter(|told| !told.denials.is_empty()).count();
    let warned = told.iter().filter(|told| !told.warnings.is_empty()).count();
    println!(
        "{compared} manifests compared, {denied} denied, {warned} warned of, {} also by the program; \
         the API server refuses {} itself:\n{}",
        printed.len(),
        refused.len(),
        refused.join("\n")
    );
    assert!(compared >= COMPARED_MIN, "only {compared} compared");
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

fn difference(name: &str, ours: &Told, theirs: &Told) -> String {
    let only = |whose: &str, what: &str, a: &BTreeSet<String>, b: &BTreeSet<String>| {
        a.difference(b)
            .map(|line| format!("\n    only {whose}, {what}: {line}"))
            .collect::<String>()
    };
    [
        name.to_owned(),
        only("audit", "denied", &ours.denials, &theirs.denials),
        only("cluster", "denied", &theirs.denials, &ours.denials),
        only("audit", "warned", &ours.warnings, &theirs.warnings),
        only("cluster", "warned", &theirs.warnings, &ours.warnings),
    ]
    .concat()
}

/// A namespace for each set of labels.
async fn namespaces(cluster: &Cluster, manifests: &[Manifest]) -> BTreeMap<String, String> {
    let mut namespaces = BTreeMap::new();
    for manifest in manifests {
        let key = manifest.namespace_labels.to_string();
        if !namespaces.contains_key(&key) {
            let name = format!("{NAME}-{}", namespaces.len());
            let labels = with(label_of(NAME), manifest.namespace_labels.clone());
            cluster.create_namespace(&name, &labels).await;
            if manifest.namespace_labels == corpus::limited() {
                let range = corpus::limit_range();
                cluster.create(&range, &name).await.object();
            }
            namespaces.insert(key, name);
        }
    }
    namespaces
}

/// The accounts that Pods name, without which the API server refuses them.
async fn ensure_accounts(
    cluster: &Cluster,
    namespaces: &BTreeMap<String, String>,
    manifests: &[Manifest],
) {
    let mut accounts: BTreeSet<(String, String)> = BTreeSet::new();
    for manifest in manifests {
        let mut names = BTreeSet::from(ACCOUNTS.map(str::to_owned));
        names.insert(corpus::ANOTHER_ACCOUNT.to_owned());
        collect_accounts(&manifest.object, &mut names);
        let own = names.into_iter();
        accounts.extend(own.map(|name| (manifest.namespace.clone(), name)));
    }
    assert!(accounts.len() >= namespaces.len());
    for (namespace, name) in accounts {
        let account = json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name},
        });
        // Names that no account can have are for the API server to refuse.
        cluster.create(&account, &namespace).await;
    }
}

fn collect_accounts(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                if ["serviceAccountName", "serviceAccount"].contains(&key.as_str()) {
                    names.extend(member.as_str().map(str::to_owned));
                }
                collect_accounts(member, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_accounts(item, names)),
        _ => {}
    }
}

async fn dry_run(cluster: &Cluster, manifest: &Manifest) -> Answered {
    let path = format!("{}?dryRun=All", path(&manifest.object, &manifest.namespace));
    let requester = manifest.requester();
    let user = requester.user();
    let groups: Vec<String> = user.groups.iter().map(ToString::to_string).collect();
    let caller = Caller::User(user.name, &groups);
    let answer = cluster
        .send(caller, "POST", &path, Some(&manifest.object))
        .await;
    answered(manifest, &answer)
}

fn answered(manifest: &Manifest, answer: &Answer) -> Answered {
    let message = answer.message();
    let denials = message.split_once("denied the request: ");
    // What exists already was admitted before that was found out.
    let is_admitted = answer.is_success() || answer.status == 409;
    let denials = match denials {
        Some((webhook, lines)) if webhook.contains("admission webhook") => lines,
        _ if is_admitted => "",
        _ => return Answered::Refused(format!("{} {message}", answer.status)),
    };
    let named = |line: &str| comparable(manifest, line);
    let warnings = answer.warnings.iter().filter(|line| line.starts_with('['));
    Answered::Told(Told {
        denials: denials.lines().map(named).collect(),
        warnings: warnings.map(|line| named(line)).collect(),
    })
}

/// A line without what is drawn by lot: the end of a generated name, and IDs.
fn comparable(manifest: &Manifest, line: &str) -> String {
    let id = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|assigned-at-admission";
    let line = Regex::new(id).unwrap().replace_all(line, "ID").into_owned();
    match manifest.object["metadata"]["generateName"].as_str() {
        Some(prefix) => {
            let generated = format!(
                "{}[bcdfghjklmnpqrstvwxz2456789]{{5}}",
                regex::escape(prefix)
            );
            let generated = Regex::new(&generated).unwrap();
            generated.replace_all(&line, prefix).into_owned()
        }
        None => line,
    }
}

/// Whether the API server has a place for it.
fn is_in_namespace(object: &Value) -> bool {
    is_namespaced(object)
}

/// The directory of the shipped policies.
fn policies() -> std::path::PathBuf {
    repository("policies")
}

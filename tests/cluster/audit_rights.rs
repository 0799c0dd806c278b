//! Rights out of RBAC objects are those that the API server finds in them: every user of a table is
//! asked about everything in another one, and each answer equals that of a SubjectAccessReview.

use admission_cel::authorizer::{Answer, Authorizer as _, Question};
use admission_cel::json::Json;
use admission_policy::request::User;
use bumpalo::Bump;
use cattlegrid::audit::rights::{InputRights, Rbac};
use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::api::{Cluster, eventually, separate};
use crate::audit_parity::exported;

mod table;

use table::Somebody;

/// How many reviews run at once.
const PARALLEL: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_those_that_the_api_server_finds() {
    let (_control_plane, cluster) = separate().await;
    for namespace in table::NAMESPACES {
        cluster.create_namespace(namespace, &json!({})).await;
    }
    let written = table::objects();
    for object in &written {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default();
        cluster.create(object, namespace).await.object();
    }
    wait_until_known(&cluster).await;

    let everybody = table::everybody();
    let questions = table::questions();
    let pairs: Vec<(&Somebody, &Question<'_>)> = everybody
        .iter()
        .flat_map(|somebody| questions.iter().map(move |question| (somebody, question)))
        .collect();
    let theirs = futures::stream::iter(&pairs)
        .map(|(somebody, question)| review(&cluster, somebody, question))
        .buffered(PARALLEL);
    let theirs: Vec<Answer> = theirs.collect().await;

    let context = exported(&cluster).await;
    let stored = context["items"].as_array().unwrap();
    let mut differences = Vec::new();
    for (what, objects) in [
        ("as stored", stored.clone()),
        ("as written", as_written(stored, &written)),
    ] {
        let rights = rights(&objects);
        for ((somebody, question), theirs) in pairs.iter().zip(&theirs) {
            let user = user(somebody);
            let ours = rights.of(&user, true).answer(question);
            if !agree(somebody, &ours, theirs) {
                differences.push(format!(
                    "{what}: {somebody:?}, {question:?}\n    audit: {ours:?}\n    cluster: {theirs:?}"
                ));
            }
        }
    }
    let is_allowed = |answer: &&Answer| matches!(answer, Answer::Decided { allowed: true, .. });
    println!(
        "{} reviews compared, {} of them allowed",
        pairs.len(),
        theirs.iter().filter(is_allowed).count()
    );
    assert!(
        differences.is_empty(),
        "{} differences:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// Where a binding names a role that is not there, we cannot know whether there is one; the API
/// server can. The reason of what is granted names a binding, which is the same where there is but
/// one: the API server goes through its bindings in no order.
fn agree(somebody: &Somebody, ours: &Answer, theirs: &Answer) -> bool {
    let has_one_binding = somebody.groups.is_empty();
    match (ours, theirs) {
        (Answer::Unavailable(why), Answer::Decided { allowed, .. }) => {
            !allowed && why.contains(table::MISSING_ROLE)
        }
        (
            Answer::Decided {
                allowed: true,
                reason: ours,
            },
            Answer::Decided {
                allowed: true,
                reason: theirs,
            },
        ) => !has_one_binding || ours == theirs,
        // The API server says, too, which roles it did not find.
        (Answer::Decided { allowed: ours, .. }, Answer::Decided { allowed, .. }) => ours == allowed,
        _ => false,
    }
}

/// Our objects as they are in files, with the cluster's own.
fn as_written(stored: &[Value], written: &[Value]) -> Vec<Value> {
    let key = |object: &Value| {
        let metadata = &object["metadata"];
        let [kind, namespace, name] = [&object["kind"], &metadata["namespace"], &metadata["name"]];
        format!("{kind} {namespace} {name}")
    };
    let ours: Vec<String> = written.iter().map(key).collect();
    let others = stored.iter().filter(|object| !ours.contains(&key(object)));
    others.chain(written).cloned().collect()
}

fn rights(objects: &[Value]) -> InputRights {
    let arena = Bump::new();
    let mut rbac = Rbac::default();
    for object in objects {
        rbac.learn(arena.alloc(Json::from_serde(object, &arena)), "default");
    }
    rbac.aggregate();
    InputRights::new(rbac, true)
}

fn user(somebody: &Somebody) -> User<'_> {
    User {
        name: somebody.name,
        groups: somebody.groups.clone(),
        ..User::default()
    }
}

async fn review(cluster: &Cluster, somebody: &Somebody, question: &Question<'_>) -> Answer {
    let mut spec = json!({"user": somebody.name, "groups": somebody.groups});
    match question.path {
        Some(path) => {
            spec["nonResourceAttributes"] = json!({"verb": question.verb, "path": path});
        }
        None => {
            spec["resourceAttributes"] = json!({
                "verb": question.verb, "group": question.group, "resource": question.resource,
                "subresource": question.subresource, "namespace": question.namespace,
                "name": question.name,
            });
        }
    }
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec,
    });
    let status = cluster.create(&review, "").await.object()["status"].take();
    Answer::Decided {
        allowed: status["allowed"].as_bool().unwrap(),
        reason: status["reason"].as_str().unwrap_or_default().to_owned(),
    }
}

/// What was created last is granted, and what controllers fill in has been filled in.
async fn wait_until_known(cluster: &Cluster) {
    for (somebody, question) in table::last() {
        eventually("the rights are known", async || {
            match review(cluster, &somebody, &question).await {
                Answer::Decided { allowed: true, .. } => Ok(()),
                other => Err(format!("{somebody:?} {question:?} {other:?}")),
            }
        })
        .await;
    }
}

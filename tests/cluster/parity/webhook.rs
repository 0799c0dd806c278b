//! The same cases through the webhook: the same request once more, by somebody in a group whom the
//! native policies leave alone and our server is asked about.

use std::collections::BTreeSet;
use std::path::Path;

use cattlegrid::policy::cases::{Expectation, ExpectedFinding};
use cattlegrid::policy::run::Outcome;
use control_plane::Supervised;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::names::Run;
use crate::api::{Answer, Caller, Cluster, eventually, parse, repository};
use crate::native::{RULES_LABEL, WEBHOOK_GROUP};
use crate::server::{address_of, any_port, cattlegrid, make_certificate, serve};

/// The baseline that the server has; cases that change it are left out.
const BASELINE: usize = 0;
/// Refuses a ConfigMap of this name, so that one can tell whether the server is asked.
const SENTINEL: &str = "webhook-sentinel";

/// A server with the policies that are tried, registered for their cases.
pub struct Server {
    _process: Supervised,
    _directory: TempDir,
}

impl Server {
    /// Starts it and waits until the API server asks it.
    pub async fn start(cluster: &Cluster, ids: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        make_certificate(directory.path());
        let policies = directory.path().join("policies");
        for id in ids {
            let to = policies.join(id);
            std::fs::create_dir_all(&to).unwrap();
            for file in ["policy.yaml", "binding.yaml"] {
                let from = repository("policies").join(id).join(file);
                std::fs::copy(from, to.join(file)).unwrap();
            }
        }
        for (number, object) in sentinel().iter().enumerate() {
            std::fs::write(policies.join(format!("{number}.json")), object.to_string()).unwrap();
        }
        let policies = policies.to_str().unwrap();
        let baseline = repository("manifests/baseline/default.yaml");
        let baseline = baseline.to_str().unwrap();
        let more = ["--policies", policies, "--baseline", baseline];
        let process = serve(cluster, directory.path(), any_port(), &more);
        let url = format!("https://{}", address_of(directory.path()).await);
        register(cluster, &url, directory.path(), &more).await;
        wait_until_asked(cluster).await;
        Self {
            _process: process,
            _directory: directory,
        }
    }
}

async fn register(cluster: &Cluster, url: &str, directory: &Path, more: &[&str]) {
    let authority = directory.join("ca.crt");
    let mut arguments = vec!["generate", "webhooks", "--url", url, "--ca-bundle"];
    arguments.push(authority.to_str().unwrap());
    arguments.extend(more);
    for mut configuration in parse(&cattlegrid(&arguments)) {
        // Mutations are compared natively: all of them together change what a case is about.
        if configuration["kind"] != "ValidatingWebhookConfiguration" {
            continue;
        }
        configuration["metadata"]["name"] = json!("parity");
        let condition = json!({"name": "through-the-webhook", "expression":
            format!("'{WEBHOOK_GROUP}' in request.userInfo.groups")});
        for webhook in configuration["webhooks"].as_array_mut().unwrap() {
            match webhook["matchConditions"].as_array_mut() {
                Some(conditions) => conditions.insert(0, condition.clone()),
                None => webhook["matchConditions"] = json!([condition]),
            }
        }
        cluster.create(&configuration, "").await.object();
    }
}

fn sentinel() -> [Value; 2] {
    let group = "admissionregistration.k8s.io/v1";
    let metadata = json!({"name": SENTINEL});
    [
        json!({"apiVersion": group, "kind": "ValidatingAdmissionPolicy", "metadata": metadata,
               "spec": {
            "matchConstraints": {"resourceRules": [{
                "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                "resources": ["configmaps"], "scope": "Namespaced",
            }]},
            "validations": [{"expression": format!("object.metadata.name != '{SENTINEL}'"),
                             "message": "the server is asked"}],
        }}),
        json!({"apiVersion": group, "kind": "ValidatingAdmissionPolicyBinding",
               "metadata": metadata,
               "spec": {"policyName": SENTINEL, "validationActions": ["Deny"],
                        "matchResources": {}}}),
    ]
}

async fn wait_until_asked(cluster: &Cluster) {
    let namespace = "parity-webhook";
    let labels = json!({"cattlegrid.dev/agents": "enforce", RULES_LABEL: "none"});
    cluster.create_namespace(namespace, &labels).await;
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": SENTINEL}});
    let path = format!("/api/v1/namespaces/{namespace}/configmaps?dryRun=All");
    let groups = ["system:masters".to_owned(), WEBHOOK_GROUP.to_owned()];
    eventually("the server is asked", async || {
        let caller = Caller::User("somebody", &groups);
        let answer = cluster.send(caller, "POST", &path, Some(&object)).await;
        if answer.message().contains("the server is asked") {
            Ok(())
        } else {
            Err(answer.body.to_string())
        }
    })
    .await;
}

/// Why a case is not tried through the webhook.
pub fn is_left_out(run: &Run<'_>) -> bool {
    let case = run.case;
    let labels = case
        .is_about_namespace()
        .then(|| &case.subject().expect("a Namespace")["metadata"]["labels"]);
    let mode = match labels {
        Some(labels) => labels["cattlegrid.dev/agents"].as_str(),
        None => case
            .namespace_labels
            .get("cattlegrid.dev/agents")
            .map(String::as_str),
    };
    run.baseline != BASELINE
        || matches!(case.expectation, Expectation::Patched(_))
        // What enforcement would fill in is filled in before it is judged.
        || matches!(mode, Some("warn" | "audit"))
}

/// How the answer differs from what is found offline, a line each.
pub fn difference(run: &Run<'_>, offline: &Outcome, answer: &Answer) -> Vec<String> {
    let prefix = format!("[{}] ", run.policy);
    let denials = answer
        .message()
        .split_once("denied the request: ")
        .map_or("", |(_, lines)| lines);
    let told = denials
        .lines()
        .chain(answer.warnings.iter().map(String::as_str));
    let theirs: BTreeSet<String> = told
        .filter_map(|line| line.strip_prefix(&prefix))
        .map(|line| run.restored(line))
        .collect();
    let ours: BTreeSet<String> = offline.findings.iter().map(line).collect();
    let only = |what: &str, a: &BTreeSet<String>, b: &BTreeSet<String>| {
        let lines = a.difference(b).map(|line| format!("only {what}: {line}"));
        lines.collect::<Vec<_>>()
    };
    let mut lines = only("webhook", &theirs, &ours);
    lines.extend(only("offline", &ours, &theirs));
    lines
}

fn line(finding: &ExpectedFinding) -> String {
    let message: Vec<&str> = finding.message.split_whitespace().collect();
    match &finding.path {
        Some(path) => format!("{path}: {}", message.join(" ")),
        None => message.join(" "),
    }
}

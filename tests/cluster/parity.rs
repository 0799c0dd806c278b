//! Every case of every `tests.yaml` comes out alike offline, natively in the API server and through
//! the webhook: the decision, every message, the place of each finding, and the completed object.

use std::collections::BTreeSet;

use admission_policy::set::PolicySet;
use cattlegrid::load;
use cattlegrid::policy::cases::{self, Case, Expectation};
use cattlegrid::policy::run::{self, Outcome};
use futures::StreamExt as _;
use serde_json::Value;

use crate::api::{Answer, Cluster, cluster, documents, repository};
use crate::differences::{DIFFERENCES, reason};
use crate::native::{self, WEBHOOK_GROUP};
use crate::normalise::{comparable, completed_for_comparison};
use crate::users;

mod names;
mod prepare;
mod request;
mod webhook;

use names::Run;

/// How many cases run at once.
const PARALLEL: usize = 8;
/// Ids of the policies to try, separated by commas; all when it is not set.
const POLICIES_VARIABLE: &str = "CATTLEGRID_POLICIES";

struct Policy {
    id: String,
    set: PolicySet,
    cases: Vec<Case>,
    has_cluster_binding: bool,
}

/// What the API server made of a case.
struct Native {
    answer: Answer,
    messages: BTreeSet<String>,
    /// What the webhook said, of cases that it is asked about.
    webhook: Option<Answer>,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_comes_out_natively_and_through_the_webhook_as_it_does_offline() {
    let policies = policies();
    let cluster = cluster().await;
    let default_baseline = documents(&repository("manifests/baseline/default.yaml")).remove(0);
    let mut baselines = vec![default_baseline.clone()];
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
            runs.push(Run {
                policy: &policy.id,
                set: &policy.set,
                case,
                has_cluster_binding: policy.has_cluster_binding,
                baseline,
                namespace: format!("parity-{}-{number}", policy.id),
            });
        }
    }
    let mut used: Vec<(String, usize)> = runs
        .iter()
        .map(|run| (run.policy.to_owned(), run.baseline))
        .collect();
    used.sort();
    used.dedup();
    native::install(&cluster, &baselines, &used).await;
    let users: BTreeSet<String> = runs
        .iter()
        .map(|run| run.localised(&run.case.user))
        .collect();
    users::allow(&cluster, "parity-users", users.iter().map(String::as_str)).await;
    prepare::prepare_for_all(&cluster).await;
    let ids: Vec<&str> = policies.iter().map(|policy| policy.id.as_str()).collect();
    let _server = webhook::Server::start(&cluster, &ids).await;

    let compared = futures::stream::iter(&runs)
        .map(|run| compare(&cluster, run, &default_baseline))
        .buffer_unordered(PARALLEL);
    let mut report: Vec<String> = compared.collect::<Vec<_>>().await.concat();
    report.sort();
    report.extend(unknown_differences(&policies));
    let skipped = runs
        .iter()
        .filter(|run| run.case.not_native.is_some())
        .count();
    let asked = runs
        .iter()
        .filter(|run| run.case.not_native.is_none() && !webhook::is_left_out(run))
        .count();
    println!(
        "{} cases compared, {asked} of them through the webhook; {skipped} say why they cannot be",
        runs.len() - skipped
    );
    assert!(
        report.is_empty(),
        "{} differences:\n{}",
        report.len(),
        report.join("\n")
    );
}

/// The policies to try, in order.
fn policies() -> Vec<Policy> {
    let root = repository("policies");
    let entries = std::fs::read_dir(&root).unwrap().map(Result::unwrap);
    let mut ids: Vec<String> = entries
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    ids.sort();
    if let Ok(wanted) = std::env::var(POLICIES_VARIABLE) {
        let wanted: Vec<&str> = wanted.split(',').map(str::trim).collect();
        for id in &wanted {
            assert!(
                ids.iter().any(|known| known == id),
                "{POLICIES_VARIABLE}: there is no policies/{id}"
            );
        }
        ids.retain(|id| wanted.contains(&id.as_str()));
    }
    let read = |id: String| {
        let directory = root.join(&id);
        let text = std::fs::read_to_string(directory.join("tests.yaml")).unwrap();
        let bindings = documents(&directory.join("binding.yaml"));
        let set = load::compile(&load::read_policies(&directory).unwrap());
        Policy {
            set: set.unwrap_or_else(|errors| panic!("policies/{id}: {errors}")),
            cases: cases::parse(&format!("policies/{id}/tests.yaml"), &text)
                .unwrap_or_else(|error| panic!("{error}")),
            has_cluster_binding: bindings
                .iter()
                .any(|binding| binding["metadata"]["name"] == format!("{id}-cluster")),
            id,
        }
    };
    ids.into_iter().map(read).collect()
}

/// How a case differs, a line each.
async fn compare(cluster: &Cluster, run: &Run<'_>, default_baseline: &Value) -> Vec<String> {
    let name = format!("{}: {}", run.policy, run.case.name);
    if run.case.not_native.is_some() {
        return Vec::new();
    }
    let offline = match run::run(run.case, run.set, default_baseline) {
        Ok(outcome) => outcome,
        Err(error) => return vec![format!("{name}\n    offline: {error}")],
    };
    let native = natively(cluster, run).await;
    let lines = match run.case.rejected_by_api_validation {
        true if is_refused_by_validation(&native.answer) => Vec::new(),
        true => vec![format!(
            "the API server does not reject it: {}",
            native.answer.body
        )],
        false => difference(run, &offline, &native),
    };
    match (reason(run.policy, &run.case.name), lines.is_empty()) {
        (None, _) => lines
            .iter()
            .map(|line| format!("{name}\n    {line}"))
            .collect(),
        (Some(_), false) => Vec::new(),
        (Some(why), true) => vec![format!("{name}\n    does not differ any more: {why}")],
    }
}

/// Entries of the list of differences that are about no case.
fn unknown_differences(policies: &[Policy]) -> Vec<String> {
    let mut unknown = Vec::new();
    for entry in DIFFERENCES {
        let policy = policies.iter().find(|policy| policy.id == entry.policy);
        let is_known = match policy {
            Some(policy) => policy.cases.iter().any(|case| case.name == entry.case),
            // Not among those that are tried now.
            None => repository("policies").join(entry.policy).exists(),
        };
        if !is_known {
            unknown.push(format!(
                "{}: there is no case `{}`",
                entry.policy, entry.case
            ));
        }
    }
    unknown
}

fn is_refused_by_validation(answer: &Answer) -> bool {
    matches!(answer.status, 400 | 422) && !answer.message().contains("AdmissionPolicy")
}

fn difference(run: &Run<'_>, offline: &Outcome, native: &Native) -> Vec<String> {
    let mut lines = Vec::new();
    let is_denied = match decision(run, &native.answer) {
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
    if !lines.is_empty() {
        let Answer {
            status,
            warnings,
            body,
        } = &native.answer;
        lines.push(format!("native: {status} {warnings:?} {body}"));
    }
    if let Some(answer) = &native.webhook {
        lines.extend(webhook::difference(run, offline, answer));
    }
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
fn decision(run: &Run<'_>, answer: &Answer) -> Result<bool, String> {
    let message = answer.message();
    let denial = format!("ValidatingAdmissionPolicy '{}' with binding", run.policy);
    if message.contains(&denial) && message.contains("denied request: ") {
        Ok(true)
    } else if answer.is_success() || is_past_admission(run, answer) {
        Ok(false)
    } else {
        Err(format!("{} {}", answer.status, answer.body))
    }
}

/// Whether a request failed for what comes after admission: nothing runs in this cluster that
/// could be connected to.
fn is_past_admission(run: &Run<'_>, answer: &Answer) -> bool {
    const NOTHING_THERE: [&str; 3] = [
        "does not have a host assigned",
        "no endpoints available",
        "address not allowed",
    ];
    run.case.operation == "CONNECT"
        && NOTHING_THERE
            .iter()
            .any(|text| answer.message().contains(text))
}

async fn natively(cluster: &Cluster, run: &Run<'_>) -> Native {
    let stored = prepare::prepare(cluster, run).await;
    let answer = request::request(cluster, run, None).await;
    let webhook = match webhook::is_left_out(run) {
        true => None,
        false => Some(request::request(cluster, run, Some(WEBHOOK_GROUP)).await),
    };
    stored.remove(cluster).await;
    let prefix = format!(
        "Validation failed for ValidatingAdmissionPolicy '{}'",
        run.policy
    );
    let messages = answer
        .warnings
        .iter()
        .filter(|warning| warning.starts_with(&prefix))
        .filter_map(|warning| warning.split_once("': "))
        .map(|(_, message)| run.restored(message))
        .collect();
    Native {
        answer,
        messages,
        webhook,
    }
}

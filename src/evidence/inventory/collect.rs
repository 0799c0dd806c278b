//! Gathering workloads: those that may write to the same and have the same credentials are one.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use admission_cel::json::Json;
use admission_policy::finding::Verdict;
use anyhow::Result;
use bumpalo::Bump;

use super::model::{Inventory, Named, NotListed, Objects, Source, Summary, Workload, content};
use crate::audit::kinds::Kinds;
use crate::audit::outcome::{Outcome, State, Subject};
use crate::audit::request::group_and_version;
use crate::audit::workload::{Agent, Pods};
use crate::evidence::bounds::Truncation;
use crate::evidence::digest::Digest;
use crate::evidence::record::Time;
use crate::evidence::workload::{CredentialKind, runs_pods};
use crate::message::without_controls;
use crate::policy::prose::count;

/// How many objects of one workload are named.
const NAMED_MAX: usize = 10;
/// How the ServiceAccount plugin's volumes begin, each with an end of its own.
const AUTOMOUNTED_VOLUMES: &str = "kube-api-access";

/// Workloads, as they are found.
#[derive(Debug)]
pub(super) struct Collection {
    is_all: bool,
    groups: BTreeMap<Key, Group>,
    /// What was not listed.
    counted: Summary,
    not_listed: BTreeSet<NotListed>,
    /// What could not be read.
    unread: BTreeSet<NotListed>,
}

/// One template of an object that was seen somewhere.
#[derive(Debug)]
pub(super) struct Sighting {
    pub(super) agent: Agent,
    pub(super) namespace: Option<String>,
    /// The object.
    pub(super) named: Named,
    pub(super) pods: Pods,
    /// Policies that found something.
    pub(super) policies: BTreeSet<String>,
    pub(super) truncated: Vec<Truncation>,
    /// The object's, where its name does not tell it from others.
    pub(super) uid: Option<String>,
    pub(super) time: Option<Time>,
}

/// What workloads that are one have in common.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    namespace: Option<String>,
    agent: Agent,
    phase: Option<String>,
    profile: Option<String>,
    account: Option<String>,
    content: String,
}

#[derive(Debug)]
struct Group {
    pods: Pods,
    objects: Objects,
    seen: HashSet<u64>,
    policies: BTreeSet<String>,
    truncated: Vec<Truncation>,
    first_seen: Option<Time>,
    last_seen: Option<Time>,
}

impl Collection {
    /// Nothing yet. `is_all`: workloads that are no agents are listed, too.
    pub(super) fn new(is_all: bool) -> Self {
        Self {
            is_all,
            groups: BTreeMap::new(),
            counted: Summary::default(),
            not_listed: BTreeSet::new(),
            unread: BTreeSet::new(),
        }
    }

    /// Takes what the audit says about an object.
    ///
    /// # Errors
    /// When the workload cannot be written as JSON, which its types exclude.
    pub(super) fn outcome(&mut self, outcome: Outcome) -> Result<()> {
        let Outcome {
            origin,
            subject,
            state,
            workload,
        } = outcome;
        let mut policies = BTreeSet::new();
        match state {
            State::Unreadable { message, place } => {
                let place = place.map(|place| format!(":{}:{}", place.line, place.column));
                let what = format!("{}{}", origin.name(), place.unwrap_or_default());
                self.unread.insert(NotListed::new(what, &message));
                return Ok(());
            }
            State::NotEvaluated { reason } if workload.is_none() && may_run(&subject) => {
                let what = format!("{subject} ({})", origin.name());
                self.not_listed.insert(NotListed::new(what, &reason));
                return Ok(());
            }
            State::NotEvaluated { .. } => {}
            State::Judged { findings, .. } => {
                let findings = findings.iter().map(|found| &found.finding);
                let violated = findings
                    .filter(|found| matches!(found.verdict, Verdict::Fail | Verdict::Error(_)));
                policies.extend(violated.map(|found| found.policy.to_string()));
            }
        }
        let Some(workload) = workload else {
            self.counted.other_objects += 1;
            return Ok(());
        };
        if self.leaves_out(workload.agent) {
            return Ok(());
        }
        let is_custom = !Kinds::is_built_in(group_of(&subject), &subject.kind);
        for pods in workload.pods {
            self.sight(Sighting {
                agent: workload.agent,
                namespace: (!subject.namespace.is_empty()).then(|| subject.namespace.clone()),
                named: Named {
                    kind: subject.kind.clone(),
                    name: name_of(&subject),
                    path: is_custom.then(|| pods.template.path.to_string()),
                    file: origin.file().map(str::to_owned),
                },
                pods,
                policies: policies.clone(),
                truncated: workload.truncated.clone(),
                uid: None,
                time: None,
            })?;
        }
        Ok(())
    }

    /// Notes something that nobody says anything about.
    pub(super) fn omitted(&mut self, what: String, reason: &str) {
        self.not_listed.insert(NotListed::new(what, reason));
    }

    /// Whether a workload is not listed; it is counted then.
    pub(super) fn leaves_out(&mut self, agent: Agent) -> bool {
        match agent {
            _ if self.is_all => return false,
            Agent::Yes => return false,
            Agent::No => self.counted.not_agents += 1,
            Agent::Unknown => self.counted.undecided += 1,
        }
        true
    }

    /// Takes a template of an object.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which its types exclude.
    pub(super) fn sight(&mut self, sighting: Sighting) -> Result<()> {
        let Sighting {
            agent,
            namespace,
            named,
            mut pods,
            policies,
            truncated,
            uid,
            time,
        } = sighting;
        for credential in &mut pods.template.credentials {
            let is_automounted = credential.kind == CredentialKind::AutomountedToken;
            if let Some(name) = credential.name.as_mut().filter(|_| is_automounted) {
                *name = AUTOMOUNTED_VOLUMES.into();
            }
        }
        let key = Key {
            namespace,
            agent,
            phase: pods.phase.clone(),
            profile: pods.profile.clone(),
            account: pods.account.clone(),
            content: content(&pods.template)?.to_string(),
        };
        let group = self.groups.entry(key).or_insert_with(|| Group::new(pods));
        group.see(named, uid, time);
        group.policies.extend(policies);
        for truncation in truncated {
            if !group.truncated.contains(&truncation) {
                group.truncated.push(truncation);
            }
        }
        Ok(())
    }

    /// Whether there was nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        let Summary {
            not_agents,
            undecided,
            other_objects,
            ..
        } = self.counted;
        self.groups.is_empty()
            && self.not_listed.is_empty()
            && self.unread.is_empty()
            && not_agents + undecided + other_objects == 0
    }

    /// Whether everything could be read.
    pub(super) fn is_whole(&self) -> bool {
        self.unread.is_empty()
    }

    /// What whoever runs the program should know besides, a line each.
    pub(super) fn messages(&self) -> Vec<String> {
        let unread = self.unread.iter();
        let unread = unread.map(|one| format!("error: {}: {}", one.what, one.reason));
        let notes = self.notes().into_iter().map(|note| format!("note: {note}"));
        unread.chain(notes).map(without_controls).collect()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let Summary {
            not_agents,
            undecided,
            ..
        } = self.counted;
        if not_agents > 0 {
            let workloads = count(not_agents, "workload");
            notes.push(format!(
                "{workloads} not listed: no agents by namespace or label; say --all to list them"
            ));
        }
        if undecided > 0 {
            let workloads = count(undecided, "workload");
            notes.push(format!(
                "{workloads} not listed: their namespaces are not in the input; add their \
                 manifests, or say --assume-agents MODE or --all"
            ));
        }
        notes.extend(
            self.not_listed
                .iter()
                .map(|open| without_controls(format!("{} not listed: {}", open.what, open.reason))),
        );
        notes
    }

    /// The inventory.
    ///
    /// # Errors
    /// When something cannot be written as JSON, which its types exclude.
    pub(super) fn into_inventory(self, source: Source) -> Result<Inventory> {
        let workloads = self.groups.into_iter();
        let workloads = workloads.map(|(key, group)| group.into_workload(key));
        let mut workloads: Vec<Workload> = workloads.collect::<Result<_>>()?;
        workloads.sort_by(|a, b| {
            let key = |one: &Workload| (one.namespace.clone(), one.objects.named.first().cloned());
            (key(a), &a.digest).cmp(&(key(b), &b.digest))
        });
        let not_listed = self.unread.into_iter().chain(self.not_listed).collect();
        Ok(Inventory::new(source, self.counted, workloads, not_listed))
    }
}

impl Group {
    fn new(pods: Pods) -> Self {
        Self {
            pods,
            objects: Objects::default(),
            seen: HashSet::new(),
            policies: BTreeSet::new(),
            truncated: Vec::new(),
            first_seen: None,
            last_seen: None,
        }
    }

    fn see(&mut self, named: Named, uid: Option<String>, time: Option<Time>) {
        self.first_seen = [self.first_seen, time].into_iter().flatten().min();
        self.last_seen = self.last_seen.max(time);
        let mut hasher = DefaultHasher::new();
        (&named.kind, &named.name, &named.file, uid).hash(&mut hasher);
        if !self.seen.insert(hasher.finish()) {
            return;
        }
        self.objects.count += 1;
        *self.objects.kinds.entry(named.kind.clone()).or_default() += 1;
        self.objects.named.insert(named);
        if self.objects.named.len() > NAMED_MAX {
            self.objects.named.pop_last();
        }
    }

    fn into_workload(self, key: Key) -> Result<Workload> {
        let arena = Bump::new();
        let content = Json::parse(key.content.as_bytes(), &arena)?;
        let template = self.pods.template;
        Ok(Workload {
            namespace: key.namespace,
            agent: key.agent,
            phase: key.phase,
            profile: key.profile,
            account: key.account,
            deadline_seconds: template.deadline_seconds,
            digest: Digest::of_json(content),
            objects: self.objects,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            surfaces: template.surfaces.into_iter().map(Into::into).collect(),
            credentials: template.credentials.into_iter().map(Into::into).collect(),
            externals: template.externals,
            policies: self.policies,
            truncated: self.truncated,
        })
    }
}

fn name_of(subject: &Subject) -> String {
    match subject.name.as_str() {
        "" => "(unnamed)".to_owned(),
        name => name.to_owned(),
    }
}

/// Whether an object that could not be judged may run something.
fn may_run(subject: &Subject) -> bool {
    let group = group_of(subject);
    !Kinds::is_built_in(group, &subject.kind) || runs_pods(group, &subject.kind)
}

fn group_of(subject: &Subject) -> &str {
    group_and_version(&subject.api_version).0
}

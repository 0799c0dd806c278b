//! From the admission of investigations to their ends.

use std::collections::BTreeMap;

use super::At;
use crate::evidence::record::{Decision, End, EndState, Outcome, Review, Subject, Text, Time};
use crate::evidence::report::model::{Ends, Investigations, OpenInvestigation};
use crate::evidence::report::reference::Reference;

const JOB: &str = "Job";
const POD: &str = "Pod";

/// Cluster, namespace and ID.
type Name = (String, String, String);

/// Investigations, and how their Jobs and Pods ended.
#[derive(Debug, Default)]
pub struct Lives {
    investigations: BTreeMap<Name, Life>,
    /// Objects outside investigations have an end, too.
    jobs: BTreeMap<Uid, Ended>,
    pods: BTreeMap<Uid, Ended>,
}

/// The uid of an object, or what is known instead.
type Uid = Box<str>;

#[derive(Debug, Default)]
struct Life {
    /// The first admission of something of it.
    admission: Option<Admission>,
    jobs: Objects,
    pods: Objects,
}

#[derive(Debug)]
struct Admission {
    reference: Reference,
    phase: String,
    user: String,
    deadline_seconds: Option<i64>,
}

/// Objects that were admitted, and whether their end is recorded.
type Objects = BTreeMap<Uid, bool>;

/// The last end of an object: it may have several.
#[derive(Debug)]
struct Ended {
    reference: Reference,
    state: EndState,
    deadline_exceeded: bool,
    out_of_memory: bool,
}

impl Lives {
    /// Adds an answer about something of an investigation.
    pub fn decided(&mut self, at: &At<'_>, review: &Review<'_>, outcome: &Outcome<'_>) {
        let Some(subject) = &review.subject else {
            return;
        };
        let Some(name) = name(at, subject) else {
            return;
        };
        let life = self.investigations.entry(name).or_default();
        if outcome.decision == Decision::Deny {
            return;
        }
        if let Some((objects, uid)) = life.objects(subject) {
            objects.entry(uid).or_insert(false);
        }
        let is_first = life
            .admission
            .as_ref()
            .is_none_or(|first| at.reference < first.reference);
        if is_first {
            let text = |text: Option<&Text<'_>>| text.map(ToString::to_string).unwrap_or_default();
            let templates = review
                .workload
                .iter()
                .flat_map(|workload| &workload.templates);
            life.admission = Some(Admission {
                reference: at.reference.clone(),
                phase: text(subject.phase.as_ref()),
                user: text(review.source.as_ref().map(|source| &source.user)),
                deadline_seconds: templates
                    .filter_map(|template| template.deadline_seconds)
                    .max(),
            });
        }
    }

    /// Adds an end.
    pub fn ended(&mut self, at: &At<'_>, review: &Review<'_>, end: &End<'_>) {
        let Some(subject) = &review.subject else {
            return;
        };
        if let Some(name) = name(at, subject) {
            let life = self.investigations.entry(name).or_default();
            if let Some((objects, uid)) = life.objects(subject) {
                objects.insert(uid, true);
            }
        }
        let ends = match &*subject.kind {
            JOB => &mut self.jobs,
            POD => &mut self.pods,
            _ => return,
        };
        let ended = Ended {
            reference: at.reference.clone(),
            state: end.state,
            deadline_exceeded: end.deadline_exceeded,
            out_of_memory: end.out_of_memory,
        };
        let key = uid(subject);
        if ends
            .get(&key)
            .is_none_or(|known| known.reference < ended.reference)
        {
            ends.insert(key, ended);
        }
    }

    /// The part of the report.
    pub fn finish(
        self,
        end: Option<Time>,
        cluster: &dyn Fn(&str) -> Option<String>,
    ) -> Investigations {
        let mut found = Investigations {
            jobs: ends(&self.jobs),
            pods: ends(&self.pods),
            ..Investigations::default()
        };
        for ((of, namespace, investigation), life) in self.investigations {
            let is_closed = life.is_closed();
            let Some(admission) = life.admission else {
                // Something ended that was admitted before the period, or nothing was admitted.
                let was_refused = life.jobs.is_empty() && life.pods.is_empty();
                found.refused += u64::from(was_refused);
                continue;
            };
            found.admitted += 1;
            if is_closed {
                found.closed += 1;
            } else if admission.may_run(end) {
                found.running += 1;
            } else {
                let open = OpenInvestigation {
                    cluster: cluster(&of),
                    namespace,
                    investigation,
                    phase: admission.phase,
                    user: admission.user,
                    deadline_seconds: admission.deadline_seconds,
                };
                found.never_closed.add(&admission.reference, || open);
            }
        }
        found
    }
}

impl Life {
    fn objects(&mut self, subject: &Subject<'_>) -> Option<(&mut Objects, Uid)> {
        match &*subject.kind {
            JOB => Some((&mut self.jobs, uid(subject))),
            POD => Some((&mut self.pods, uid(subject))),
            _ => None,
        }
    }

    /// Whether all its Jobs have ended, or all its Pods where it had no Job.
    fn is_closed(&self) -> bool {
        let objects = match self.jobs.is_empty() {
            true => &self.pods,
            false => &self.jobs,
        };
        !objects.is_empty() && objects.values().all(|has_ended| *has_ended)
    }
}

impl Admission {
    /// Whether its deadline lies behind `end`.
    fn may_run(&self, end: Option<Time>) -> bool {
        let begin = self.reference.time.timestamp().seconds;
        let deadline = self
            .deadline_seconds
            .and_then(|seconds| begin.checked_add(seconds));
        deadline
            .zip(end)
            .is_some_and(|(deadline, end)| deadline > end.timestamp().seconds)
    }
}

fn ends(ended: &BTreeMap<Uid, Ended>) -> Ends {
    let mut ends = Ends::default();
    for one in ended.values() {
        match one.state {
            EndState::Succeeded => ends.succeeded += 1,
            EndState::Failed => ends.failed += 1,
            EndState::Unfinished => ends.unfinished += 1,
        }
        ends.deadline_exceeded += u64::from(one.deadline_exceeded);
        ends.out_of_memory += u64::from(one.out_of_memory);
    }
    ends
}

fn name(at: &At<'_>, subject: &Subject<'_>) -> Option<Name> {
    let namespace = subject.namespace.as_deref().unwrap_or_default();
    let investigation = subject.investigation.as_deref()?;
    Some((
        at.cluster.to_owned(),
        namespace.to_owned(),
        investigation.to_owned(),
    ))
}

/// What tells an object from others of its kind.
fn uid(subject: &Subject<'_>) -> Uid {
    let known = subject.uid.as_deref().or(subject.name.as_deref());
    known.unwrap_or_default().into()
}

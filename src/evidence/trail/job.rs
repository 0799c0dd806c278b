//! What was admitted under an ID, and which record belongs to what.

use std::collections::BTreeMap;

use admission_cel::value::Timestamp;
use serde::Serialize;

use super::Requester;
use super::collect::Item;
use crate::evidence::record::{Cluster, End, Event, Review, Subject, Text, Time};

/// A Job, or what took its place: a Pod without one, a custom resource.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub uid: String,
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Cluster>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Text<'static>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'static>>,
    /// Absent where no record tells of its creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<Requester>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Text<'static>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Text<'static>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Text<'static>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admitted: Option<Time>,
    /// Its last state; absent where its end is not recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<End<'static>>,
    /// How long it ran, where its end says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pods: Vec<Pod>,
    /// It was admitted, and nothing of it was seen afterwards.
    #[serde(rename = "unseen", skip_serializing_if = "std::ops::Not::not")]
    pub is_unseen: bool,
}

/// A Pod of a Job.
#[derive(Debug, Default, Serialize)]
pub struct Pod {
    pub uid: Text<'static>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text<'static>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admitted: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<End<'static>>,
}

/// What a record belongs to.
#[derive(Clone, Debug, Default)]
pub struct Belonging {
    /// The uid of a Job; none where no Job came of it.
    pub job: Option<String>,
    /// It is an attempt that was allowed, and no decision followed.
    pub is_unanswered: bool,
}

/// The Jobs of an investigation.
#[derive(Debug, Default)]
pub struct Jobs {
    /// In order of their first records.
    pub all: Vec<Job>,
    /// What each record belongs to.
    pub of_items: Vec<Belonging>,
}

impl Jobs {
    /// Sorts records, which are in order of time.
    pub fn of(items: &[Item]) -> Self {
        let mut pods = Pods::default();
        for review in items.iter().filter_map(|item| item.record.review()) {
            pods.learn(review);
        }
        let mut jobs = Self::default();
        for (place, item) in items.iter().enumerate() {
            let later = items.get(place + 1..).unwrap_or_default();
            let of = pods.belonging(item, later);
            if let (Some(uid), Some(review)) = (&of.job, item.record.review()) {
                jobs.add(uid, item, review);
            }
            jobs.of_items.push(of);
        }
        jobs
    }

    fn add(&mut self, uid: &str, item: &Item, review: &Review<'static>) {
        let Some(subject) = &review.subject else {
            return;
        };
        // An attempt tells nothing that its decision does not.
        if matches!(item.record.event, Event::Attempt(_)) {
            return;
        }
        let new = || Job {
            uid: uid.to_owned(),
            kind: "Job".to_owned(),
            cluster: item.record.place.cluster.clone(),
            is_unseen: true,
            ..Job::default()
        };
        change(
            &mut self.all,
            |job| job.uid == uid,
            new,
            |job| match subject.uid.as_deref() == Some(uid) {
                true => job.add_own(item, review, subject),
                false => job.add_of_pod(item, review, subject),
            },
        );
    }
}

/// Changes the item that is meant, added to the end of the list where it is new.
fn change<T>(
    list: &mut Vec<T>,
    is_meant: impl Fn(&T) -> bool,
    new: impl FnOnce() -> T,
    change: impl FnOnce(&mut T),
) {
    match list.iter_mut().find(|item| is_meant(item)) {
        Some(item) => change(item),
        None => {
            let mut item = new();
            change(&mut item);
            list.push(item);
        }
    }
}

/// The Pods of an investigation: what each was made for.
#[derive(Debug, Default)]
struct Pods {
    by_uid: BTreeMap<String, String>,
    by_name: BTreeMap<(Option<Text<'static>>, Text<'static>), String>,
}

impl Pods {
    fn learn(&mut self, review: &Review<'static>) {
        let subject = review.subject.as_ref().filter(|_| !review.is_denied());
        let Some(subject) = subject.filter(|subject| subject.kind == "Pod") else {
            return;
        };
        let owner = subject.owner.as_ref().map(|owner| &owner.uid);
        let Some(of) = owner.or(subject.uid.as_ref()) else {
            return;
        };
        if let Some(uid) = &subject.uid {
            self.by_uid.insert(uid.to_string(), of.to_string());
        }
        if let Some(name) = &subject.name {
            let name = (subject.namespace.clone(), name.clone());
            self.by_name.insert(name, of.to_string());
        }
    }

    fn belonging(&self, item: &Item, later: &[Item]) -> Belonging {
        let Some(review) = item.record.review() else {
            return Belonging::default();
        };
        if !matches!(item.record.event, Event::Attempt(_)) || review.is_denied() {
            return Belonging {
                job: self.job_of(review),
                is_unanswered: false,
            };
        }
        let decision = later.iter().find_map(|later| match &later.record.event {
            Event::Decision(decision) => {
                let is_its = review.request.link.is_some()
                    && decision.request.link == review.request.link
                    && later.cluster() == item.cluster();
                is_its.then_some(decision)
            }
            _ => None,
        });
        Belonging {
            job: decision.map_or_else(|| self.job_of(review), |decision| self.job_of(decision)),
            is_unanswered: decision.is_none(),
        }
    }

    /// What a review is about, or for; none where a new one was denied.
    fn job_of(&self, review: &Review<'static>) -> Option<String> {
        let subject = review.subject.as_ref()?;
        let uid = subject.uid.as_deref();
        if subject.kind == "Pod"
            && let Some(owner) = &subject.owner
        {
            return Some(owner.uid.to_string());
        }
        if review.resource().starts_with("pods") {
            let by_name = || {
                let name = (subject.namespace.clone(), subject.name.clone()?);
                self.by_name.get(&name)
            };
            if let Some(job) = uid.and_then(|uid| self.by_uid.get(uid)).or_else(by_name) {
                return Some(job.clone());
            }
        }
        let is_nothing = review.is_denied() && review.is_creation();
        uid.filter(|_| !is_nothing).map(str::to_owned)
    }
}

impl Job {
    /// A record about itself.
    fn add_own(&mut self, item: &Item, review: &Review<'static>, subject: &Subject<'static>) {
        self.is_unseen &= review.is_creation();
        self.kind = subject.kind.to_string();
        for (member, said) in [
            (&mut self.namespace, &subject.namespace),
            (&mut self.name, &subject.name),
            (&mut self.phase, &subject.phase),
            (&mut self.profile, &subject.profile),
            (&mut self.account, &subject.account),
        ] {
            *member = member.take().or(said.clone());
        }
        if review.is_creation() {
            self.admitted = self.admitted.or(Some(item.record.time));
            self.requested_by = review.source.as_ref().map(Requester::of);
        }
        if let Event::End { end, .. } = &item.record.event {
            self.seconds = seconds(end);
            self.end = Some(end.clone());
        }
    }

    /// A record about one of its Pods.
    fn add_of_pod(&mut self, item: &Item, review: &Review<'static>, subject: &Subject<'static>) {
        self.is_unseen = false;
        if let Some(owner) = subject.owner.as_ref().filter(|owner| owner.uid == self.uid) {
            self.kind = owner.kind.to_string();
            self.name = self.name.take().or(Some(owner.name.clone()));
            self.namespace = self.namespace.take().or(subject.namespace.clone());
        }
        let uid = subject.uid.as_ref().filter(|_| subject.kind == "Pod");
        let Some(uid) = uid.filter(|_| !review.is_denied()) else {
            return;
        };
        let new = || Pod {
            uid: uid.clone(),
            name: subject.name.clone(),
            ..Pod::default()
        };
        change(
            &mut self.pods,
            |pod| pod.uid == *uid,
            new,
            |pod| match &item.record.event {
                Event::Decision(_) if review.is_creation() => {
                    pod.admitted = pod.admitted.or(Some(item.record.time));
                }
                Event::End { end, .. } => pod.end = Some(end.clone()),
                _ => {}
            },
        );
    }
}

fn seconds(end: &End<'_>) -> Option<i64> {
    let time = |text: &Option<Text<'_>>| Timestamp::from_rfc3339(text.as_deref()?);
    Some(time(&end.ended)?.seconds - time(&end.started)?.seconds)
}

//! The records that are about an investigation: those with its ID, and those about its Jobs and Pods,
//! which need not carry it (what enters a Pod has no labels at all).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::evidence::digest::Digest;
use crate::evidence::reading::{Located, Reading};
use crate::evidence::record::{Event, Record, Review, Time};

/// A record, and where it is.
#[derive(Debug)]
pub struct Item {
    /// Its log.
    pub log: String,
    /// Its position there.
    pub number: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// What it says.
    pub record: Record<'static>,
    /// The same with the members that this program does not know.
    pub document: Value,
}

impl Item {
    fn of(located: &Located<'_>, record: &Record<'static>) -> anyhow::Result<Self> {
        Ok(Self {
            log: located.log.name().to_owned(),
            number: located.number,
            leaf: located.leaf,
            record: record.clone(),
            document: serde_json::from_slice(located.entry)?,
        })
    }

    /// By time. Of one millisecond, attempts come before decisions.
    pub fn order(&self) -> (Time, &'static str, &str, u64) {
        let record = &self.record;
        (record.time, record.kind(), &self.log, self.number)
    }

    /// The uid of its cluster.
    pub fn cluster(&self) -> Option<&str> {
        cluster(&self.record)
    }
}

fn cluster<'r>(record: &'r Record<'_>) -> Option<&'r str> {
    record.place.cluster.as_ref()?.uid.as_deref()
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Collected {
    /// What is about the investigation, in no order.
    pub items: Vec<Item>,
    /// Every gap of every log.
    pub gaps: Vec<Item>,
    /// How many records were looked at.
    pub searched: u64,
    /// How many of them cannot be read by this program.
    pub unreadable: u64,
}

/// Searches the logs until nothing new is known: a Pod may be recorded before what tells that it is
/// one of the investigation's, in another log.
pub async fn collect(reading: &Reading, investigation: &str) -> anyhow::Result<Collected> {
    let mut known = Known::default();
    loop {
        let before = known.clone();
        let mut collected = Collected::default();
        reading
            .each(|located| {
                collected.searched += 1;
                let Ok(record) = &located.record else {
                    collected.unreadable += 1;
                    return Ok(());
                };
                if let Event::Gap(_) = record.event {
                    collected.gaps.push(Item::of(&located, record)?);
                }
                if let Some(review) = record.review()
                    && known.concern(investigation, record, review)
                {
                    known.learn(record, review);
                    collected.items.push(Item::of(&located, record)?);
                }
                Ok(())
            })
            .await?;
        if known == before {
            return Ok(collected);
        }
    }
}

/// What is known to belong to the investigation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    uids: BTreeSet<String>,
    /// By cluster, namespace and name, which another Pod may have later.
    pods: BTreeMap<[String; 3], Life>,
}

/// When a Pod was there, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Life {
    from: Option<Time>,
    to: Option<Time>,
}

impl Known {
    fn concern(&self, investigation: &str, record: &Record<'_>, review: &Review<'_>) -> bool {
        let Some(subject) = &review.subject else {
            return false;
        };
        let is_known = |uid: &str| self.uids.contains(uid);
        review.investigation() == Some(investigation)
            || subject.uid.as_deref().is_some_and(is_known)
            || subject
                .owner
                .as_ref()
                .is_some_and(|owner| is_known(&owner.uid))
            || review.resource().starts_with("pods/")
                && self.pods.get(&pod(record, review)).is_some_and(|life| {
                    life.from.is_none_or(|from| from <= record.time)
                        && life.to.is_none_or(|to| record.time <= to)
                })
    }

    /// What was denied came to nothing, and teaches nothing.
    fn learn(&mut self, record: &Record<'_>, review: &Review<'_>) {
        let Some(subject) = review.subject.as_ref().filter(|_| !review.is_denied()) else {
            return;
        };
        let owner = subject.owner.as_ref().filter(|owner| owner.kind == "Job");
        let owner = owner.map(|owner| &owner.uid);
        let uids = subject.uid.iter().chain(owner);
        self.uids.extend(uids.map(|uid| uid.clone().into_owned()));
        if review.resource() != "pods" || subject.name.is_none() {
            return;
        }
        let life = self.pods.entry(pod(record, review)).or_default();
        match &record.event {
            Event::Decision(_) if review.operation() == "CREATE" => {
                life.from = Some(life.from.map_or(record.time, |from| from.min(record.time)));
            }
            Event::End { .. } => life.to = life.to.max(Some(record.time)),
            _ => {}
        }
    }
}

fn pod(record: &Record<'_>, review: &Review<'_>) -> [String; 3] {
    let subject = review.subject.as_ref();
    let name = subject.and_then(|subject| subject.name.as_deref());
    let namespace = subject.and_then(|subject| subject.namespace.as_deref());
    [cluster(record), namespace, name].map(|part| part.unwrap_or_default().to_owned())
}

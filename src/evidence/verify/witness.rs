//! Comparing logs with the API server's own audit log, which names the record of every answer of ours
//! by its leaf hash: what went on without a record, what our answer was not followed by, and what no
//! event tells of.

mod events;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use admission_cel::value::Timestamp;
use serde::Serialize;

pub use self::events::Events;
use super::finding::{Finding, Kind, Report};
use crate::evidence::digest::Digest;
use crate::evidence::reading::Reading;
use crate::evidence::record::{Event, Record, Review, Time};
use crate::policy::prose::count;

/// How many records without an event are listed.
const LISTED_MAX: usize = 16;
/// How far the clocks of API servers and webhooks may be apart, in seconds.
const SKEW_SECONDS: i64 = 1;
/// How long an API server works on a request, in seconds: `--request-timeout` of kube-apiserver.
const REQUEST_SECONDS_MAX: i64 = 60;

/// What an audit log says.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Witness {
    files: Vec<String>,
    /// How many it tells of.
    requests: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Time>,
    /// How many records its events name.
    named: usize,
    /// Requests that we allowed and the API server did not carry out, by its reason.
    not_carried_out: BTreeMap<String, usize>,
    /// What was asked once more: where the API server asks several times for one request (after a
    /// conflict, or when another webhook changed the object), its event names one answer only.
    asked_again: usize,
    /// Records of that time that no event names.
    without_event: usize,
    /// The first of them.
    such_as: Vec<Place>,
}

/// A record.
#[derive(Debug, Serialize)]
struct Place {
    log: String,
    number: u64,
}

/// Reads audit logs. They are read before the logs that they are compared with: a record is written
/// before its event.
///
/// # Errors
/// One cannot be read, or is none.
pub fn read(files: &[PathBuf]) -> anyhow::Result<Events> {
    let mut events = Events::default();
    for file in files {
        events.read(file)?;
    }
    Ok(events)
}

/// Compares the logs with audit logs. What does not agree is added to the report; records from before
/// `retained_from` may be gone.
///
/// # Errors
/// The logs could not be read.
pub async fn compare(
    reading: &mut Reading,
    events: Events,
    retained_from: Option<SystemTime>,
) -> anyhow::Result<()> {
    let mut comparison = Comparison::of(events);
    reading
        .each(|located| {
            if let Ok(record) = &located.record
                && let Some(review) = record.review()
            {
                let log = located.log.name();
                comparison.add(located.leaf, (log, located.number), record, review);
            }
            Ok(())
        })
        .await?;
    let retained_from = retained_from.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let seconds = retained_from.and_then(|since| i64::try_from(since.as_secs()).ok());
    let retained_from = seconds.map(|seconds| Timestamp::utc(seconds, 0));
    comparison.finish(&mut reading.report, retained_from);
    Ok(())
}

/// A record that no event names.
struct Unnamed {
    place: Place,
    link: Option<Digest>,
    time: Timestamp,
}

struct Comparison {
    events: Events,
    witness: Witness,
    findings: Vec<Finding>,
    found: BTreeSet<Digest>,
    /// Requests that an event names: their link and when they were received, and when answered.
    asked: BTreeMap<(Digest, Timestamp), Timestamp>,
    /// Records that no event names.
    unnamed: Vec<Unnamed>,
    agent_namespaces: BTreeSet<String>,
}

impl Comparison {
    fn of(mut events: Events) -> Self {
        let witness = Witness {
            files: std::mem::take(&mut events.files),
            requests: events.requests,
            from: events.span.map(|(from, _)| Time::new(from)),
            to: events.span.map(|(_, to)| Time::new(to)),
            ..Witness::default()
        };
        Self {
            events,
            witness,
            findings: Vec::new(),
            found: BTreeSet::new(),
            asked: BTreeMap::new(),
            unnamed: Vec::new(),
            agent_namespaces: BTreeSet::new(),
        }
    }

    fn add(&mut self, leaf: Digest, place: (&str, u64), record: &Record<'_>, review: &Review<'_>) {
        if let Some(subject) = &review.subject
            && let (Some(_), Some(namespace)) = (&subject.agent_namespace, &subject.namespace)
        {
            self.agent_namespaces.insert(namespace.to_string());
        }
        let link = review.request.link;
        let Some(request) = self.events.naming.get(&leaf) else {
            let time = record.time.timestamp();
            if self
                .events
                .span
                .is_some_and(|(from, to)| from <= time && time <= to)
            {
                let (log, number) = (place.0.to_owned(), place.1);
                let place = Place { log, number };
                self.unnamed.push(Unnamed { place, link, time });
            }
            return;
        };
        self.found.insert(leaf);
        if let Some(link) = link {
            let answered = self
                .asked
                .entry((link, request.time))
                .or_insert(request.answered);
            *answered = request.answered.max(*answered);
        }
        let is_decision = matches!(record.event, Event::Decision(_));
        match (&request.refusal, review.is_denied()) {
            (Some(reason), false) if is_decision => {
                *self
                    .witness
                    .not_carried_out
                    .entry(reason.clone())
                    .or_default() += 1;
            }
            (None, true) if request.is_carried_out => {
                let (log, number) = place;
                let message = format!(
                    "{} was carried out, but record {number} of `{log}` says that it was denied",
                    request.text
                );
                self.findings
                    .push(finding(Kind::Contradicted, &request.place, message));
            }
            _ => {}
        }
    }

    fn finish(mut self, report: &mut Report, retained_from: Option<Timestamp>) {
        let missing = self.events.naming.iter().filter(|(leaf, request)| {
            !self.found.contains(leaf) && retained_from.is_none_or(|from| from <= request.time)
        });
        for (leaf, request) in missing {
            let message = format!(
                "the record of {}, {leaf}, is in none of these logs",
                request.text
            );
            self.findings
                .push(finding(Kind::Unrecorded, &request.place, message));
        }
        for request in self.events.lost.values() {
            let message = format!(
                "{} was carried out though its record was lost",
                request.text
            );
            self.findings
                .push(finding(Kind::Unrecorded, &request.place, message));
        }
        for ((_, webhook), request) in &self.events.failed_open {
            let message = format!(
                "{} was carried out without an answer of `{webhook}`",
                request.text
            );
            self.findings
                .push(finding(Kind::FailedOpen, &request.place, message));
        }
        for request in self.events.unjudged() {
            if self.agent_namespaces.contains(&request.namespace) {
                let message = format!(
                    "{} was carried out unjudged, though others like it were judged before and after",
                    request.text
                );
                self.findings
                    .push(finding(Kind::FailedOpen, &request.place, message));
            }
        }
        let asked = &self.asked;
        let (again, without): (Vec<_>, Vec<_>) = self
            .unnamed
            .into_iter()
            .partition(|unnamed| unnamed.is_of_one(asked));
        self.witness.named = self.found.len();
        self.witness.asked_again = again.len();
        self.witness.without_event = without.len();
        let places = without.into_iter().map(|unnamed| unnamed.place);
        self.witness.such_as = places.take(LISTED_MAX).collect();
        report.findings.extend(self.findings);
        report.witness = Some(self.witness);
    }
}

impl Unnamed {
    /// Whether it was asked while the API server worked on a request like it, of which an event names
    /// another record. At other times somebody else may have asked.
    fn is_of_one(&self, asked: &BTreeMap<(Digest, Timestamp), Timestamp>) -> bool {
        let Some(link) = self.link else {
            return false;
        };
        let begin = later(self.time, -REQUEST_SECONDS_MAX - SKEW_SECONDS);
        let end = later(self.time, SKEW_SECONDS);
        let mut received = asked.range((link, begin)..=(link, end));
        received.any(|(_, answered)| self.time <= later(*answered, SKEW_SECONDS))
    }
}

fn later(time: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::utc(time.seconds.saturating_add(seconds), time.nanoseconds)
}

fn finding(kind: Kind, path: &str, message: String) -> Finding {
    Finding {
        kind,
        path: path.to_owned(),
        records: None,
        message,
    }
}

impl Witness {
    /// What it says, for people; what does not hold is told with the findings.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let span = match (self.from, self.to) {
            (Some(from), Some(to)) => format!(" from {from} to {to}"),
            _ => String::new(),
        };
        let (requests, named) = (count(self.requests, "request"), count(self.named, "record"));
        lines.push(format!("audit log: {requests}{span}, which name {named}"));
        let refused: usize = self.not_carried_out.values().sum();
        if refused > 0 {
            let reasons = self.not_carried_out.iter();
            let reasons: Vec<String> = reasons
                .map(|(reason, number)| format!("{reason} {number}"))
                .collect();
            let reasons = reasons.join(", ");
            lines.push(format!(
                "  note: allowed and not carried out, as a quota, another webhook or a conflict may \
                 have it: {} ({reasons})",
                count(refused, "request")
            ));
        }
        if self.asked_again > 0 {
            let again = count(self.asked_again, "record");
            lines.push(format!(
                "  note: {again} of what the API server asked several times for one request; its \
                 event names one"
            ));
        }
        if self.without_event > 0 {
            let places = self.such_as.iter();
            let places: Vec<String> = places
                .map(|place| format!("{}#{}", place.log, place.number))
                .collect();
            lines.push(format!(
                "  note: named by no event: {} of that time ({}{}). The audit policy may leave such \
                 requests out, or another API server have logged them; otherwise somebody else asked \
                 the webhook",
                count(self.without_event, "record"),
                places.join(", "),
                if self.without_event > LISTED_MAX { ", …" } else { "" },
            ));
        }
        lines
    }
}

//! One record of the evidence log: `docs/evidence/record-v1.md` in types.
//!
//! Members of every type here are declared in the order of their names: serialising them then gives
//! the canonical form (RFC 8785) without sorting anything. A test compares it with an independent
//! implementation.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::bounds::{RECORD_BYTES_MAX, Truncation};
use super::digest::Digest;

mod configuration;
mod end;
mod log;
mod review;
mod time;

pub use self::configuration::{Change, Configuration, Item, ItemChange, Of};
pub use self::end::{ContainerEnd, ContainerState, End, EndState};
pub use self::log::{Cause, CrossLink, Gap, KeyOrigin, OtherLog, Resumed, Start, Stop, StopReason};
pub use self::review::{
    Claimed, Counts, Decision, Digests, ExceptionUse, Extra, FailureClass, FindingVerdict,
    InOldObject, ModeName, Outcome, Owner, RecordedFinding, RequestPart, Review, RuleSet, Source,
    Subject, Treatment, Verdicts,
};
pub use self::time::Time;
use super::workload::Workload;

/// What this page is called.
pub const VERSION: &str = "cattlegrid.dev/record/v1";

/// A text of a record: borrowed where it is made from a request, owned where it was read.
pub type Text<'a> = Cow<'a, str>;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// When.
    pub time: Time,
    /// By whom it was written.
    pub place: Cow<'a, Place>,
    /// What was left out.
    pub truncated: Vec<Truncation>,
    /// What happened.
    pub event: Event<'a>,
}

/// Who writes records; the same for all of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The cluster; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Cluster>,
    /// Name and version of the program.
    pub program: String,
    /// The replica.
    pub replica: String,
}

/// A cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// What its owner calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The uid of Namespace kube-system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// An answer of `/mutate`.
    Attempt(Box<Review<'a>>),
    /// An answer of `/validate`.
    Decision(Box<Review<'a>>),
    /// An agent's Job or Pod is deleted.
    End {
        /// The request that deletes it; it has no outcome and no rules.
        review: Box<Review<'a>>,
        /// How it ended.
        end: End<'a>,
    },
    /// Something that decides over requests changed.
    Configuration(Configuration<'a>),
    /// Records were lost.
    Gap(Gap),
    /// Other replicas' logs were seen.
    CrossLink(CrossLink<'a>),
    /// A replica began to write.
    Start(Start<'a>),
    /// A replica ended a log in order.
    Stop(Stop<'a>),
}

/// A record's bytes and their leaf hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The canonical form.
    pub bytes: Vec<u8>,
    /// The leaf hash of it.
    pub leaf: Digest,
}

/// Why bytes are no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not a record of this version.
    #[error("this is no record of version {VERSION}: {0}")]
    Unreadable(String),
    /// A type of a later version.
    #[error("records of type `{0}` are not known here; a newer program reads them")]
    UnknownType(String),
    /// A member that its type demands is absent.
    #[error("a record of type `{kind}` needs member `{member}`")]
    Missing {
        /// The record's type.
        kind: String,
        /// The member.
        member: &'static str,
    },
    /// Too long even without everything that may be left out.
    #[error("the record has {0} bytes, more than the {RECORD_BYTES_MAX} of a log entry")]
    TooLong(usize),
}

impl<'a> Record<'a> {
    /// The AdmissionReview that it is about, if it is about one.
    pub fn review(&self) -> Option<&Review<'a>> {
        match &self.event {
            Event::Attempt(review) | Event::Decision(review) | Event::End { review, .. } => {
                Some(review)
            }
            _ => None,
        }
    }

    /// The canonical form and its hash. What would make the record too long for a log is left out
    /// and told.
    ///
    /// # Errors
    /// When it is too long even so.
    pub fn into_entry(mut self) -> Result<Entry, RecordError> {
        let mut bytes = self.bytes()?;
        let mut omission = 0;
        while bytes.len() > RECORD_BYTES_MAX {
            let Some((member, of)) = self.event.omit(omission) else {
                return Err(RecordError::TooLong(bytes.len()));
            };
            omission += 1;
            if of > 0 {
                self.truncated.retain(|t| !t.member.starts_with(member));
                self.truncated.push(Truncation {
                    kept: 0,
                    member: member.to_owned(),
                    of,
                });
                bytes = self.bytes()?;
            }
        }
        // Many wait for a commit at the same time.
        bytes.shrink_to_fit();
        Ok(Entry {
            leaf: Digest::of_leaf(&bytes),
            bytes,
        })
    }

    fn bytes(&self) -> Result<Vec<u8>, RecordError> {
        // Most records are of about this size.
        let mut bytes = Vec::with_capacity(4096);
        serde_json::to_writer(&mut bytes, &Wire::of(self))
            .map_err(|error| RecordError::Unreadable(error.to_string()))?;
        Ok(bytes)
    }

    /// The record's type.
    pub fn kind(&self) -> &'static str {
        self.event.kind()
    }
}

impl Record<'static> {
    /// Reads a log entry.
    ///
    /// # Errors
    /// [`RecordError`]; members that this build does not know are no error.
    pub fn read(bytes: &[u8]) -> Result<Self, RecordError> {
        let wire: Wire<'static> = serde_json::from_slice(bytes)
            .map_err(|error| RecordError::Unreadable(error.to_string()))?;
        wire.into_record()
    }
}

impl Event<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Event::Attempt(_) => "attempt",
            Event::Decision(_) => "decision",
            Event::End { .. } => "end",
            Event::Configuration(_) => "configuration",
            Event::Gap(_) => "gap",
            Event::CrossLink(_) => "cross-link",
            Event::Start(_) => "start",
            Event::Stop(_) => "stop",
        }
    }

    /// Leaves out the member that is the `step`-th to go. Its name, and how many items it had;
    /// `None` when nothing more may go.
    fn omit(&mut self, step: usize) -> Option<(&'static str, usize)> {
        match (self, step) {
            (Event::Attempt(review) | Event::Decision(review), _) => review.omit(step),
            (Event::End { review, .. }, 0..=4) => Some(review.omit(step).unwrap_or(("", 0))),
            (Event::End { end, .. }, 5) => {
                Some(("end.containers", std::mem::take(&mut end.containers).len()))
            }
            (Event::Configuration(configuration), 0) => Some((
                "configuration.items",
                std::mem::take(&mut configuration.items).len(),
            )),
            (Event::CrossLink(link), 0) => {
                Some(("crossLink.logs", std::mem::take(&mut link.logs).len()))
            }
            _ => None,
        }
    }
}

/// All members that a record may have, sorted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<Cow<'a, Configuration<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cross_link: Option<Cow<'a, CrossLink<'a>>>,
    #[serde(default, skip_serializing_if = "Digests::is_empty")]
    digests: Cow<'a, Digests>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<Cow<'a, End<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<Cow<'a, Gap>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Cow<'a, Outcome<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Cow<'a, RequestPart<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<Cow<'a, RuleSet>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Cow<'a, Source<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start: Option<Cow<'a, Start<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<Cow<'a, Stop<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Cow<'a, Subject<'a>>>,
    time: Time,
    #[serde(default, skip_serializing_if = "<[Truncation]>::is_empty")]
    truncated: Cow<'a, [Truncation]>,
    #[serde(rename = "type")]
    kind: Text<'a>,
    version: Text<'a>,
    #[serde(rename = "where")]
    place: Cow<'a, Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workload: Option<Cow<'a, Workload<'a>>>,
}

impl<'a> Wire<'a> {
    fn of(record: &'a Record<'_>) -> Self {
        let mut wire = Wire {
            configuration: None,
            cross_link: None,
            digests: Cow::Owned(Digests::default()),
            end: None,
            gap: None,
            outcome: None,
            request: None,
            rules: None,
            source: None,
            start: None,
            stop: None,
            subject: None,
            time: record.time,
            truncated: Cow::Borrowed(&record.truncated),
            kind: Cow::Borrowed(record.kind()),
            version: Cow::Borrowed(VERSION),
            place: Cow::Borrowed(&record.place),
            workload: None,
        };
        match &record.event {
            Event::Attempt(review) | Event::Decision(review) => wire.set_review(review),
            Event::End { review, end } => {
                wire.set_review(review);
                wire.end = Some(Cow::Borrowed(end));
            }
            Event::Configuration(part) => wire.configuration = Some(Cow::Borrowed(part)),
            Event::Gap(part) => wire.gap = Some(Cow::Borrowed(part)),
            Event::CrossLink(part) => wire.cross_link = Some(Cow::Borrowed(part)),
            Event::Start(part) => wire.start = Some(Cow::Borrowed(part)),
            Event::Stop(part) => wire.stop = Some(Cow::Borrowed(part)),
        }
        wire
    }

    fn set_review(&mut self, review: &'a Review<'_>) {
        self.request = Some(Cow::Borrowed(&review.request));
        self.source = review.source.as_ref().map(Cow::Borrowed);
        self.subject = review.subject.as_ref().map(Cow::Borrowed);
        self.outcome = review.outcome.as_ref().map(Cow::Borrowed);
        self.rules = review.rules.as_ref().map(Cow::Borrowed);
        self.digests = Cow::Borrowed(&review.digests);
        self.workload = review.workload.as_ref().map(Cow::Borrowed);
    }
}

impl Wire<'static> {
    fn into_record(mut self) -> Result<Record<'static>, RecordError> {
        if self.version != VERSION {
            return Err(RecordError::Unreadable(format!(
                "its version is `{}`",
                self.version
            )));
        }
        let event = self.event()?;
        Ok(Record {
            time: self.time,
            place: self.place,
            truncated: self.truncated.into_owned(),
            event,
        })
    }

    fn event(&mut self) -> Result<Event<'static>, RecordError> {
        let kind = self.kind.clone();
        match kind.as_ref() {
            "attempt" => Ok(Event::Attempt(Box::new(self.judged_review()?))),
            "decision" => Ok(Event::Decision(Box::new(self.judged_review()?))),
            "end" => Ok(Event::End {
                review: Box::new(self.review()?),
                end: required(self.end.take(), "end", &kind)?,
            }),
            "configuration" => required(self.configuration.take(), "configuration", &kind)
                .map(Event::Configuration),
            "gap" => required(self.gap.take(), "gap", &kind).map(Event::Gap),
            "cross-link" => {
                required(self.cross_link.take(), "crossLink", &kind).map(Event::CrossLink)
            }
            "start" => required(self.start.take(), "start", &kind).map(Event::Start),
            "stop" => required(self.stop.take(), "stop", &kind).map(Event::Stop),
            other => Err(RecordError::UnknownType(other.to_owned())),
        }
    }

    fn judged_review(&mut self) -> Result<Review<'static>, RecordError> {
        let review = self.review()?;
        if review.outcome.is_none() {
            return Err(missing("outcome", &self.kind));
        }
        Ok(review)
    }

    fn review(&mut self) -> Result<Review<'static>, RecordError> {
        Ok(Review {
            request: required(self.request.take(), "request", &self.kind)?,
            source: self.source.take().map(Cow::into_owned),
            subject: self.subject.take().map(Cow::into_owned),
            outcome: self.outcome.take().map(Cow::into_owned),
            rules: self.rules.take().map(Cow::into_owned),
            digests: std::mem::take(&mut self.digests).into_owned(),
            workload: self.workload.take().map(Cow::into_owned),
        })
    }
}

fn required<T: Clone>(
    part: Option<Cow<'static, T>>,
    member: &'static str,
    kind: &str,
) -> Result<T, RecordError> {
    part.map(Cow::into_owned)
        .ok_or_else(|| missing(member, kind))
}

fn missing(member: &'static str, kind: &str) -> RecordError {
    RecordError::Missing {
        kind: kind.to_owned(),
        member,
    }
}

#[cfg(test)]
mod tests;

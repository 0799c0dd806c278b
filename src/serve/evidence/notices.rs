//! The records that a log holds about itself.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use admission_cel::value::Timestamp;

use crate::clock;
use crate::evidence::record::{
    Cause, CrossLink, Event, Gap, KeyOrigin, OtherLog, Place, Record, Resumed, Start, Stop,
    StopReason, Time,
};
use crate::evidence::writer::{GapCause, Notice, Notices, StopReason as Stopped};
use crate::serve::metrics::Metrics;
use crate::serve::options::EvidenceOptions;

/// Makes the records that a log holds about itself.
pub fn notices(
    options: &EvidenceOptions,
    key: Option<KeyOrigin>,
    place: &Place,
    metrics: &Arc<Metrics>,
) -> Notices {
    let (place, metrics) = (place.clone(), Arc::clone(metrics));
    let scheme = options
        .evidence
        .split("://")
        .next()
        .unwrap_or_default()
        .to_owned();
    let (mode, on_failure) = options.behaviour();
    Notices::new(move |notice| {
        if matches!(notice, Notice::Gap(_)) {
            metrics.evidence_gaps.inc();
        }
        let event = match notice {
            Notice::Start { resumes } => Event::Start(Start {
                evidence: Cow::Borrowed(if scheme.starts_with('/') {
                    "file"
                } else {
                    &scheme
                }),
                key,
                mode: mode.into(),
                on_failure: on_failure.into(),
                resumes: resumes.map(|head| Resumed {
                    origin: Cow::Borrowed(&head.origin),
                    root: head.root.to_string().into(),
                    size: head.size,
                }),
            }),
            Notice::Stop { reason, next } => Event::Stop(Stop {
                next: next.map(Into::into),
                reason: match reason {
                    Stopped::Signal => StopReason::Signal,
                    Stopped::Error => StopReason::Error,
                    Stopped::RollOver => StopReason::RollOver,
                },
            }),
            Notice::Gap(gap) => Event::Gap(Gap {
                cause: match gap.cause {
                    GapCause::Storage => Cause::Storage,
                    GapCause::QueueFull => Cause::QueueFull,
                    GapCause::TooLarge => Cause::TooLarge,
                },
                count: Some(gap.count),
                from: time_of(gap.from),
                to: time_of(gap.to),
            }),
            Notice::CrossLink(heads) => Event::CrossLink(CrossLink {
                logs: heads
                    .iter()
                    .map(|seen| OtherLog {
                        checkpoint: Cow::Borrowed(&seen.note),
                        origin: Cow::Borrowed(&seen.head.origin),
                        root: seen.head.root.to_string().into(),
                        size: seen.head.size,
                    })
                    .collect(),
            }),
        };
        let record = Record {
            time: Time::new(clock::now()),
            place: Cow::Borrowed(&place),
            truncated: Vec::new(),
            event,
        };
        // Its members are few and short, or may be left out: there is always room.
        record
            .into_entry()
            .map(|entry| entry.bytes)
            .unwrap_or_default()
    })
}

fn time_of(at: SystemTime) -> Time {
    let since = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    Time::new(Timestamp::utc(seconds, since.subsec_nanos()))
}

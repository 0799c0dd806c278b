//! What logs say of each other: the log before, the log after, heads that were seen.

use std::time::SystemTime;

use serde::Deserialize;
use transparency_log::{Checkpoint, Hash};

use super::bundles::records_of;
use super::discover::Scope;
use super::finding::{Finding, Kind, LogReport, Report};
use super::{Expectations, head};
use crate::evidence::writer::epoch;

/// One log named by a record of another, or of itself.
#[derive(Clone, Debug)]
pub struct Link {
    /// The number of the record.
    record: u64,
    /// The log that it names.
    origin: String,
    /// The head that it had.
    head: Option<Checkpoint>,
}

/// The members that matter here. docs/evidence/record-v1.md, "`cross-link`", "`start` and `stop`".
#[derive(Deserialize)]
struct Record {
    #[serde(rename = "type")]
    kind: String,
    start: Option<Start>,
    stop: Option<Stop>,
    #[serde(rename = "crossLink")]
    cross_link: Option<CrossLink>,
    gap: Option<Gap>,
}

#[derive(Deserialize)]
struct Start {
    resumes: Option<Head>,
}

#[derive(Deserialize)]
struct Stop {
    next: Option<String>,
}

#[derive(Deserialize)]
struct CrossLink {
    #[serde(default)]
    logs: Vec<Head>,
}

#[derive(Deserialize)]
struct Head {
    origin: String,
    size: u64,
    root: String,
}

#[derive(Deserialize)]
struct Gap {
    count: Option<u64>,
    cause: String,
}

/// Reads what a record says of logs and of losses.
pub fn read(report: &mut LogReport, number: u64, entry: &[u8]) {
    // Records are canonical: most are not even parsed.
    let kinds: [&[u8]; 4] = [
        br#""type":"start""#,
        br#""type":"stop""#,
        br#""type":"cross-link""#,
        br#""type":"gap""#,
    ];
    let has = |kind: &&[u8]| entry.windows(kind.len()).any(|bytes| bytes == *kind);
    if !kinds.iter().any(has) {
        return;
    }
    let Ok(record) = serde_json::from_slice::<Record>(entry) else {
        return;
    };
    let mut link = |origin: String, head| {
        report.links.push(Link {
            record: number,
            origin,
            head,
        });
    };
    match record.kind.as_str() {
        "start" => {
            if let Some(head) = record.start.and_then(|start| start.resumes) {
                link(head.origin.clone(), checkpoint(head));
            }
        }
        "stop" => {
            if let Some(next) = record.stop.and_then(|stop| stop.next) {
                link(next, None);
            }
        }
        "cross-link" => {
            for head in record.cross_link.into_iter().flat_map(|links| links.logs) {
                link(head.origin.clone(), checkpoint(head));
            }
        }
        "gap" => {
            if let Some(gap) = record.gap {
                let lost = match gap.count {
                    Some(1) => "1 record was".to_owned(),
                    Some(count) => format!("{count} records were"),
                    None => "an unknown number of records were".to_owned(),
                };
                let notice = format!("record {number}: {lost} lost ({})", gap.cause);
                report.notices.push(notice);
            }
        }
        _ => {}
    }
}

fn checkpoint(head: Head) -> Option<Checkpoint> {
    Some(Checkpoint {
        origin: head.origin,
        size: head.size,
        root: Hash::from_base64(&head.root)?,
    })
}

/// Compares what the logs say of each other, and heads from elsewhere whose log is not there.
pub fn check(report: &mut Report, expected: &Expectations, scope: Scope) {
    let mut vanished: Vec<(String, String)> = Vec::new();
    for seen in &expected.heads {
        let origin = &seen.head.origin;
        if !report.logs.iter().any(|log| is_called(log, origin)) {
            vanished.push((origin.clone(), format!("its head is in `{}`", seen.from)));
        }
    }
    let mut links = Vec::new();
    for log in &report.logs {
        let by = log.head.as_ref().map_or("", |head| &head.origin).to_owned();
        links.extend(log.links.iter().map(|link| (by.clone(), link.clone())));
    }
    for (by, link) in links {
        let from = format!("record {} of `{by}`", link.record);
        let is_expected = is_expected(report, &by, &link.origin, scope, expected.retained_from);
        let log = report
            .logs
            .iter_mut()
            .find(|log| is_called(log, &link.origin));
        match (log, &link.head) {
            (Some(log), Some(seen)) if log.head.is_some() => head::compare(log, seen, &from),
            (Some(log), Some(seen)) if log.findings.is_empty() && seen.size > 0 => {
                let message = format!("{from} saw a head over {}", records_of(seen.size));
                log.find(Kind::Removed, "checkpoint", Some(0..seen.size), message);
            }
            (None, _) if is_expected => {
                vanished.push((link.origin.clone(), format!("{from} names it")));
            }
            _ => {}
        }
    }
    vanished.sort();
    vanished.dedup_by(|one, two| one.0 == two.0);
    let finding = |(path, message): (String, String)| Finding {
        kind: Kind::Vanished,
        path,
        records: None,
        message: format!("the log is not there: {message}"),
    };
    report.findings.extend(vanished.into_iter().map(finding));
}

/// Whether a log has this origin; one whose head cannot be believed, by where it lies.
fn is_called(log: &LogReport, origin: &str) -> bool {
    match &log.head {
        Some(head) => head.origin == origin,
        None => !log.directory.is_empty() && origin.ends_with(&format!("/{}", log.directory)),
    }
}

/// Whether a log must be there: of what was listed, and not so old that it may be gone.
fn is_expected(
    report: &Report,
    by: &str,
    origin: &str,
    scope: Scope,
    retained_from: Option<SystemTime>,
) -> bool {
    let replica = |origin: &str| {
        origin
            .rsplit_once('/')
            .map(|(replica, _)| replica.to_owned())
    };
    let is_listed = match scope {
        Scope::Store => true,
        Scope::Replica => replica(by) == replica(origin),
        Scope::Log => report.logs.is_empty(),
    };
    let opened = origin.rsplit('/').next().and_then(epoch::parse);
    let may_be_gone = match (opened, retained_from) {
        (Some(opened), Some(from)) => opened < from,
        _ => false,
    };
    is_listed && !may_be_gone
}

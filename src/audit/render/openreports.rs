//! Reports of openreports.io, ready for `kubectl apply`: one for each workload in which something was
//! found. What passes has none, and both kinds of number have a limit: reports live in etcd, and
//! have filled it elsewhere.
//!
//! Source: `apis/openreports.io/v1alpha1` of github.com/openreports/reports-api.

use std::collections::BTreeMap;
use std::io::{self, Write};

use admission_policy::finding::Verdict;

use super::Renderer;
use crate::audit::outcome::{Found, Origin, Outcome, Severity, State, Subject};
use crate::audit::request::group_and_version;
use crate::audit::summary::Summary;

mod api;
mod name;

use self::api::{List, Owner, Properties, Report, Result, Scope};
use self::name::cut;

/// Reports in one output; the gravest are kept.
const REPORTS_MAX: usize = 1_000;
/// Results in one report; the gravest are kept. With the limits of their texts a report stays below
/// the 256 KiB that `kubectl apply` can keep of it in an annotation.
const RESULTS_MAX: usize = 50;
/// Bytes of a message.
const MESSAGE_BYTES_MAX: usize = 1_024;
/// Bytes of a remediation.
const REMEDIATION_BYTES_MAX: usize = 512;
/// Bytes of a path in an object, and of a place in a file.
const PLACE_BYTES_MAX: usize = 256;

/// Gathers reports. It grows with the findings, not with the input.
#[derive(Debug, Default)]
pub struct OpenReports {
    reports: BTreeMap<Key, Draft>,
}

/// Which object a report is about, whatever its version. What has no name of its own is known by
/// where it is from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    group: String,
    kind: String,
    namespace: String,
    name: String,
    origin: String,
}

/// A report being written.
#[derive(Debug)]
struct Draft {
    scope: Scope,
    /// Makes the report go when the object goes; only objects of a cluster have one.
    owner: Option<Owner>,
    results: Vec<(Severity, Result)>,
}

impl Renderer for OpenReports {
    fn add(&mut self, outcome: &Outcome, _output: &mut dyn Write) -> io::Result<()> {
        let State::Judged { findings, .. } = &outcome.state else {
            return Ok(());
        };
        for found in findings {
            let Some(result) = result(found, &outcome.origin) else {
                continue;
            };
            let draft = self
                .reports
                .entry(Key::of(outcome))
                .or_insert_with(|| Draft {
                    scope: scope(outcome),
                    owner: owner(outcome),
                    results: Vec::new(),
                });
            draft.results.push((found.severity, result));
        }
        Ok(())
    }

    fn finish(&mut self, _summary: &Summary, output: &mut dyn Write) -> io::Result<()> {
        let mut drafts: Vec<(Key, Draft)> = std::mem::take(&mut self.reports).into_iter().collect();
        for (_, draft) in &mut drafts {
            draft.results.sort_by_key(|(severity, _)| *severity);
        }
        // Stable: what is equally grave stays in the order of keys.
        drafts.sort_by_key(|(_, draft)| draft.results.first().map(|(severity, _)| *severity));
        let left_out = drafts.len().saturating_sub(REPORTS_MAX);
        drafts.truncate(REPORTS_MAX);
        let mut reports: Vec<Report> = drafts.into_iter().map(report).collect();
        if left_out > 0 {
            reports.push(Report::of_left_out(left_out, REPORTS_MAX));
        }
        serde_json::to_writer_pretty(&mut *output, &List::of(reports))?;
        writeln!(output)
    }
}

impl Key {
    fn of(outcome: &Outcome) -> Self {
        let Subject {
            api_version,
            kind,
            namespace,
            name,
            ..
        } = &outcome.subject;
        let (group, _) = group_and_version(api_version);
        let is_named = !name.is_empty() && !name.ends_with('*');
        Self {
            group: group.to_owned(),
            kind: kind.clone(),
            namespace: namespace.clone(),
            name: name.clone(),
            origin: match is_named {
                true => String::new(),
                false => outcome.origin.name().to_owned(),
            },
        }
    }

    fn parts(&self) -> [&str; 5] {
        [
            &self.group,
            &self.kind,
            &self.namespace,
            &self.name,
            &self.origin,
        ]
    }
}

fn report((key, draft): (Key, Draft)) -> Report {
    let name = name::of(&key.kind, &key.name, &key.parts());
    let results = draft.results.into_iter().map(|(_, result)| result);
    let mut report = Report::about(name, draft.scope, draft.owner, results.collect());
    report.keep(RESULTS_MAX);
    report
}

fn scope(outcome: &Outcome) -> Scope {
    let Subject {
        api_version,
        kind,
        namespace,
        name,
        ..
    } = &outcome.subject;
    Scope {
        api_version: api_version.clone(),
        kind: kind.clone(),
        namespace: namespace.clone(),
        name: name.clone(),
        uid: uid(&outcome.origin).to_owned(),
    }
}

fn owner(outcome: &Outcome) -> Option<Owner> {
    let uid = uid(&outcome.origin);
    let subject = &outcome.subject;
    (!uid.is_empty()).then(|| Owner {
        api_version: subject.api_version.clone(),
        kind: subject.kind.clone(),
        name: subject.name.clone(),
        uid: uid.to_owned(),
    })
}

/// Of an object that exists.
fn uid(origin: &Origin) -> &str {
    match origin {
        Origin::Cluster(origin) => &origin.uid,
        Origin::File(_) | Origin::AuditLog(_) => "",
    }
}

/// A finding as a result; `None` for what is no failure.
fn result(found: &Found, origin: &Origin) -> Option<Result> {
    let finding = &found.finding;
    let severity = match found.severity {
        Severity::Deny => "high",
        Severity::Warn => "medium",
        Severity::Audit => "low",
        Severity::Excepted => return None,
    };
    let outcome = match (&finding.verdict, found.severity) {
        (Verdict::Pass | Verdict::NotEvaluated(_), _) => return None,
        (Verdict::Error(_), _) => "error",
        (Verdict::Fail, Severity::Deny) if !found.is_accepted => "fail",
        // Not met, and not scored.
        (Verdict::Fail, _) => "warn",
    };
    let place = found.place.as_ref();
    let place = place.map(|place| format!("{}:{}:{}", origin.name(), place.line, place.column));
    let remediation = finding.remediation.as_deref().unwrap_or_default();
    Some(Result {
        source: super::PROGRAM,
        policy: finding.policy.to_string(),
        rule: finding
            .validation
            .map(|position| format!("validations[{position}]")),
        severity,
        result: outcome,
        scored: found.severity == Severity::Deny && !found.is_accepted,
        message: cut(&finding.message, MESSAGE_BYTES_MAX),
        properties: Properties {
            action: found.severity.name(),
            path: cut(&found.path(), PLACE_BYTES_MAX),
            place: cut(&place.unwrap_or_default(), PLACE_BYTES_MAX),
            reason: finding.reason.clone(),
            accepted: if found.is_accepted { "true" } else { "" },
            remediation: cut(remediation, REMEDIATION_BYTES_MAX),
        },
    })
}

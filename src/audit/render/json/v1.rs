//! Version 1 of the JSON output. Members may be added; what is there keeps its name and meaning.

use admission_policy::exception::Exception;
use admission_policy::finding::{Root, Verdict};
use serde::Serialize;

use crate::audit::outcome::{self, Found, Outcome, Severity};
use crate::audit::summary::Summary;

/// Of the format.
pub(super) const VERSION: &str = "audit/v1";

/// Who wrote the document.
#[derive(Serialize)]
pub(super) struct Program {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
}

/// What was judged by.
#[derive(Serialize)]
pub(super) struct PolicySet<'a> {
    pub(super) digest: &'a str,
}

/// One finding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Finding<'a> {
    action: &'static str,
    verdict: &'static str,
    policy: &'a str,
    binding: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation: Option<usize>,
    #[serde(skip_serializing_if = "String::is_empty")]
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<&'static str>,
    message: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    accepted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    exception: Option<ExceptionReference<'a>>,
    fingerprint: &'a str,
    subject: Subject<'a>,
    origin: Origin<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
}

#[derive(Serialize)]
struct ExceptionReference<'a> {
    name: &'a str,
    owner: &'a str,
    reason: &'a str,
    expires: String,
}

/// An object, or a policy about an object, that could not be evaluated.
#[derive(Serialize)]
pub(super) struct NotEvaluated<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<&'a str>,
    reason: &'a str,
    subject: Subject<'a>,
    origin: Origin<'a>,
}

/// An input or a document that could not be read.
#[derive(Serialize)]
pub(super) struct Unreadable<'a> {
    message: &'a str,
    origin: Origin<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
}

/// What admission would fill in.
#[derive(Serialize)]
pub(super) struct Mutation<'a> {
    subject: Subject<'a>,
    origin: Origin<'a>,
    diff: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Subject<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    api_version: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    kind: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    namespace: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    phase: &'a str,
}

#[derive(Serialize)]
struct Origin<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    line: usize,
    column: usize,
    end_column: usize,
}

/// Numbers over everything.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Totals {
    judged_objects: usize,
    denied_objects: usize,
    deny: usize,
    warn: usize,
    audit: usize,
    excepted: usize,
    accepted: usize,
    gone: usize,
    not_evaluated_objects: usize,
    not_evaluated_rules: usize,
    unreadable: usize,
    exit_code: u8,
}

impl<'a> Finding<'a> {
    pub(super) fn new(outcome: &'a Outcome, found: &'a Found) -> Self {
        let finding = &found.finding;
        let is_old = finding.root == Root::OldObject && finding.path.is_some();
        Self {
            // What is let off leads to a record, and says what it would have led to.
            action: found.action.name(),
            verdict: match finding.verdict {
                Verdict::Error(_) => "error",
                _ => "fail",
            },
            policy: &finding.policy,
            binding: &finding.binding,
            validation: finding.validation,
            path: found.path(),
            root: is_old.then_some("oldObject"),
            message: &finding.message,
            reason: &finding.reason,
            remediation: finding.remediation.as_deref(),
            accepted: found.is_accepted,
            exception: match found.severity {
                Severity::Excepted => finding.exception.as_deref().map(ExceptionReference::new),
                _ => None,
            },
            fingerprint: &found.identity.fingerprint,
            subject: Subject::new(&outcome.subject),
            origin: Origin::new(&outcome.origin),
            place: found.place.as_ref().map(Place::new),
        }
    }
}

impl<'a> ExceptionReference<'a> {
    fn new(exception: &'a Exception) -> Self {
        Self {
            name: &exception.name,
            owner: &exception.owner,
            reason: &exception.reason,
            expires: exception.expires.to_string(),
        }
    }
}

impl<'a> NotEvaluated<'a> {
    pub(super) fn object(outcome: &'a Outcome, reason: &'a str) -> Self {
        Self {
            policy: None,
            binding: None,
            reason,
            subject: Subject::new(&outcome.subject),
            origin: Origin::new(&outcome.origin),
        }
    }

    pub(super) fn policy(outcome: &'a Outcome, found: &'a Found, reason: &'a str) -> Self {
        Self {
            policy: Some(&found.finding.policy),
            binding: Some(&found.finding.binding),
            ..Self::object(outcome, reason)
        }
    }
}

impl<'a> Unreadable<'a> {
    pub(super) fn new(
        outcome: &'a Outcome,
        message: &'a str,
        place: Option<&outcome::Place>,
    ) -> Self {
        Self {
            message,
            origin: Origin::new(&outcome.origin),
            place: place.map(Place::new),
        }
    }
}

impl<'a> Mutation<'a> {
    pub(super) fn new(outcome: &'a Outcome, diff: &'a str) -> Self {
        Self {
            subject: Subject::new(&outcome.subject),
            origin: Origin::new(&outcome.origin),
            diff,
        }
    }
}

impl<'a> Subject<'a> {
    fn new(subject: &'a outcome::Subject) -> Self {
        Self {
            api_version: &subject.api_version,
            kind: &subject.kind,
            namespace: &subject.namespace,
            name: &subject.name,
            phase: &subject.phase,
        }
    }
}

impl<'a> Origin<'a> {
    fn new(origin: &'a outcome::Origin) -> Self {
        Self {
            name: origin.name(),
            file: origin.file(),
        }
    }
}

impl Place {
    fn new(place: &outcome::Place) -> Self {
        Self {
            line: place.line,
            column: place.column,
            end_column: place.end_column,
        }
    }
}

impl Totals {
    pub(super) fn new(summary: &Summary, exit_code: u8) -> Self {
        Self {
            judged_objects: summary.judged,
            denied_objects: summary.denied_objects,
            deny: summary.denied,
            warn: summary.warned,
            audit: summary.recorded,
            excepted: summary.excepted,
            accepted: summary.accepted,
            gone: summary.gone.len(),
            not_evaluated_objects: summary.not_evaluated_objects,
            not_evaluated_rules: summary.not_evaluated_rules,
            unreadable: summary.unreadable,
            exit_code,
        }
    }
}

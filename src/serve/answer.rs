//! The answer to a review, as `admission.k8s.io/v1 AdmissionResponse`.

use std::collections::{BTreeMap, BTreeSet};

use admission_cel::value::Timestamp;
use admission_policy::decide::{Excepted, Mode};
use admission_policy::exception::Exception;
use admission_policy::finding::{Finding, Verdict};
use admission_policy::patch::Operation as PatchOperation;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::limits::{ANNOTATION_BYTES_MAX, DENIAL_BYTES_MAX, WARNING_RUNES_MAX};
use crate::exceptions::expires_soon;
use crate::k8s::review::{API_VERSION, KIND};
use crate::message::line;

/// An AdmissionReview with a response.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Review<'a> {
    api_version: &'static str,
    kind: &'static str,
    response: &'a Answer,
}

/// `AdmissionResponse`.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The request's uid.
    pub uid: String,
    /// Whether the request may go on.
    pub allowed: bool,
    /// Why not.
    #[serde(rename = "status", skip_serializing_if = "Option::is_none")]
    pub denial: Option<Denial>,
    /// What kubectl prints as `Warning: …`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// An RFC 6902 patch in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_type: Option<&'static str>,
    /// What the API server writes into its audit log, prefixed with the webhook's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub audit_annotations: BTreeMap<String, String>,
}

/// The parts of `metav1.Status` that a denial sets.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Denial {
    /// HTTP status of the user's request.
    pub code: u16,
    /// `metav1.StatusReason`.
    pub reason: String,
    /// What the user reads.
    pub message: String,
}

impl Denial {
    /// One line per finding. Reason and code are the first finding's, as natively.
    pub fn of_findings<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Option<Self> {
        let mut findings = findings.into_iter().peekable();
        let reason = match findings.peek()?.reason.as_str() {
            "" => "Invalid".to_owned(),
            reason => reason.to_owned(),
        };
        let lines = findings.map(line);
        let message = joined(lines, DENIAL_BYTES_MAX);
        Some(Self {
            code: code_of(&reason),
            reason,
            message,
        })
    }

    /// A review that cannot be judged, for a reason that lies with its sender.
    pub fn undecodable(why: &str) -> Self {
        Self {
            code: 400,
            reason: "BadRequest".to_owned(),
            message: format!("the review cannot be judged: {why}"),
        }
    }

    /// A review that cannot be judged, for a reason that lies with us.
    pub fn internal(why: &str) -> Self {
        Self {
            code: 500,
            reason: "InternalError".to_owned(),
            message: format!("the review could not be judged, so it is denied: {why}"),
        }
    }
}

/// As `reasonToCode` of `k8s.io/apiserver/pkg/admission/plugin/policy/validating/policy_decision.go`.
fn code_of(reason: &str) -> u16 {
    match reason {
        "Forbidden" => 403,
        "Unauthorized" => 401,
        "RequestEntityTooLarge" => 413,
        _ => 422,
    }
}

impl Answer {
    /// An answer without a denial.
    pub fn allowed(uid: &str) -> Self {
        Self {
            uid: uid.to_owned(),
            allowed: true,
            ..Self::default()
        }
    }

    /// A denial.
    pub fn denied(uid: &str, denial: Denial) -> Self {
        Self {
            uid: uid.to_owned(),
            denial: Some(denial),
            ..Self::default()
        }
    }

    /// Adds a patch; none when there is nothing to change.
    ///
    /// # Errors
    /// When an operation cannot be written as JSON.
    pub fn set_patch(
        &mut self,
        operations: &[PatchOperation<'_>],
    ) -> Result<(), serde_json::Error> {
        if !operations.is_empty() {
            self.patch = Some(STANDARD.encode(serde_json::to_vec(operations)?));
            self.patch_type = Some("JSONPatch");
        }
        Ok(())
    }

    /// Adds warnings as far as the API server shows them whole, and the number of the rest.
    pub fn set_warnings(&mut self, lines: impl IntoIterator<Item = String>) {
        let mut runes = 0;
        let mut left_out = 0;
        for line in lines {
            let length = line.chars().count();
            if left_out > 0 || runes + length > WARNING_RUNES_MAX - REST_RUNES {
                left_out += 1;
            } else {
                runes += length;
                self.warnings.push(line);
            }
        }
        if left_out > 0 {
            self.warnings.push(rest(left_out));
        }
    }

    /// Adds lines to the audit log under `key`; nothing when there are none.
    pub fn annotate(&mut self, key: impl Into<String>, lines: impl IntoIterator<Item = String>) {
        let text = joined(lines, ANNOTATION_BYTES_MAX);
        if !text.is_empty() {
            self.audit_annotations.insert(key.into(), text);
        }
    }

    /// The complete AdmissionReview.
    ///
    /// # Errors
    /// Never for these types; the serializer's signature has it.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Review {
            api_version: API_VERSION,
            kind: KIND,
            response: self,
        })
    }
}

/// One line per finding; what several policies could not judge for one and the same reason is one
/// line for all of them.
pub fn lines(findings: &[&Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut unjudged: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in findings {
        match &finding.verdict {
            Verdict::NotEvaluated(why) => {
                unjudged.entry(why).or_default().insert(&finding.policy);
            }
            _ => lines.push(line(finding)),
        }
    }
    lines.extend(unjudged.into_iter().map(|(why, policies)| {
        let policies: Vec<&str> = policies.into_iter().collect();
        format!("[{}] not evaluated: {why}", policies.join(", "))
    }));
    lines
}

/// One line per finding that an exception lets off.
pub fn excepted_lines(excepted: &[Excepted<'_>]) -> Vec<String> {
    let line_of = |excepted: &Excepted<'_>| {
        let Exception { name, expires, .. } = excepted.exception;
        format!(
            "{} (excepted by {name} until {expires})",
            line(excepted.finding)
        )
    };
    excepted.iter().map(line_of).collect()
}

/// What the user reads about exceptions that end soon, where their end will be felt: one line per
/// policy and exception.
pub fn expiring(excepted: &[Excepted<'_>], now: Timestamp) -> BTreeSet<String> {
    let felt = excepted.iter().filter(|excepted| {
        excepted.otherwise > Mode::Audit && expires_soon(excepted.exception, now)
    });
    felt.map(|excepted| {
        let Exception { name, expires, .. } = excepted.exception;
        format!(
            "[{}] excepted by {name} only until {expires}",
            excepted.finding.policy
        )
    })
    .collect()
}

/// Room for [`rest`].
const REST_RUNES: usize = 64;

fn rest(count: usize) -> String {
    format!("… and {count} more; `cattlegrid audit` shows all")
}

/// Lines joined, as many as fit into `bytes_max`; the number of the rest below them.
fn joined(lines: impl IntoIterator<Item = String>, bytes_max: usize) -> String {
    let mut text = String::new();
    let mut left_out = 0;
    for line in lines {
        if left_out > 0 || (!text.is_empty() && text.len() + line.len() >= bytes_max) {
            left_out += 1;
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&line);
    }
    if left_out > 0 {
        text.push('\n');
        text.push_str(&rest(left_out));
    }
    text
}

#[cfg(test)]
mod tests;

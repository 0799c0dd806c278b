//! Where the logs themselves show that a whole statement of a control does not hold.

use serde::Serialize;

use super::identity::Identities;
use super::observations::{FINDINGS_PART, GAPS_PART, log_part};
use crate::evidence::report::model::Report;
use crate::evidence::verify::Kind;

/// A finding.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    uuid: String,
    title: &'static str,
    description: String,
    target: Target,
    related_observations: Vec<RelatedObservation>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Target {
    #[serde(rename = "type")]
    kind: &'static str,
    target_id: &'static str,
    status: Status,
}

#[derive(Debug, Serialize)]
struct Status {
    state: &'static str,
    reason: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct RelatedObservation {
    observation_uuid: String,
}

/// All findings of a report.
pub fn of(report: &Report, identities: &Identities) -> Vec<Finding> {
    let finding = |part: &str, target_id, title, description, observations: Vec<String>| Finding {
        uuid: identities.of_part(part),
        title,
        description,
        target: Target {
            kind: "statement-id",
            target_id,
            status: Status {
                state: "not-satisfied",
                reason: "fail",
            },
        },
        related_observations: observations
            .iter()
            .map(|part| RelatedObservation {
                observation_uuid: identities.of_part(part),
            })
            .collect(),
    };
    let count = |is_meant: &dyn Fn(Kind) -> bool| {
        let findings = report.all_findings();
        findings.filter(|finding| is_meant(finding.kind)).count()
    };
    let altered = count(&|kind| !is_of_audit_log(kind));
    let unrecorded = count(&|kind| kind == Kind::Unrecorded);
    let store = (!report.findings.is_empty()).then(|| FINDINGS_PART.to_owned());
    let logs = report.logs.iter().filter(|log| !log.holds);
    let observed = logs
        .map(|log| log_part(&log.directory))
        .chain(store.clone());
    let altered = (altered > 0).then(|| {
        finding(
            "finding/au-9",
            "au-9_smt.a",
            "Logs do not hold",
            format!(
                "The verification of the logs has {altered} findings: something was altered, removed \
                 or added."
            ),
            observed.collect(),
        )
    });
    let gaps = report.gaps.all.total;
    let lost = (gaps > 0 || unrecorded > 0).then(|| {
        let gaps = (gaps > 0).then(|| GAPS_PART.to_owned());
        let store = store.filter(|_| unrecorded > 0);
        finding(
            "finding/au-12",
            "au-12_smt.c",
            "Events without a record",
            "Not every event that records are generated for has one.".to_owned(),
            gaps.into_iter().chain(store).collect(),
        )
    });
    altered.into_iter().chain(lost).collect()
}

/// Whether a finding is about what the API server's audit log says, not about the logs' files.
fn is_of_audit_log(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Unrecorded | Kind::FailedOpen | Kind::Contradicted
    )
}

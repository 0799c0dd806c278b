//! Where the logs themselves show that a whole statement of a control does not hold.

use serde::Serialize;

use super::identity::Identities;
use super::observations::{GAPS_PART, log_part};
use crate::evidence::report::model::Report;

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
    let broken: Vec<String> = report
        .logs
        .iter()
        .filter(|log| !log.holds)
        .map(|log| log_part(&log.directory))
        .collect();
    let altered = (!report.holds).then(|| {
        let findings = report.findings.len() + report.logs.iter().map(|log| log.findings.len()).sum::<usize>();
        finding(
            "finding/au-9",
            "au-9_smt.a",
            "Logs do not hold",
            format!("The verification of the logs has {findings} findings: something was altered, removed or added."),
            broken,
        )
    });
    let gaps = (report.gaps.all.total > 0).then(|| {
        finding(
            "finding/au-12",
            "au-12_smt.c",
            "Records were lost",
            "Not every event that records are generated for has one.".to_owned(),
            vec![GAPS_PART.to_owned()],
        )
    });
    altered.into_iter().chain(gaps).collect()
}

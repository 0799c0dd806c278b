//! Assessment results.

use serde::Serialize;

use super::evidence::{self, BackMatter};
use super::findings::{self, Finding};
use super::identity::Identities;
use super::observations::{self, Observation};
use super::parts::{
    Component, Metadata, Property, ReviewedControls, component, properties, reviewed,
};
use crate::evidence::record::Time;
use crate::evidence::report::model::Report;

/// The file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct File {
    assessment_results: AssessmentResults,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct AssessmentResults {
    uuid: String,
    metadata: Metadata,
    import_ap: ImportPlan,
    results: [AssessmentResult; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    back_matter: Option<BackMatter>,
}

#[derive(Debug, Serialize)]
struct ImportPlan {
    href: &'static str,
    remarks: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct AssessmentResult {
    uuid: String,
    title: &'static str,
    description: String,
    start: Time,
    end: Time,
    props: Vec<Property>,
    local_definitions: LocalDefinitions,
    reviewed_controls: ReviewedControls,
    observations: Vec<Observation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<Finding>,
    remarks: String,
}

#[derive(Debug, Serialize)]
struct LocalDefinitions {
    components: [Component; 1],
}

/// The results of a report.
pub fn document(report: &Report, identities: &Identities, metadata: Metadata) -> File {
    let result = AssessmentResult {
        uuid: identities.of_part("result"),
        title: "Answers about agent workloads",
        description: description(report),
        start: report.begin().unwrap_or(identities.time),
        end: report.end().unwrap_or(identities.time),
        props: properties([
            ("logs-hold", report.holds.to_string()),
            ("key-pinned", report.key_pinned.to_string()),
            ("records", report.records.total.to_string()),
            ("answers", report.answers.total.to_string()),
            ("allowed", report.answers.allowed.to_string()),
            ("refused", report.answers.refused.to_string()),
            ("warned", report.answers.warned.to_string()),
            ("excepted", report.answers.excepted.to_string()),
            ("not-judged", report.answers.failed.to_string()),
        ]),
        local_definitions: LocalDefinitions {
            components: [component(report, identities.of_program())],
        },
        reviewed_controls: reviewed(report),
        observations: observations::of(report, identities),
        findings: findings::of(report, identities),
        remarks: format!(
            "Observations say what was seen. No finding says that something is satisfied: that is for \
             an assessor to say. The API server's audit log was {}compared.",
            if report.audit_log.is_some() {
                ""
            } else {
                "not "
            }
        ),
    };
    File {
        assessment_results: AssessmentResults {
            uuid: identities.of_part("assessment-results"),
            metadata,
            import_ap: ImportPlan {
                href: "assessment-plan.json",
                remarks: "The assessor's plan, or the minimal one of `cattlegrid evidence report \
                          --format oscal --document assessment-plan`.",
            },
            results: [result],
            back_matter: evidence::logs(report, identities),
        },
    }
}

fn description(report: &Report) -> String {
    let answers = &report.answers;
    let numbers = format!(
        "{} requests were answered: {} allowed, {} refused. {} records of {} logs were used.",
        answers.total,
        answers.allowed,
        answers.refused,
        report.records.total,
        report.logs.len()
    );
    match report.holds {
        true => format!("The logs hold. {numbers}"),
        false => format!("The logs do not hold. {numbers}"),
    }
}

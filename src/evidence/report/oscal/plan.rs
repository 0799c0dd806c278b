//! The minimal assessment plan that results belong to.

use serde::Serialize;

use super::identity::Identities;
use super::parts::{Component, Metadata, ReviewedControls, component, reviewed};
use crate::evidence::report::model::Report;

/// The file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct File {
    assessment_plan: AssessmentPlan,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct AssessmentPlan {
    uuid: String,
    metadata: Metadata,
    import_ssp: ImportSystem,
    local_definitions: LocalDefinitions,
    reviewed_controls: ReviewedControls,
    assessment_subjects: [AssessmentSubjects; 1],
    tasks: [Task; 1],
}

#[derive(Debug, Serialize)]
struct ImportSystem {
    href: &'static str,
    remarks: &'static str,
}

#[derive(Debug, Serialize)]
struct LocalDefinitions {
    components: [Component; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct AssessmentSubjects {
    #[serde(rename = "type")]
    kind: &'static str,
    include_subjects: [SubjectReference; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct SubjectReference {
    subject_uuid: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Debug, Serialize)]
struct Task {
    uuid: String,
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    description: &'static str,
}

/// The plan of a report.
pub fn document(report: &Report, identities: &Identities, metadata: Metadata) -> File {
    let program = identities.of_program();
    File {
        assessment_plan: AssessmentPlan {
            uuid: identities.of_part("assessment-plan"),
            metadata,
            import_ssp: ImportSystem {
                href: "system-security-plan.json",
                remarks: "The system security plan of the customer.",
            },
            local_definitions: LocalDefinitions {
                components: [component(report, program.clone())],
            },
            reviewed_controls: reviewed(report),
            assessment_subjects: [AssessmentSubjects {
                kind: "component",
                include_subjects: [SubjectReference {
                    subject_uuid: program,
                    kind: "component",
                }],
            }],
            tasks: [Task {
                uuid: identities.of_part("task"),
                kind: "action",
                title: "Verify the logs and report on the period",
                description: "Recompute the logs from their bytes, then count what their records \
                              say: `cattlegrid evidence verify` and `cattlegrid evidence report`.",
            }],
        },
    }
}

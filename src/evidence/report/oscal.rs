//! OSCAL documents, made of a report.
//!
//! What was seen is observations. OSCAL lets a finding say of a statement only that it is satisfied
//! or is not. The former is for an assessor to say and never said here; the latter is said where the
//! logs themselves show that a whole statement does not hold.

use std::io::Write;

use clap::ValueEnum;
use serde::Serialize;

mod components;
mod evidence;
mod findings;
mod identity;
mod observations;
mod parts;
mod plan;
mod results;

use self::identity::Identities;
use self::parts::Metadata;
use super::model::Report;

/// The catalog whose controls are named.
const CATALOG: &str = "https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/\
                       SP800-53/rev5/json/NIST_SP-800-53_rev5_catalog.json";
/// What the properties that OSCAL does not define are named in.
const NAMESPACE: &str = "https://cattlegrid.dev/ns/oscal";

/// A document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Document {
    /// What was seen, control by control
    #[default]
    AssessmentResults,
    /// The minimal plan that such results belong to
    AssessmentPlan,
    /// Which controls the policies and the log support, how far, and what the customer owes
    ComponentDefinition,
}

/// A version of OSCAL. What is used of it is the same in all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OscalVersion {
    #[value(name = "1.1.2")]
    V1_1_2,
    #[value(name = "1.1.3")]
    V1_1_3,
    #[value(name = "1.2.0")]
    V1_2_0,
    #[default]
    #[value(name = "1.2.1")]
    V1_2_1,
}

impl OscalVersion {
    fn text(self) -> &'static str {
        match self {
            Self::V1_1_2 => "1.1.2",
            Self::V1_1_3 => "1.1.3",
            Self::V1_2_0 => "1.2.0",
            Self::V1_2_1 => "1.2.1",
        }
    }
}

/// Writes a document.
///
/// # Errors
/// It cannot be written.
pub fn write(
    document: Document,
    version: OscalVersion,
    report: &Report,
    output: &mut dyn Write,
) -> anyhow::Result<()> {
    let identities = Identities::of(report)?;
    let title = match document {
        Document::AssessmentResults => "Admission of agent workloads: what the evidence log shows",
        Document::AssessmentPlan => "Admission of agent workloads: what the evidence log is asked",
        Document::ComponentDefinition => "cattlegrid: controls that policies and log support",
    };
    let metadata = Metadata {
        title,
        last_modified: identities.time,
        version: identities.version(),
        oscal_version: version.text(),
        remarks: "Made from verified logs alone: the same logs, period and policies give the same \
                  bytes. `last-modified` is the time of the last record that was used."
            .to_owned(),
    };
    match document {
        Document::AssessmentResults => {
            put(&results::document(report, &identities, metadata), output)
        }
        Document::AssessmentPlan => put(&plan::document(report, &identities, metadata), output),
        Document::ComponentDefinition => {
            put(&components::document(report, &identities, metadata), output)
        }
    }
}

fn put(document: &impl Serialize, output: &mut dyn Write) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *output, document)?;
    writeln!(output)?;
    Ok(())
}

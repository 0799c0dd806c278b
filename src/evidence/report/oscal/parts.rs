//! Parts that several OSCAL documents have. Nothing is ever an empty array, which OSCAL forbids.

use serde::Serialize;

use super::{CATALOG, NAMESPACE};
use crate::evidence::record::Time;
use crate::evidence::report::model::{Control, Report};
use crate::message::without_controls;

/// What every document begins with.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Metadata {
    pub title: &'static str,
    pub last_modified: Time,
    pub version: String,
    pub oscal_version: &'static str,
    pub remarks: String,
}

/// A name and a value.
#[derive(Debug, Serialize)]
pub struct Property {
    pub name: &'static str,
    pub ns: &'static str,
    pub value: String,
}

impl Property {
    /// One of ours; none for an empty value, which OSCAL forbids. A value is one line.
    pub fn new(name: &'static str, value: impl ToString) -> Option<Self> {
        let value = without_controls(value.to_string());
        let value = value.trim();
        (!value.is_empty()).then(|| Self {
            name,
            ns: NAMESPACE,
            value: value.to_owned(),
        })
    }
}

/// Properties of names and values, as far as there are values.
pub fn properties<const N: usize>(properties: [(&'static str, String); N]) -> Vec<Property> {
    let properties = properties.into_iter();
    properties
        .filter_map(|(name, value)| Property::new(name, value))
        .collect()
}

/// A reference to something.
#[derive(Debug, Serialize)]
pub struct Link {
    pub href: String,
    pub rel: &'static str,
}

/// Which controls a document is about.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReviewedControls {
    description: &'static str,
    links: Vec<Link>,
    control_selections: Vec<ControlSelection>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct ControlSelection {
    description: &'static str,
    include_controls: Vec<ControlReference>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct ControlReference {
    control_id: String,
}

/// The controls of a report, those in no baseline apart.
pub fn reviewed(report: &Report) -> ReviewedControls {
    let selection = |description, supplemental| {
        let controls = report.controls.iter();
        let chosen = controls.filter(|control| control.supported.supplemental == supplemental);
        ControlSelection {
            description,
            include_controls: chosen
                .filter_map(|control| control.oscal_id.clone())
                .map(|control_id| ControlReference { control_id })
                .collect(),
        }
    };
    let selections = [
        selection(
            "Controls of the baselines of NIST SP 800-53B that policies or log support.",
            false,
        ),
        selection(
            "Supplemental: controls that are in no baseline of NIST SP 800-53B.",
            true,
        ),
    ];
    ReviewedControls {
        description: "Controls of NIST SP 800-53, revision 5. Policies and log support them, each as \
                      far as is said of it; whether a control is satisfied, an assessor decides.",
        links: vec![Link {
            href: CATALOG.to_owned(),
            rel: "reference",
        }],
        control_selections: selections
            .into_iter()
            .filter(|selection| !selection.include_controls.is_empty())
            .collect(),
    }
}

/// What a document says of a control besides numbers: how far it is supported, and by what.
pub fn support(control: &Control) -> String {
    let supported = &control.supported;
    let log = supported.log.map_or("", |log| log.extent);
    let told = [
        ("Supported by policies: ", supported.extent),
        ("Supported by the log: ", log),
    ];
    let told = told.into_iter().filter(|(_, text)| !text.is_empty());
    let sentences: Vec<String> = told
        .map(|(label, text)| format!("{label}{text}."))
        .collect();
    sentences.join(" ")
}

/// What is left to the customer.
pub fn owed(control: &Control) -> Option<String> {
    let owed = control.supported.owed;
    (!owed.is_empty()).then(|| format!("Left to the customer: {owed}."))
}

/// The program as a component of the system.
#[derive(Debug, Serialize)]
pub struct Component {
    uuid: String,
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    props: Vec<Property>,
    status: ComponentStatus,
}

#[derive(Debug, Serialize)]
struct ComponentStatus {
    state: &'static str,
}

/// What the program is, in one sentence.
pub const DESCRIPTION: &str = "Admission webhook that holds agent workloads on Kubernetes to \
                               ValidatingAdmissionPolicies and MutatingAdmissionPolicies, and \
                               records each answer in a transparency log.";

/// The program.
pub fn component(report: &Report, uuid: String) -> Component {
    Component {
        uuid,
        kind: "software",
        title: "cattlegrid",
        description: DESCRIPTION,
        props: properties([("report-made-by", report.program.clone())]),
        status: ComponentStatus {
            state: "operational",
        },
    }
}

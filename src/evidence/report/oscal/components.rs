//! The component definition: which controls are supported, how far, and what the customer owes.

use serde::Serialize;

use super::CATALOG;
use super::identity::Identities;
use super::parts::{DESCRIPTION, Metadata, Property, owed, support};
use crate::evidence::report::model::{Control, Report};

/// The file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct File {
    component_definition: ComponentDefinition,
}

#[derive(Debug, Serialize)]
struct ComponentDefinition {
    uuid: String,
    metadata: Metadata,
    components: [DefinedComponent; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct DefinedComponent {
    uuid: String,
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    description: &'static str,
    control_implementations: [ControlImplementation; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct ControlImplementation {
    uuid: String,
    source: &'static str,
    description: &'static str,
    implemented_requirements: Vec<Requirement>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Requirement {
    uuid: String,
    control_id: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    props: Vec<Property>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remarks: Option<String>,
}

/// The definition of a report's controls.
pub fn document(report: &Report, identities: &Identities, metadata: Metadata) -> File {
    let controls = report.controls.iter();
    let requirements = controls.filter_map(|control| requirement(control, identities));
    File {
        component_definition: ComponentDefinition {
            uuid: identities.of_part("component-definition"),
            metadata,
            components: [DefinedComponent {
                uuid: identities.of_program(),
                kind: "software",
                title: "cattlegrid",
                description: DESCRIPTION,
                control_implementations: [ControlImplementation {
                    uuid: identities.of_part("control-implementation"),
                    source: CATALOG,
                    description: "What policies and log contribute. Each control is supported as far \
                                  as is said of it; none is satisfied by that alone.",
                    implemented_requirements: requirements.collect(),
                }],
            }],
        },
    }
}

fn requirement(control: &Control, identities: &Identities) -> Option<Requirement> {
    let control_id = control.oscal_id.clone()?;
    let supported = &control.supported;
    let policies = supported.policies.iter();
    let mut props: Vec<Property> = Property::new("supplemental", supported.supplemental)
        .into_iter()
        .collect();
    props.extend(policies.filter_map(|policy| Property::new("policy", policy)));
    let description = match support(control).as_str() {
        "" => "A policy says that it supports this control; how far, it does not say.".to_owned(),
        told => told.to_owned(),
    };
    Some(Requirement {
        uuid: identities.of_part(&format!("requirement/{control_id}")),
        control_id,
        description,
        props,
        remarks: owed(control),
    })
}

//! Controls of NIST SP 800-53 (revision 5): how far policies and the evidence log go towards them,
//! and what is left to the customer.
//!
//! A policy *supports* a control; whether an organisation satisfies it, an assessor decides.

use std::collections::BTreeMap;

use serde::Serialize;

use super::page::Page;

mod id;
mod indicators;
mod table;

pub use self::id::ControlId;
pub use self::indicators::{INDICATORS, Indicator};
pub use self::table::CONTROLS;

/// A control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// Such as `AC-6(9)`.
    pub id: &'static str,
    /// Its title in the publication.
    pub title: &'static str,
    /// The lowest baseline of NIST SP 800-53B that has it; `None`: it is supplemental.
    pub baseline: Option<Baseline>,
    /// How far policies go towards it, and where they end; empty where none does.
    pub extent: &'static str,
    /// How far the evidence log goes towards it.
    pub log: Option<FromLog>,
    /// What the customer still owes.
    pub owed: &'static str,
}

/// A baseline of NIST SP 800-53B.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Baseline {
    /// In all of them.
    Low,
    /// In moderate and high.
    Moderate,
    /// In high only.
    High,
}

/// How far the evidence log goes towards a control, whatever the policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FromLog {
    /// What in it bears on the control.
    #[serde(skip)]
    pub figure: Figure,
    /// How far.
    pub extent: &'static str,
}

/// What of a log bears on a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// All its records.
    Records,
    /// Its signed head.
    Heads,
    /// Records of changed rules.
    Configuration,
    /// Decisions in which glass was broken.
    BreakGlass,
    /// Admitted workloads with what they may write to and their credentials.
    Workloads,
    /// Records of records that were lost.
    Gaps,
}

/// A control and what supports it.
#[derive(Clone, Debug, Serialize)]
pub struct Supported {
    /// The control's id.
    pub id: String,
    /// Its title; empty for one that is not in the table.
    pub title: &'static str,
    /// The lowest baseline of NIST SP 800-53B that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// Whether it is in no baseline of NIST SP 800-53B.
    pub supplemental: bool,
    /// How far the policies go; empty for one that is not in the table.
    pub extent: &'static str,
    /// How far the evidence log goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<FromLog>,
    /// What the customer still owes; empty for one that is not in the table.
    pub owed: &'static str,
    /// Ids of the policies.
    pub policies: Vec<String>,
}

impl Baseline {
    /// As a reader is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
        }
    }
}

impl Supported {
    fn unknown(id: &str, supplemental: bool) -> Self {
        Self {
            id: id.to_owned(),
            title: "",
            baseline: None,
            supplemental,
            extent: "",
            log: None,
            owed: "",
            policies: Vec::new(),
        }
    }

    /// Where it is selected, for people.
    pub fn selected(&self) -> String {
        match (self.baseline, self.supplemental) {
            (Some(baseline), _) => format!("baseline: {} and above", baseline.name()),
            (None, true) => "supplemental: in no baseline of NIST SP 800-53B".to_owned(),
            (None, false) => String::new(),
        }
    }
}

impl From<&Control> for Supported {
    fn from(control: &Control) -> Self {
        Self {
            title: control.title,
            baseline: control.baseline,
            extent: control.extent,
            log: control.log,
            owed: control.owed,
            ..Self::unknown(control.id, control.baseline.is_none())
        }
    }
}

/// What is known of a control.
pub fn find(id: &str) -> Option<&'static Control> {
    CONTROLS.iter().find(|control| control.id == id)
}

/// The controls that policies name, each with those that do, and those that the log supports,
/// ordered by family and number.
pub fn supported(pages: &[Page]) -> Vec<Supported> {
    let key = |id: &str| (ControlId::parse(id), id.to_owned());
    let by_log = CONTROLS.iter().filter(|control| control.log.is_some());
    let mut supported: BTreeMap<_, Supported> = by_log
        .map(|control| (key(control.id), control.into()))
        .collect();
    for page in pages {
        for reference in &page.controls {
            let entry = supported.entry(key(&reference.id));
            let control = entry.or_insert_with(|| match find(&reference.id) {
                Some(control) => control.into(),
                None => Supported::unknown(&reference.id, reference.supplemental),
            });
            control.policies.push(page.id.clone());
        }
    }
    let mut supported: Vec<Supported> = supported.into_values().collect();
    for control in &mut supported {
        if control.policies.is_empty() {
            control.extent = "";
        }
    }
    supported
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_known_by_their_ids_and_in_order() {
        let ids = CONTROLS.iter().map(|control| ControlId::parse(control.id));
        assert!(ids.clone().is_sorted());
        for (control, id) in CONTROLS.iter().zip(ids) {
            assert_eq!(id.unwrap().to_string(), control.id);
        }
    }

    #[test]
    fn a_control_is_supported_and_never_satisfied() {
        for control in CONTROLS {
            let log = control.log.map_or("", |log| log.extent);
            assert!(!control.owed.is_empty(), "{}", control.id);
            assert!(
                !control.extent.is_empty() || !log.is_empty(),
                "{}",
                control.id
            );
            for text in [control.extent, log, control.owed] {
                assert!(!text.contains("satisf"), "{}", control.id);
                assert!(!text.ends_with('.'), "{}", control.id);
            }
        }
    }

    #[test]
    fn what_nothing_here_goes_towards_is_not_claimed() {
        for id in ["SR-4", "SI-16", "SI-7(15)"] {
            assert_eq!(find(id), None);
        }
    }

    #[test]
    fn the_log_supports_controls_without_any_policy() {
        let ids: Vec<String> = supported(&[])
            .into_iter()
            .map(|control| control.id)
            .collect();
        for id in [
            "AU-3", "AU-8", "AU-9", "AU-9(3)", "AU-10", "AU-12", "CM-5(1)",
        ] {
            assert!(ids.iter().any(|found| found == id), "{id}: {ids:?}");
        }
    }
}

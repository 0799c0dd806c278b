//! Key Security Indicators of FedRAMP (2026), and the controls through which policies and log feed
//! them.

use serde::Serialize;

/// A Key Security Indicator that at least one control of ours is related to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Indicator {
    /// Such as `KSI-IAM-ELP`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Those of the controls that FedRAMP relates to it which are in our table.
    pub controls: &'static [&'static str],
}

/// Which controls FedRAMP relates to which indicator: `FRMR.documentation.json` 0.9.43-beta of
/// `github.com/FedRAMP/docs`, member `KSI`. Indicators without any of our controls are left out,
/// though policies have to do with some (`KSI-CNA-EIS`, `KSI-IAM-AAM`, `KSI-IAM-SNU`).
pub const INDICATORS: &[Indicator] = &[
    indicator("KSI-CMT-LMC", "Logging Changes", &["AU-2", "CM-3", "CM-6"]),
    indicator("KSI-CMT-VTD", "Validating Throughout Deployment", &["CM-3"]),
    indicator(
        "KSI-CNA-DFP",
        "Defining Functionality and Privileges",
        &["CM-2"],
    ),
    indicator(
        "KSI-IAM-ELP",
        "Ensuring Least Privilege",
        &[
            "AC-3", "AC-6", "AC-17", "AC-17(1)", "IA-5(6)", "SC-4", "SC-39",
        ],
    ),
    indicator(
        "KSI-IAM-JIT",
        "Authorizing Just-in-Time",
        &[
            "AC-3", "AC-5", "AC-6", "AC-6(1)", "AC-6(9)", "AC-17", "CM-7", "CM-7(5)", "SC-39",
        ],
    ),
    indicator(
        "KSI-MLA-EVC",
        "Evaluating Configurations",
        &["CM-2", "CM-6"],
    ),
    indicator(
        "KSI-MLA-LET",
        "Logging Event Types",
        &["AC-6(9)", "AC-17(1)", "AU-2", "AU-12"],
    ),
    indicator(
        "KSI-MLA-OSM",
        "Operating SIEM Capability",
        &["AC-17(1)", "AU-2", "AU-3", "AU-5", "AU-8", "AU-9"],
    ),
    indicator(
        "KSI-PIY-GIV",
        "Generating Inventories",
        &["CM-7(5)", "CM-8", "CM-12"],
    ),
    indicator(
        "KSI-SVC-ACM",
        "Automating Configuration Management",
        &["CM-2", "CM-6"],
    ),
    indicator("KSI-SVC-ASM", "Automating Secret Management", &["IA-5(6)"]),
    indicator("KSI-SVC-PRR", "Preventing Residual Risk", &["SC-4"]),
    indicator("KSI-SVC-VRI", "Validating Resource Integrity", &["SI-7"]),
];

const fn indicator(
    id: &'static str,
    name: &'static str,
    controls: &'static [&'static str],
) -> Indicator {
    Indicator { id, name, controls }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::controls;

    #[test]
    fn indicators_name_known_controls_in_order() {
        assert!(INDICATORS.is_sorted_by_key(|indicator| indicator.id));
        for indicator in INDICATORS {
            let ids = indicator
                .controls
                .iter()
                .map(|id| controls::ControlId::parse(id));
            assert!(ids.is_sorted(), "{}", indicator.id);
            for id in indicator.controls {
                assert!(controls::find(id).is_some(), "{}: {id}", indicator.id);
            }
        }
    }
}

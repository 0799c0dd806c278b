//! Controls of NIST SP 800-53 (revision 5), and how far policies go towards them.
//!
//! A policy *supports* a control; whether an organisation satisfies it, an assessor decides. Titles
//! are those of the publication.

use serde::Serialize;

use super::page::Page;

/// A control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Control {
    /// Such as `AC-6(9)`.
    pub id: &'static str,
    /// Its title in the publication.
    pub title: &'static str,
    /// How far policies for agents go towards it, and where they end.
    pub extent: &'static str,
}

/// A control and the policies that support it.
#[derive(Clone, Debug, Serialize)]
pub struct Supported {
    /// The control's id.
    pub id: String,
    /// Its title; empty for one that is not in the table.
    pub title: &'static str,
    /// How far the policies go; empty for one that is not in the table.
    pub extent: &'static str,
    /// Whether it is in no baseline of NIST SP 800-53B.
    pub supplemental: bool,
    /// Ids of the policies.
    pub policies: Vec<String>,
}

/// The controls that policies may name.
pub const CONTROLS: &[Control] = &[
    control(
        "AC-2(7)",
        "Privileged User Accounts",
        "who may hold a phase's account is limited; reviewing who does is left to people",
    ),
    control(
        "AC-3",
        "Access Enforcement",
        "enforced at admission for agents; rights at run time are those of Kubernetes RBAC",
    ),
    control(
        "AC-5",
        "Separation of Duties",
        "running agents, raising their phase and changing the rules need different rights; who gets \
         them is left to people",
    ),
    control(
        "AC-6",
        "Least Privilege",
        "an agent has the account, rights and resources of its phase and profile, and no more",
    ),
    control(
        "AC-6(1)",
        "Authorize Access to Security Functions",
        "phases, the boundary of agent namespaces and exceptions need rights of their own",
    ),
    control(
        "AC-6(9)",
        "Log Use of Privileged Functions",
        "entering an agent in an emergency is marked in the decision; the API server's audit log \
         records it",
    ),
    control(
        "AC-17",
        "Remote Access",
        "sessions into agents through the API server are refused; other remote access is out of reach",
    ),
    control(
        "AC-17(1)",
        "Monitoring and Control",
        "a session into an agent is allowed only in an emergency, and marked",
    ),
    control(
        "AU-2",
        "Event Logging",
        "decisions about agents are events; which others to log is left to the organisation",
    ),
    control(
        "AU-3",
        "Content of Audit Records",
        "who, what, where, when, outcome and investigation of each decision about an agent",
    ),
    control(
        "AU-10",
        "Non-repudiation",
        "in part: what an agent did is tied to one invocation and to who started it, as far as the \
         API server authenticated them",
    ),
    control(
        "AU-12",
        "Audit Record Generation",
        "a record is made where the decision is; what happens inside the agent is not recorded",
    ),
    control(
        "CM-2",
        "Baseline Configuration",
        "agents are held to one baseline of images and settings",
    ),
    control(
        "CM-3",
        "Configuration Change Control",
        "changes of the boundary and of the baseline need rights of their own; approving them is left \
         to people",
    ),
    control(
        "CM-5(1)",
        "Automated Access Enforcement and Audit Records",
        "changes by agents, and of what agents may do, are enforced and recorded automatically",
    ),
    control(
        "CM-6",
        "Configuration Settings",
        "settings of agents' containers are enforced; those of nodes are out of reach",
    ),
    control(
        "CM-7",
        "Least Functionality",
        "what an agent does not need is refused: volumes, capabilities, stores, sessions",
    ),
    control(
        "CM-7(5)",
        "Authorized Software — Allow-by-exception",
        "images only by digest, and only from registries that the baseline names once it names some",
    ),
    control(
        "CM-8",
        "System Component Inventory",
        "feeds an inventory: images by digest, and the surfaces that agents may write to",
    ),
    control(
        "CM-12",
        "Information Location",
        "agents that change something name where its truth lies; that it does lie there is not checked",
    ),
    control(
        "IA-5",
        "Authenticator Management",
        "credentials of agents belong to a phase and are short-lived; issuing others is out of reach",
    ),
    control(
        "IA-5(6)",
        "Protection of Authenticators",
        "tokens are bound to a Pod and an audience, and end with the agent",
    ),
    control(
        "IA-5(7)",
        "No Embedded Unencrypted Static Authenticators",
        "credentials in manifests are refused as far as they look like one; images are not searched",
    ),
    control(
        "IR-5",
        "Incident Monitoring",
        "entering an agent in an emergency is told and marked",
    ),
    control(
        "SC-4",
        "Information in Shared System Resources",
        "nothing that an agent writes outlives it on a node or volume; external stores are out of reach",
    ),
    control(
        "SC-5",
        "Denial-of-service Protection",
        "time and resources of each agent are bounded",
    ),
    control(
        "SC-7",
        "Boundary Protection",
        "the namespace is the boundary, and its own objects are guarded; traffic is left to network \
         policies",
    ),
    control(
        "SC-28",
        "Protection of Information at Rest",
        "reduces what is at rest; encrypting the rest is out of reach",
    ),
    control(
        "SC-39",
        "Process Isolation",
        "containers keep the isolation that the node's runtime gives them",
    ),
    control(
        "SI-7",
        "Software, Firmware, and Information Integrity",
        "an image is the one that its digest names; signatures are not verified",
    ),
    control(
        "SI-14",
        "Non-persistence",
        "nearly complete for the Pod: one run, no state that lasts; in no baseline of NIST SP 800-53B",
    ),
];

const fn control(id: &'static str, title: &'static str, extent: &'static str) -> Control {
    Control { id, title, extent }
}

/// What is known of a control.
pub fn find(id: &str) -> Option<&'static Control> {
    CONTROLS.iter().find(|control| control.id == id)
}

/// The controls that policies name, each with those that do, ordered by family and number.
pub fn supported(pages: &[Page]) -> Vec<Supported> {
    let mut supported: Vec<Supported> = Vec::new();
    for page in pages {
        for reference in &page.controls {
            if let Some(known) = supported.iter_mut().find(|known| known.id == reference.id) {
                known.policies.push(page.id.clone());
                continue;
            }
            let control = find(&reference.id);
            supported.push(Supported {
                id: reference.id.clone(),
                title: control.map_or("", |control| control.title),
                extent: control.map_or("", |control| control.extent),
                supplemental: reference.supplemental,
                policies: vec![page.id.clone()],
            });
        }
    }
    supported.sort_by(|a, b| order(&a.id).cmp(&order(&b.id)));
    supported
}

/// `AC-6(9)` comes between `AC-6(1)` and `AC-17`.
fn order(id: &str) -> (&str, Vec<u32>) {
    let (family, numbers) = id.split_once('-').unwrap_or((id, ""));
    let numbers = numbers.split(['(', ')']).map(str::parse);
    (family, numbers.filter_map(Result::ok).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_are_ordered_as_in_the_publication() {
        let mut ids = ["SC-4", "AC-17", "AC-6(9)", "AC-6", "AC-6(1)", "AC-3"];
        ids.sort_by(|a, b| order(a).cmp(&order(b)));
        assert_eq!(ids, ["AC-3", "AC-6", "AC-6(1)", "AC-6(9)", "AC-17", "SC-4"]);
        assert!(CONTROLS.is_sorted_by_key(|control| order(control.id)));
    }

    #[test]
    fn a_policy_supports_a_control_and_never_satisfies_it() {
        for control in CONTROLS {
            assert!(!control.extent.contains("satisf"), "{}", control.id);
            assert!(!control.extent.ends_with('.'), "{}", control.id);
        }
    }
}

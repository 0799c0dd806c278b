//! What is known of each control. Titles are those of NIST SP 800-53, revision 5.1.1; baselines those
//! of NIST SP 800-53B.
//!
//! SR-4 and SI-16 are deliberately absent: nothing here goes towards them. Nor does SI-7(15), as
//! long as signatures are not verified.

use super::Baseline::{High, Low, Moderate};
use super::Figure::{BreakGlass, Configuration, Gaps, Heads, Records, Workloads};
use super::{Control, Figure, FromLog};

/// The controls that policies may name or the log supports.
pub const CONTROLS: &[Control] = &[
    Control {
        id: "AC-2(7)",
        title: "Privileged User Accounts",
        baseline: None,
        extent: "who may hold a phase's account is limited; reviewing who does is left to people",
        log: None,
        owed: "naming those who may hold privileged roles, reviewing that, and revoking roles in \
               time",
    },
    Control {
        id: "AC-3",
        title: "Access Enforcement",
        baseline: Some(Low),
        extent: "enforced at admission for agents; rights at run time are those of Kubernetes \
                 RBAC",
        log: None,
        owed: "rights of people and other workloads, and access control inside the systems that \
               agents call",
    },
    Control {
        id: "AC-5",
        title: "Separation of Duties",
        baseline: Some(Moderate),
        extent: "running agents, raising their phase and changing the rules need different \
                 rights; who gets them is left to people",
        log: None,
        owed: "naming the duties to separate, and giving the roles to different people",
    },
    Control {
        id: "AC-6",
        title: "Least Privilege",
        baseline: Some(Moderate),
        extent: "an agent has the account, rights and resources of its phase and profile, and no \
                 more",
        log: None,
        owed: "roles of phases no wider than their tasks need, and the privileges of people",
    },
    Control {
        id: "AC-6(1)",
        title: "Authorize Access to Security Functions",
        baseline: Some(Moderate),
        extent: "phases, the boundary of agent namespaces and exceptions need rights of their own",
        log: None,
        owed: "naming who is authorized, and granting no more than that",
    },
    Control {
        id: "AC-6(9)",
        title: "Log Use of Privileged Functions",
        baseline: Some(Moderate),
        extent: "entering an agent in an emergency is marked in the decision",
        log: from_log(
            BreakGlass,
            "each such use is a record with user, object and time",
        ),
        owed: "logging privileged functions elsewhere, and reviewing the uses",
    },
    Control {
        id: "AC-17",
        title: "Remote Access",
        baseline: Some(Low),
        extent: "sessions into agents through the API server are refused; other remote access is \
                 out of reach",
        log: None,
        owed: "rules for remote access, and every way that does not lead through the API server, \
               such as SSH to nodes",
    },
    Control {
        id: "AC-17(1)",
        title: "Monitoring and Control",
        baseline: Some(Moderate),
        extent: "a session into an agent is allowed only in an emergency, and marked",
        log: None,
        owed: "monitoring of what is done in a session, and of other remote access",
    },
    Control {
        id: "AU-2",
        title: "Event Logging",
        baseline: Some(Low),
        extent: "decisions about agents are events; which others to log is left to the \
                 organisation",
        log: from_log(
            Records,
            "the types of records are the events that are logged, one format for all",
        ),
        owed: "the event types of the whole system, why these, and their review",
    },
    Control {
        id: "AU-3",
        title: "Content of Audit Records",
        baseline: Some(Low),
        extent: "each decision about an agent carries its investigation",
        log: from_log(
            Records,
            "each record says what happened, when, where, from which source, with which outcome \
             and who was involved",
        ),
        owed: "records of the system's other events",
    },
    Control {
        id: "AU-5",
        title: "Response to Audit Logging Process Failures",
        baseline: Some(Low),
        extent: "",
        log: from_log(
            Gaps,
            "requests of agents whose record cannot be written are denied where rules are \
             enforced, unless configured otherwise; what was lost is told by gap records and a \
             metric",
        ),
        owed: "alerts on the metric, whom they reach and in what time",
    },
    Control {
        id: "AU-8",
        title: "Time Stamps",
        baseline: Some(Low),
        extent: "",
        log: from_log(
            Records,
            "records carry UTC to the millisecond, by the clock of the node",
        ),
        owed: "clocks of nodes that agree with an authoritative source",
    },
    Control {
        id: "AU-9",
        title: "Protection of Audit Information",
        baseline: Some(Low),
        extent: "",
        log: from_log(
            Heads,
            "altered, removed and reordered records under a signed head are found; who may read \
             or delete them is the store's access control",
        ),
        owed: "access control and retention of the store, heads or the API server's audit log \
               kept elsewhere, alerts when verification fails",
    },
    Control {
        id: "AU-9(3)",
        title: "Cryptographic Protection",
        baseline: Some(High),
        extent: "",
        log: from_log(
            Heads,
            "records are leaves of Merkle trees whose heads are signed with Ed25519",
        ),
        owed: "keeping the signing key secret, pinning its public half, and validated \
               cryptographic modules where they are demanded",
    },
    Control {
        id: "AU-10",
        title: "Non-repudiation",
        baseline: Some(High),
        extent: "in part: what an agent did is tied to one invocation and to who started it, as \
                 far as the API server authenticated them",
        log: from_log(
            Heads,
            "in part: a record under a head with a pinned key cannot be disowned by whoever holds \
             the key",
        ),
        owed: "identities that lead to individuals, and the orchestrator's own records of who \
               asked",
    },
    Control {
        id: "AU-12",
        title: "Audit Record Generation",
        baseline: Some(Low),
        extent: "records are made where the decision is; what happens inside the agent is not \
                 recorded",
        log: from_log(
            Records,
            "each replica records its answers, the ends of agents and what it lost",
        ),
        owed: "records of what agents do, and of other components; choosing the event types",
    },
    Control {
        id: "CM-2",
        title: "Baseline Configuration",
        baseline: Some(Low),
        extent: "agents are held to one baseline of images and settings",
        log: None,
        owed: "baselines of the rest of the system, and reviews of this one",
    },
    Control {
        id: "CM-3",
        title: "Configuration Change Control",
        baseline: Some(Moderate),
        extent: "changes of the boundary and of the baseline need rights of their own; approving \
                 them is left to people",
        log: from_log(
            Configuration,
            "rules that were loaded, replaced or refused, and drift of the webhook configurations",
        ),
        owed: "deciding on changes, approving and reviewing them",
    },
    Control {
        id: "CM-5(1)",
        title: "Automated Access Enforcement and Audit Records",
        baseline: Some(High),
        extent: "changes by agents, and of what agents may do, are enforced automatically",
        log: from_log(
            Configuration,
            "each enforcement and each change of the rules is a record",
        ),
        owed: "restricting changes elsewhere, and of webhook configurations, which are exempt \
               from admission",
    },
    Control {
        id: "CM-6",
        title: "Configuration Settings",
        baseline: Some(Low),
        extent: "settings of agents' containers are enforced; those of nodes are out of reach",
        log: None,
        owed: "settings of nodes, control plane and other workloads; approving the deviations \
               that exceptions grant",
    },
    Control {
        id: "CM-7",
        title: "Least Functionality",
        baseline: Some(Low),
        extent: "what an agent does not need is refused: volumes, capabilities, stores, sessions",
        log: None,
        owed: "what else to restrict, and functions inside images",
    },
    Control {
        id: "CM-7(5)",
        title: "Authorized Software — Allow-by-exception",
        baseline: Some(Moderate),
        extent: "images only by digest, and only from registries that the baseline names once it \
                 names some",
        log: None,
        owed: "naming the registries, deciding which software is authorized, and reviewing that",
    },
    Control {
        id: "CM-8",
        title: "System Component Inventory",
        baseline: Some(Low),
        extent: "feeds an inventory: images by digest, and the surfaces that agents may write to",
        log: from_log(
            Workloads,
            "admitted workloads with their writable surfaces and credentials",
        ),
        owed: "the inventory of the whole system, and who is accountable for its parts",
    },
    Control {
        id: "CM-12",
        title: "Information Location",
        baseline: Some(Moderate),
        extent: "agents that change something name where its truth lies; that it does lie there \
                 is not checked",
        log: from_log(
            Workloads,
            "where admitted workloads may write, and the external state of record that they name",
        ),
        owed: "which information is where outside agents, and who has access",
    },
    Control {
        id: "IA-5",
        title: "Authenticator Management",
        baseline: Some(Low),
        extent: "credentials of agents belong to a phase and are short-lived; issuing others is \
                 out of reach",
        log: from_log(
            Workloads,
            "domain and lifetime of the credentials of each admitted workload",
        ),
        owed: "issuing, distributing and revoking authenticators, and those of people",
    },
    Control {
        id: "IA-5(6)",
        title: "Protection of Authenticators",
        baseline: Some(Moderate),
        extent: "tokens are bound to a Pod and an audience, and end with the agent",
        log: None,
        owed: "protecting the stores that other authenticators come from",
    },
    Control {
        id: "IA-5(7)",
        title: "No Embedded Unencrypted Static Authenticators",
        baseline: None,
        extent: "credentials in manifests are refused as far as they look like one; images are \
                 not searched",
        log: None,
        owed: "credentials in images, source code and other applications",
    },
    Control {
        id: "IR-5",
        title: "Incident Monitoring",
        baseline: Some(Low),
        extent: "entering an agent in an emergency is told and marked",
        log: None,
        owed: "tracking and documenting incidents",
    },
    Control {
        id: "SC-4",
        title: "Information in Shared System Resources",
        baseline: Some(Moderate),
        extent: "nothing that an agent writes outlives it on a node or volume; external stores \
                 are out of reach",
        log: None,
        owed: "shared resources outside agents, external stores among them",
    },
    Control {
        id: "SC-5",
        title: "Denial-of-service Protection",
        baseline: Some(Low),
        extent: "time and resources of each agent are bounded",
        log: None,
        owed: "protection against other kinds of denial of service, and of other components",
    },
    Control {
        id: "SC-7",
        title: "Boundary Protection",
        baseline: Some(Low),
        extent: "the namespace is the boundary, and its own objects are guarded; traffic is left \
                 to network policies",
        log: None,
        owed: "managed interfaces, and network policies that the network enforces",
    },
    Control {
        id: "SC-28",
        title: "Protection of Information at Rest",
        baseline: Some(Moderate),
        extent: "reduces what is at rest; encrypting the rest is out of reach",
        log: None,
        owed: "encryption of nodes' disks, of etcd and of external stores",
    },
    Control {
        id: "SC-39",
        title: "Process Isolation",
        baseline: Some(Low),
        extent: "containers keep the isolation that the node's runtime gives them",
        log: None,
        owed: "a runtime and nodes that isolate",
    },
    Control {
        id: "SI-7",
        title: "Software, Firmware, and Information Integrity",
        baseline: Some(Moderate),
        extent: "an image is the one that its digest names; signatures are not verified",
        log: None,
        owed: "verifying where images come from, and integrity of other software, firmware and \
               information",
    },
    Control {
        id: "SI-14",
        title: "Non-persistence",
        baseline: None,
        extent: "nearly complete for the Pod: one run, no state that lasts",
        log: None,
        owed: "non-persistence of other components, and how often their known state is restored",
    },
];

const fn from_log(figure: Figure, extent: &'static str) -> Option<FromLog> {
    Some(FromLog { figure, extent })
}

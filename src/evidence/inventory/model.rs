//! The inventory: what every form of the output is made of, and what `--format json` prints.
//! `docs/evidence/inventory-v1.schema.json` describes it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::words;
use crate::audit::workload::Agent;
use crate::evidence::bounds::Truncation;
use crate::evidence::digest::Digest;
use crate::evidence::period::Period;
use crate::evidence::record::Time;
use crate::evidence::verify::Finding;
use crate::evidence::workload::{
    Credential, External, Lifetime, RuntimeSurface, Surface, Template, runtime_surfaces,
};

/// Names the form.
const VERSION: &str = "cattlegrid.dev/inventory/v1";
/// Name and version of the program, as in records.
const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// What workloads may write to, and what authenticates them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Inventory {
    version: &'static str,
    program: &'static str,
    pub(super) source: Source,
    pub(super) summary: Summary,
    pub(super) workloads: Vec<Workload>,
    /// What every container has besides.
    pub(super) runtime: Vec<Runtime>,
    /// What may be missing here.
    pub(super) not_listed: Vec<NotListed>,
}

/// Where workloads were read.
#[derive(Debug, Serialize)]
#[serde(tag = "of", rename_all = "camelCase")]
pub(super) enum Source {
    /// Files, charts and kustomizations.
    Manifests {
        /// Whether they are as admission would complete them, or as written.
        completed: bool,
    },
    /// A cluster's objects, as they are stored.
    Cluster,
    /// Records of what was admitted.
    Log(Logs),
}

/// Logs, and whether they can be trusted.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Logs {
    pub(super) holds: bool,
    pub(super) key_pinned: bool,
    #[serde(flatten)]
    pub(super) period: Period,
    /// Of that time.
    pub(super) records: usize,
    /// Losses that these tell of.
    pub(super) gaps: usize,
    /// Records that this program cannot read.
    pub(super) unreadable: usize,
    pub(super) logs: Vec<ReadLog>,
    pub(super) findings: Vec<Finding>,
}

/// One log, up to its head.
#[derive(Debug, Serialize)]
pub(super) struct ReadLog {
    pub(super) directory: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<String>,
    pub(super) size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) root: Option<String>,
}

/// Numbers over all workloads.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    /// Different ones.
    pub(super) workloads: usize,
    /// The objects that these are.
    pub(super) objects: usize,
    pub(super) surfaces: usize,
    pub(super) surfaces_unbounded: usize,
    pub(super) surfaces_outliving_pod: usize,
    pub(super) credentials: usize,
    pub(super) credentials_outliving_pod: usize,
    pub(super) credentials_without_lifetime: usize,
    pub(super) externals: usize,
    /// Workloads that are no agents and not listed.
    pub(super) not_agents: usize,
    /// Workloads of which nobody knows whether they are agents, and not listed.
    pub(super) undecided: usize,
    /// Objects that run nothing.
    pub(super) other_objects: usize,
}

/// Workloads that may write to the same and have the same credentials.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Workload {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) namespace: Option<String>,
    pub(super) agent: Agent,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) phase: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) profile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deadline_seconds: Option<i64>,
    /// Of deadline, surfaces, credentials and externals.
    pub(super) digest: Digest,
    pub(super) objects: Objects,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_seen: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_seen: Option<Time>,
    pub(super) surfaces: Vec<ListedSurface>,
    pub(super) credentials: Vec<ListedCredential>,
    pub(super) externals: Vec<External<'static>>,
    /// Policies that find something in one of them; whether that denies, `audit` says.
    pub(super) policies: BTreeSet<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) truncated: Vec<Truncation>,
}

/// The objects that are one workload.
#[derive(Debug, Default, Serialize)]
pub(super) struct Objects {
    pub(super) count: usize,
    /// How many of each kind.
    pub(super) kinds: BTreeMap<String, usize>,
    /// The first by name.
    pub(super) named: BTreeSet<Named>,
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Named {
    pub(super) kind: String,
    pub(super) name: String,
    /// Where its Pod template is, where its kind does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
}

/// A surface, and what is asked about it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedSurface {
    #[serde(flatten)]
    pub(super) surface: Surface<'static>,
    pub(super) bounded: bool,
    pub(super) bound: String,
    pub(super) outlives_pod: bool,
    pub(super) ends: &'static str,
    pub(super) writers: Vec<String>,
    pub(super) readers: Vec<String>,
}

/// A credential, and what is asked about it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedCredential {
    #[serde(flatten)]
    pub(super) credential: Credential<'static>,
    pub(super) outlives_pod: bool,
    pub(super) lifetime_stated: bool,
    pub(super) ends: String,
    pub(super) readers: Vec<String>,
}

/// What every container has.
#[derive(Debug, Serialize)]
pub(super) struct Runtime {
    #[serde(flatten)]
    pub(super) surface: RuntimeSurface,
    pub(super) ends: &'static str,
}

/// What may hold workloads and is not listed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct NotListed {
    /// An object, file or document.
    pub(super) what: String,
    pub(super) reason: String,
}

impl NotListed {
    /// Reasons of other programs have several lines.
    pub(super) fn new(what: String, reason: &str) -> Self {
        let words: Vec<&str> = reason.split_whitespace().collect();
        Self {
            what,
            reason: words.join(" "),
        }
    }
}

impl Inventory {
    /// An inventory of workloads. `counted` holds what is known besides them.
    pub(super) fn new(
        source: Source,
        counted: Summary,
        workloads: Vec<Workload>,
        not_listed: Vec<NotListed>,
    ) -> Self {
        let runtime = runtime_surfaces().iter().map(|surface| Runtime {
            surface: *surface,
            ends: words::end_of_surface(surface.lifetime),
        });
        Self {
            version: VERSION,
            program: PROGRAM,
            source,
            summary: counted.with(&workloads),
            workloads,
            runtime: runtime.collect(),
            not_listed,
        }
    }
}

impl Source {
    /// Whether what was read can be trusted.
    pub(super) fn holds(&self) -> bool {
        match self {
            Source::Manifests { .. } | Source::Cluster => true,
            Source::Log(logs) => logs.holds,
        }
    }
}

impl Summary {
    fn with(mut self, workloads: &[Workload]) -> Self {
        self.workloads = workloads.len();
        for workload in workloads {
            let surfaces = &workload.surfaces;
            let credentials = &workload.credentials;
            self.objects += workload.objects.count;
            self.surfaces += surfaces.len();
            self.surfaces_unbounded += surfaces.iter().filter(|one| !one.bounded).count();
            self.surfaces_outliving_pod += surfaces.iter().filter(|one| one.outlives_pod).count();
            self.credentials += credentials.len();
            let outliving = credentials.iter().filter(|one| one.outlives_pod);
            self.credentials_outliving_pod += outliving.count();
            let unstated = credentials.iter().filter(|one| !one.lifetime_stated);
            self.credentials_without_lifetime += unstated.count();
            self.externals += workload.externals.len();
        }
        self
    }
}

impl From<Surface<'static>> for ListedSurface {
    fn from(surface: Surface<'static>) -> Self {
        let (writers, readers) = words::writers_and_readers(&surface);
        Self {
            bounded: surface.cap.is_some(),
            bound: words::bound(surface.cap.as_ref()),
            outlives_pod: !matches!(surface.lifetime, Lifetime::Container | Lifetime::Pod),
            ends: words::end_of_surface(surface.lifetime),
            writers,
            readers,
            surface,
        }
    }
}

impl From<Credential<'static>> for ListedCredential {
    fn from(credential: Credential<'static>) -> Self {
        Self {
            outlives_pod: !credential.ends_with_pod,
            lifetime_stated: credential.lifetime_seconds.is_some(),
            ends: words::end_of_credential(&credential),
            readers: words::readers_of_credential(&credential),
            credential,
        }
    }
}

/// What of a template makes workloads the same or different.
pub(super) fn content(template: &Template<'_>) -> serde_json::Result<serde_json::Value> {
    let mut content = serde_json::to_value(template)?;
    if let Some(members) = content.as_object_mut() {
        // Where the spec is does not change what its Pods do.
        members.remove("path");
    }
    Ok(content)
}

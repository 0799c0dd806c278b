//! What admitted workloads have.

use serde::Serialize;

/// Credentials of admitted workloads that are alike.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// Kind of the workload.
    pub workload: String,
    /// Its phase; empty without one.
    pub phase: String,
    /// What it is.
    pub kind: String,
    /// Where it is good for; empty where objects do not say.
    pub domain: String,
    /// Admissions with such a credential.
    pub admissions: u64,
    /// The shortest lifetime, in seconds; absent where no object says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_seconds_min: Option<i64>,
    /// The longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime_seconds_max: Option<i64>,
    /// Those whose object does not say a lifetime: it may be long.
    pub lifetime_unstated: u64,
    /// Those that are void once the Pod is gone.
    pub ends_with_pod: u64,
}

/// Writable surfaces of admitted workloads that are alike.
#[derive(Debug, Serialize)]
pub struct Surface {
    /// Kind of the workload.
    pub workload: String,
    /// `rootFilesystem`, `volume`, `device`.
    pub kind: String,
    /// The volume's type; empty where it is none.
    pub volume: String,
    /// What keeps it.
    pub medium: String,
    /// What it ends with.
    pub lifetime: String,
    /// Admissions with such a surface.
    pub admissions: u64,
    /// Those in which nothing caps its size.
    pub uncapped: u64,
    /// Phases of these workloads.
    pub phases: Vec<String>,
}

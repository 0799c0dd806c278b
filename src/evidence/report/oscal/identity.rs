//! Names of things in documents: the same for the same report.

use admission_cel::value::Timestamp;
use uuid::Uuid;

use crate::evidence::digest::Digest;
use crate::evidence::record::Time;
use crate::evidence::report::model::Report;

/// What all UUIDs of ours are in.
const NAMESPACE: &[u8] = b"https://cattlegrid.dev/oscal";

/// UUIDs (RFC 9562, version 5) of one report.
#[derive(Debug)]
pub struct Identities {
    report: Uuid,
    digest: Digest,
    /// When the last record was made that was used; without one, the end of the period; without
    /// that, the begin of time.
    pub time: Time,
}

impl Identities {
    /// Those of a report.
    ///
    /// # Errors
    /// Never for a report; the serializer's signature has it.
    pub fn of(report: &Report) -> anyhow::Result<Self> {
        let digest = Digest::of(&serde_json::to_vec(report)?);
        let used = report.used.map(|used| used.last);
        let begin_of_time = || Time::new(Timestamp::utc(0, 0));
        Ok(Self {
            report: Uuid::new_v5(&ours(), digest.to_string().as_bytes()),
            digest,
            time: used
                .or(report.end())
                .or(report.begin())
                .unwrap_or_else(begin_of_time),
        })
    }

    /// That of something in this report.
    pub fn of_part(&self, name: &str) -> String {
        Uuid::new_v5(&self.report, name.as_bytes()).to_string()
    }

    /// That of the program, the same in all documents.
    pub fn of_program(&self) -> String {
        Uuid::new_v5(&ours(), b"component").to_string()
    }

    /// What the report is called, as a document's version.
    pub fn version(&self) -> String {
        self.digest.to_string()
    }
}

fn ours() -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE)
}

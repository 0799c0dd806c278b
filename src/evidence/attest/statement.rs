//! The statement about a decision: what was admitted, by which rules, and where in the log that is.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use transparency_log::note::NoteError;
use transparency_log::{Checkpoint, Hash, VerifierKey, proof};

use crate::evidence::digest::Digest;
use crate::evidence::reading::Located;
use crate::evidence::record::{Decision, ModeName, Review, Text, Time};

/// in-toto attestation framework, "Statement layer".
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// docs/evidence/attestation-v1.md.
const PREDICATE_TYPE: &str = "https://cattlegrid.dev/evidence/decision/v1";
/// What a digest's text begins with.
const ALGORITHM: &str = "sha256:";

/// An in-toto Statement about a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: [Subject; 1],
    predicate_type: String,
    predicate: Predicate,
}

/// The object that was admitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Subject {
    name: String,
    digest: SubjectDigest,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SubjectDigest {
    /// Hexadecimal digits alone.
    sha256: String,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    decision: Decision,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<ModeName>,
    time: Time,
    operation: String,
    resource: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    investigation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phase: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy_set: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    baseline: Option<Digest>,
    log: Place,
}

/// Where the decision's record is, and the proof of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    origin: String,
    number: u64,
    leaf: Digest,
    /// The siblings on the way to the root, in base64.
    inclusion_proof: Vec<String>,
    /// The signed note.
    checkpoint: String,
}

/// Why a statement is not believed, though its envelope is signed.
#[derive(Debug, Error)]
pub enum StatementError {
    /// Not the format.
    #[error("its payload is no statement about a decision: {0}")]
    Form(String),
    /// The head is not the log's.
    #[error("its checkpoint is not that of the log `{0}`")]
    Origin(String),
    /// The head is not signed.
    #[error("its checkpoint proves nothing: {0}")]
    Signature(NoteError),
    /// The path leads elsewhere.
    #[error("its record is not in the tree of the checkpoint at its number")]
    NotIncluded,
}

impl Statement {
    /// About a decision of a log that holds; `None` where it admits no object.
    pub fn of(located: &Located<'_>, time: Time, review: &Review<'_>) -> Option<Self> {
        let (log, number) = (located.log, located.number);
        let outcome = review.outcome.as_ref()?;
        let admitted = review.digests.admitted?.to_string();
        let path = proof::inclusion(&log.leaves, usize::try_from(number).ok()?)?;
        let own = |text: &Option<Text<'_>>| text.as_deref().map(str::to_owned);
        let subject = review.subject.as_ref()?;
        let rules = review.rules.as_ref();
        let parts = [
            Some(&*subject.kind),
            subject.namespace.as_deref(),
            subject.name.as_deref(),
        ];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        Some(Self {
            kind: STATEMENT_TYPE.to_owned(),
            subject: [Subject {
                name: parts.join("/"),
                digest: SubjectDigest {
                    sha256: admitted.trim_start_matches(ALGORITHM).to_owned(),
                },
            }],
            predicate_type: PREDICATE_TYPE.to_owned(),
            predicate: Predicate {
                decision: outcome.decision,
                mode: outcome.mode,
                time,
                operation: review.operation().to_owned(),
                resource: review.resource().to_owned(),
                uid: own(&subject.uid),
                investigation: own(&subject.investigation),
                phase: own(&subject.phase),
                policy_set: rules.and_then(|rules| rules.policy_set),
                baseline: rules.and_then(|rules| rules.baseline),
                log: Place {
                    origin: log.head.as_ref()?.origin.clone(),
                    number,
                    leaf: located.leaf,
                    inclusion_proof: path.iter().map(Hash::to_string).collect(),
                    checkpoint: log.note.clone(),
                },
            },
        })
    }

    /// What was admitted: `<kind>/<namespace>/<name>`, as far as there are any.
    pub fn subject_name(&self) -> &str {
        let [subject] = &self.subject;
        &subject.name
    }

    /// Reads the payload of an envelope, and verifies that its record is in the log.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn verify(
        payload: &[u8],
        keys_of: impl FnOnce(&str) -> Vec<VerifierKey>,
    ) -> Result<Self, StatementError> {
        let form = |why: String| StatementError::Form(why);
        let statement: Self =
            serde_json::from_slice(payload).map_err(|error| form(error.to_string()))?;
        for (found, expected) in [
            (&statement.kind, STATEMENT_TYPE),
            (&statement.predicate_type, PREDICATE_TYPE),
        ] {
            if found != expected {
                return Err(form(format!("it says `{found}` instead of `{expected}`")));
            }
        }
        let place = &statement.predicate.log;
        let path: Option<Vec<Hash>> = place
            .inclusion_proof
            .iter()
            .map(|text| Hash::from_base64(text))
            .collect();
        let path = path.ok_or_else(|| form("its inclusion proof has no hashes".to_owned()))?;
        let (head, note) = Checkpoint::parse(place.checkpoint.as_bytes())
            .map_err(|error| form(error.to_string()))?;
        if head.origin != place.origin {
            return Err(StatementError::Origin(place.origin.clone()));
        }
        note.verify(&keys_of(&head.origin))
            .map_err(StatementError::Signature)?;
        let leaf = Hash::new(*place.leaf.as_bytes());
        if !proof::is_included(&path, head.size, head.root, place.number, leaf) {
            return Err(StatementError::NotIncluded);
        }
        Ok(statement)
    }

    /// What it says, in one line.
    pub fn summary(&self) -> String {
        let predicate = &self.predicate;
        let (place, time) = (&predicate.log, predicate.time);
        format!(
            "{} was admitted at {time}: record {} of {}",
            self.subject_name(),
            place.number,
            place.origin
        )
    }
}

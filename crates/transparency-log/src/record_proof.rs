//! One entry, and the proof that it is in a log, as a file that needs nothing else but the log's
//! key. C2SP tlog-proof; the entry is its `extra` data.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::checkpoint::{Checkpoint, CheckpointError, decimal};
use crate::hash::Hash;
use crate::key::VerifierKey;
use crate::note::NoteError;
use crate::proof;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The most hashes of a proof: one for each bit of a size.
const PATH_MAX: usize = 64;

/// An entry with the proof of its inclusion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordProof {
    /// The entry.
    pub entry: Vec<u8>,
    /// Its number in the log.
    pub index: u64,
    /// The siblings on the way to the root.
    pub path: Vec<Hash>,
    /// The signed note of the head.
    pub checkpoint: String,
}

/// Why a file proves nothing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RecordProofError {
    /// Not the format.
    #[error("line {0} is not what a tlog-proof has there")]
    Line(usize),
    /// The head cannot be read.
    #[error("its checkpoint cannot be read: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The head is not signed by the key.
    #[error("its checkpoint proves nothing: {0}")]
    Signature(NoteError),
    /// The path leads to another root.
    #[error("the record is not in the tree of the checkpoint at its number")]
    NotIncluded,
}

impl RecordProof {
    /// Reads a proof, without verifying it.
    ///
    /// # Errors
    /// The line that is not as it should be.
    pub fn parse(text: &str) -> Result<Self, RecordProofError> {
        let wrong = RecordProofError::Line;
        let (proof, checkpoint) = text.split_once("\n\n").ok_or(wrong(1))?;
        let mut lines = proof.split('\n');
        if lines.next() != Some(FIRST_LINE) {
            return Err(wrong(1));
        }
        let entry = lines
            .next()
            .and_then(|line| STANDARD.decode(line.strip_prefix("extra ")?).ok())
            .ok_or(wrong(2))?;
        let index = lines
            .next()
            .and_then(|line| decimal(line.strip_prefix("index ")?))
            .ok_or(wrong(3))?;
        let mut path = Vec::new();
        for (number, line) in lines.enumerate() {
            let hash = Hash::from_base64(line).filter(|_| number < PATH_MAX);
            path.push(hash.ok_or(wrong(number + 4))?);
        }
        Ok(Self {
            entry,
            index,
            path,
            checkpoint: checkpoint.to_owned(),
        })
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "{FIRST_LINE}\nextra {}\nindex {}\n",
            STANDARD.encode(&self.entry),
            self.index
        );
        for hash in &self.path {
            text.push_str(&format!("{hash}\n"));
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// The head that the proof leads to, once verified. The keys are given their name by `keys_of`,
    /// which is called with the head's origin.
    ///
    /// # Errors
    /// The head is not signed by a key, or the entry is not in its tree.
    pub fn verify(
        &self,
        keys_of: impl FnOnce(&str) -> Vec<VerifierKey>,
    ) -> Result<Checkpoint, RecordProofError> {
        let (checkpoint, note) = Checkpoint::parse(self.checkpoint.as_bytes())?;
        note.verify(&keys_of(&checkpoint.origin))
            .map_err(RecordProofError::Signature)?;
        let leaf = Hash::leaf(&self.entry);
        let (size, root) = (checkpoint.size, checkpoint.root);
        if !proof::is_included(&self.path, size, root, self.index, leaf) {
            return Err(RecordProofError::NotIncluded);
        }
        Ok(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::SigningKey;

    fn proof() -> (RecordProof, VerifierKey) {
        let leaves: Vec<Hash> = (0..5_u8).map(|n| Hash::leaf(&[n])).collect();
        let key = SigningKey::from_seed("example.com/log", [9; 32]).unwrap();
        let verifier = key.verifier().clone();
        let checkpoint = Checkpoint {
            origin: "example.com/log".to_owned(),
            size: 5,
            root: Hash::root(&leaves),
        };
        let proof = RecordProof {
            entry: vec![3],
            index: 3,
            path: proof::inclusion(&leaves, 3).unwrap(),
            checkpoint: checkpoint.sign(&[key]),
        };
        (proof, verifier)
    }

    #[test]
    fn a_proof_is_read_as_it_was_written_and_holds() {
        let (proof, key) = proof();
        let read = RecordProof::parse(&proof.to_text()).unwrap();
        assert_eq!(read, proof);
        assert_eq!(read.verify(|_| vec![key]).unwrap().size, 5);
    }

    #[test]
    fn an_altered_proof_does_not_hold() {
        let (proof, key) = proof();
        let text = proof.to_text();
        for bit in 0..text.len() * 8 {
            let mut bytes = text.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let Ok(altered) = String::from_utf8(bytes) else {
                continue;
            };
            let result = RecordProof::parse(&altered);
            let holds = result.and_then(|proof| proof.verify(|_| vec![key.clone()]));
            assert!(holds.is_err(), "bit {bit}: {altered}");
        }
    }
}

//! Heads of logs: which tree, how large, with which root. C2SP tlog-checkpoint.

use thiserror::Error;

use crate::hash::Hash;
use crate::key::SigningKey;
use crate::note::{self, Note, NoteError};

/// The head of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of its tree.
    pub root: Hash,
}

/// Why bytes are no checkpoint.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CheckpointError {
    /// Not even a note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Other lines than origin, size and root.
    #[error("its text is not the three lines origin, size and root hash")]
    Lines,
    /// The size is not written as the specification says.
    #[error("its size is no decimal number without leading zeroes")]
    Size,
    /// The root is not.
    #[error("its root hash is not 32 bytes in base64")]
    Root,
}

impl Checkpoint {
    /// Reads the text of a note. Extension lines, which the specification advises against, are not
    /// accepted: nothing would verify them.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn from_text(text: &str) -> Result<Self, CheckpointError> {
        let text = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?;
        let lines: Vec<&str> = text.split('\n').collect();
        let [origin, size, root] = lines.as_slice() else {
            return Err(CheckpointError::Lines);
        };
        if origin.is_empty() {
            return Err(CheckpointError::Lines);
        }
        Ok(Self {
            origin: (*origin).to_owned(),
            size: decimal(size).ok_or(CheckpointError::Size)?,
            root: Hash::from_base64(root).ok_or(CheckpointError::Root)?,
        })
    }

    /// Reads a note's text as a checkpoint, without verifying any signature.
    ///
    /// # Errors
    /// What is wrong with the form.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Note<'_>), CheckpointError> {
        let note = Note::parse(bytes)?;
        Ok((Self::from_text(note.text())?, note))
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// The signed note.
    pub fn sign(&self, keys: &[SigningKey]) -> String {
        note::sign(&self.text(), keys)
    }
}

/// A decimal number in its one form.
pub fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    #[test]
    fn the_example_of_the_specification_is_read_and_written() {
        let text = format!("example.com/behind-the-sofa\n20852163\n{ROOT}\n");
        let checkpoint = Checkpoint::from_text(&text).unwrap();
        assert_eq!(checkpoint.origin, "example.com/behind-the-sofa");
        assert_eq!(checkpoint.size, 20_852_163);
        assert_eq!(checkpoint.text(), text);
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, error) in [
            (String::new(), CheckpointError::Lines),
            (format!("\n5\n{ROOT}\n"), CheckpointError::Lines),
            (format!("log\n5\n{ROOT}"), CheckpointError::Lines),
            (
                format!("log\n5\n{ROOT}\nextension\n"),
                CheckpointError::Lines,
            ),
            (format!("log\n05\n{ROOT}\n"), CheckpointError::Size),
            (format!("log\n+5\n{ROOT}\n"), CheckpointError::Size),
            (format!("log\n-5\n{ROOT}\n"), CheckpointError::Size),
            (format!("log\n\n{ROOT}\n"), CheckpointError::Size),
            (
                "log\n18446744073709551616\nx\n".to_owned(),
                CheckpointError::Size,
            ),
            ("log\n5\nAAAA\n".to_owned(), CheckpointError::Root),
            (format!("log\n5\n{} \n", ROOT), CheckpointError::Root),
        ] {
            assert_eq!(Checkpoint::from_text(&text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn a_signed_checkpoint_is_read_with_its_note() {
        let key = SigningKey::from_seed("log", [7; 32]).unwrap();
        let checkpoint = Checkpoint {
            origin: "log".to_owned(),
            size: 0,
            root: Hash::root(&[]),
        };
        let verifiers = [key.verifier().clone()];
        let signed = checkpoint.sign(&[key]);
        let (read, note) = Checkpoint::parse(signed.as_bytes()).unwrap();
        assert_eq!(read, checkpoint);
        assert_eq!(note.verify_exactly(&verifiers), Ok(()));
    }
}

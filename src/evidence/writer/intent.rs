//! What a commit is about to write, signed: tells the files of an interrupted commit from what
//! somebody else put into a log. docs/evidence/log-v1.md, "A commit".

use transparency_log::Hash;
use transparency_log::SigningKey;
use transparency_log::checkpoint::decimal;
use transparency_log::note;

/// The first line. With it the text can be no checkpoint, whose second line is a number.
const FIRST_LINE: &str = "cattlegrid.dev/evidence/intent/v1";

/// A commit that is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The log.
    pub origin: String,
    /// How many entries it had.
    pub from: u64,
    /// How many it will have.
    pub to: u64,
    /// The files that are written, in this order, relative to the log, with their digests.
    pub files: Vec<(String, Hash)>,
}

impl Intent {
    /// Reads a note's text. `None` if it is anything else.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        if lines.next()? != FIRST_LINE {
            return None;
        }
        let origin = lines.next()?.to_owned();
        let (from, to) = lines.next()?.split_once(' ')?;
        let files = lines.map(|line| {
            let (path, digest) = line.split_once(' ')?;
            Some((path.to_owned(), Hash::from_base64(digest)?))
        });
        Some(Self {
            origin,
            from: decimal(from)?,
            to: decimal(to)?,
            files: files.collect::<Option<_>>()?,
        })
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        let Self {
            origin, from, to, ..
        } = self;
        let mut text = format!("{FIRST_LINE}\n{origin}\n{from} {to}\n");
        for (path, digest) in &self.files {
            text.push_str(&format!("{path} {digest}\n"));
        }
        text
    }

    /// The signed note.
    pub fn sign(&self, keys: &[SigningKey]) -> String {
        note::sign(&self.text(), keys)
    }
}

#[cfg(test)]
mod tests {
    use transparency_log::Checkpoint;

    use super::*;

    #[test]
    fn an_intent_is_read_as_it_was_written_and_is_no_checkpoint() {
        let intent = Intent {
            origin: "log".to_owned(),
            from: 3,
            to: 5,
            files: vec![("tile/0/000.p/5".to_owned(), Hash::of(b"file"))],
        };
        assert_eq!(Intent::from_text(&intent.text()), Some(intent.clone()));
        assert!(Checkpoint::from_text(&intent.text()).is_err());
        let without = Intent {
            files: Vec::new(),
            ..intent
        };
        assert_eq!(Intent::from_text(&without.text()), Some(without.clone()));
        assert!(Checkpoint::from_text(&without.text()).is_err());
    }
}

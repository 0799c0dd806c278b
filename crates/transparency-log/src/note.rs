//! Signed notes: a text and signatures below it. C2SP signed-note.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::key::{KeyId, SigningKey, VerifierKey};

/// The most signatures that are read; the specification asks for at least 16.
const SIGNATURES_MAX: usize = 16;
/// The most bytes of a note that are read.
pub const NOTE_BYTES_MAX: usize = 1 << 20;

/// Begins a signature's line: an em dash and a space.
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// Why bytes are no signed note, or not one of these keys.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NoteError {
    /// Larger than any note that we make.
    #[error("it has more than {NOTE_BYTES_MAX} bytes")]
    TooLong,
    /// Not UTF-8, or with control characters.
    #[error("it is not text: it has bytes that are not UTF-8, or control characters")]
    NotText,
    /// No text, blank line and signatures.
    #[error("it does not have a text, a blank line and signatures, each ending in a newline")]
    Form,
    /// Not `— <name> <base64>`.
    #[error("signature line {0} does not have the form `— <name> <base64>`")]
    SignatureForm(usize),
    /// More than are read.
    #[error("it has more than {SIGNATURES_MAX} signatures")]
    TooMany,
    /// A known key's signature is wrong.
    #[error("the signature of key `{0}` is wrong")]
    WrongSignature(String),
    /// None of the keys signed.
    #[error("it is signed by none of the keys that it should be signed by")]
    Unsigned,
}

/// A note that was read, nothing about it verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note<'a> {
    text: &'a str,
    signatures: Vec<Signature<'a>>,
}

/// One signature of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature<'a> {
    /// Name of the key.
    pub name: &'a str,
    /// ID of the key.
    pub id: KeyId,
    /// What the key made of the text.
    pub bytes: Vec<u8>,
}

impl<'a> Note<'a> {
    /// Reads a note.
    ///
    /// # Errors
    /// What is wrong with its form.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        if note.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            return Err(NoteError::NotText);
        }
        let (before, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Form)?;
        let text = note.get(..before.len() + 1).ok_or(NoteError::Form)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Form)?;
        let mut signatures = Vec::new();
        for (number, line) in lines.split('\n').enumerate() {
            if number == SIGNATURES_MAX {
                return Err(NoteError::TooMany);
            }
            let signature = signature(line).ok_or(NoteError::SignatureForm(number + 1))?;
            signatures.push(signature);
        }
        Ok(Self { text, signatures })
    }

    /// The text, with its last newline. Nothing may be believed of it before it is verified.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The signatures, in their order.
    pub fn signatures(&self) -> &[Signature<'a>] {
        &self.signatures
    }

    /// Whether at least one of the keys signed; signatures of other keys are ignored.
    ///
    /// # Errors
    /// No key signed, or the signature of one is wrong.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<(), NoteError> {
        let mut is_signed = false;
        for signature in &self.signatures {
            let key = keys
                .iter()
                .find(|key| key.name() == signature.name && key.id() == signature.id);
            if let Some(key) = key {
                if !key.has_signed(self.text, &signature.bytes) {
                    return Err(NoteError::WrongSignature(key.name().to_owned()));
                }
                is_signed = true;
            }
        }
        is_signed.then_some(()).ok_or(NoteError::Unsigned)
    }

    /// Whether the keys, all of them and nobody else, signed in this order. So no byte of the note
    /// can be changed.
    ///
    /// # Errors
    /// A signature is missing, wrong, or somebody else's.
    pub fn verify_exactly(&self, keys: &[VerifierKey]) -> Result<(), NoteError> {
        if keys.is_empty() || keys.len() != self.signatures.len() {
            return Err(NoteError::Unsigned);
        }
        for (key, signature) in keys.iter().zip(&self.signatures) {
            if key.name() != signature.name || key.id() != signature.id {
                return Err(NoteError::Unsigned);
            }
        }
        self.verify(keys)
    }
}

/// Signs a text that ends in a newline; the note begins with it.
pub fn sign(text: &str, keys: &[SigningKey]) -> String {
    let mut note = format!("{text}\n");
    for key in keys {
        let mut bytes = key.verifier().id().0.to_vec();
        bytes.extend(key.sign(text));
        note.push_str(SIGNATURE_PREFIX);
        note.push_str(key.verifier().name());
        note.push(' ');
        note.push_str(&STANDARD.encode(bytes));
        note.push('\n');
    }
    note
}

fn signature(line: &str) -> Option<Signature<'_>> {
    let (name, bytes) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
    crate::key::check_name(name).ok()?;
    let bytes = STANDARD.decode(bytes).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    if signature.is_empty() {
        return None;
    }
    Some(Signature {
        name,
        id: KeyId(*id),
        bytes: signature.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example in the documentation of `golang.org/x/mod/sumdb/note`.
    const GO_SIGNING: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\
        \n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn keys(seeds: &[u8]) -> Vec<SigningKey> {
        let key = |seed: &u8| SigningKey::from_seed("example.com/log", [*seed; 32]).unwrap();
        seeds.iter().map(key).collect()
    }

    fn verifiers(keys: &[SigningKey]) -> Vec<VerifierKey> {
        keys.iter().map(|key| key.verifier().clone()).collect()
    }

    #[test]
    fn signatures_are_those_of_go() {
        let key = SigningKey::parse(GO_SIGNING).unwrap();
        let note = Note::parse(GO_NOTE.as_bytes()).unwrap();
        let verifier = key.verifier().clone();
        assert_eq!(note.verify_exactly(&[verifier]), Ok(()));
        assert_eq!(sign(note.text(), &[key]), GO_NOTE);
    }

    #[test]
    fn a_note_of_several_keys_needs_one_that_is_known() {
        let (both, other) = (keys(&[1, 2]), keys(&[3]));
        let note = sign("some text\n", &both);
        let note = Note::parse(note.as_bytes()).unwrap();
        let both = verifiers(&both);
        assert_eq!(note.verify(&both[1..]), Ok(()));
        assert_eq!(note.verify(&verifiers(&other)), Err(NoteError::Unsigned));
        assert_eq!(note.verify_exactly(&both), Ok(()));
        assert_eq!(note.verify_exactly(&both[1..]), Err(NoteError::Unsigned));
        assert_eq!(note.verify_exactly(&[]), Err(NoteError::Unsigned));
    }

    #[test]
    fn every_single_bit_counts() {
        let keys = keys(&[1, 2]);
        let note = sign("example.com/log\n5\ntext\n", &keys).into_bytes();
        let verifiers = verifiers(&keys);
        for bit in 0..note.len() * 8 {
            let mut altered = note.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let result = Note::parse(&altered).and_then(|note| note.verify_exactly(&verifiers));
            assert!(
                result.is_err(),
                "bit {bit}: {:?}",
                String::from_utf8_lossy(&altered)
            );
        }
    }

    #[test]
    fn other_forms_are_refused() {
        let signed = sign("text\n", &keys(&[1]));
        let line = signed.lines().last().unwrap();
        for (note, error) in [
            ("", NoteError::Form),
            ("text\n", NoteError::Form),
            ("text\n\n", NoteError::Form),
            (&format!("text\n{line}\n"), NoteError::Form),
            (signed.trim_end(), NoteError::Form),
            (&signed.replace('\n', "\r\n"), NoteError::NotText),
            (
                &format!("text\n\n{line}\n{line} \n"),
                NoteError::SignatureForm(2),
            ),
            (&format!("text\n\n- {line}\n"), NoteError::SignatureForm(1)),
            (
                &format!("text\n\n{}", format!("{line}\n").repeat(17)),
                NoteError::TooMany,
            ),
        ] {
            assert_eq!(Note::parse(note.as_bytes()), Err(error), "{note:?}");
        }
        assert_eq!(Note::parse(b"\xff\n\n"), Err(NoteError::NotText));
    }
}

//! Ed25519 keys of signed notes, in the text forms of `golang.org/x/mod/sumdb/note`.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::hash::Hash;

/// The byte that says Ed25519. C2SP signed-note, "Signature types".
const ED25519_TYPE: u8 = 1;
/// Bytes of a public key and of a private key's seed.
pub const KEY_BYTES: usize = 32;
/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// What a signing key's text begins with.
pub const SIGNING_KEY_PREFIX: &str = "PRIVATE+KEY+";

/// The first bytes of a hash over name and key: which key signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

/// Eight hexadecimal digits.
impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// Why a text is no key. It never holds the text.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeyError {
    /// Not `<name>+<key ID>+<key>`.
    #[error("it does not have the form `<name>+<key ID>+<base64 of the key>`")]
    Form,
    /// Not `PRIVATE+KEY+<name>+<key ID>+<key>`.
    #[error("it does not have the form `PRIVATE+KEY+<name>+<key ID>+<base64 of the key>`")]
    SigningForm,
    /// Empty, or with a character that would end it.
    #[error("a key's name is not empty and has no white space, control character or `+`")]
    Name,
    /// Another algorithm.
    #[error("it is of another type than Ed25519 (byte 01 and 32 bytes)")]
    Type,
    /// The ID belongs to another name or key.
    #[error("its key ID is not that of this name and key: it was altered or renamed")]
    Id,
    /// The cryptographic library refused it.
    #[error("it cannot be used for Ed25519")]
    Unusable,
}

/// A public key and the name that signatures carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    public: [u8; KEY_BYTES],
}

impl VerifierKey {
    /// Reads `<name>+<key ID>+<base64 of byte 01 and the public key>`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (name, public) = parse_parts(text).map_err(|error| error.unwrap_or(KeyError::Form))?;
        let key = Self { name, public };
        if key.to_string() == text {
            Ok(key)
        } else {
            Err(KeyError::Id)
        }
    }

    /// The name that its signatures carry.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key itself.
    pub fn public(&self) -> &[u8; KEY_BYTES] {
        &self.public
    }

    /// The same key under another name.
    ///
    /// # Errors
    /// The name has a character that a name cannot have.
    pub fn named(&self, name: &str) -> Result<Self, KeyError> {
        check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            public: self.public,
        })
    }

    /// Its ID.
    pub fn id(&self) -> KeyId {
        id_of(&self.name, &self.public)
    }

    /// Whether the key made this signature of the text.
    pub fn has_signed(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public)
            .verify(text.as_bytes(), signature)
            .is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = encoded(&self.public);
        write!(formatter, "{}+{}+{key}", self.name, self.id())
    }
}

/// A private key and the name that its signatures carry.
pub struct SigningKey {
    verifier: VerifierKey,
    seed: [u8; KEY_BYTES],
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// The key that follows from 32 random bytes.
    ///
    /// # Errors
    /// The name has a character that a name cannot have.
    pub fn from_seed(name: &str, seed: [u8; KEY_BYTES]) -> Result<Self, KeyError> {
        check_name(name)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| KeyError::Unusable)?;
        let public = pair.public_key().as_ref();
        let public = public.try_into().map_err(|_| KeyError::Unusable)?;
        let verifier = VerifierKey {
            name: name.to_owned(),
            public,
        };
        Ok(Self {
            verifier,
            seed,
            pair,
        })
    }

    /// Reads `PRIVATE+KEY+<name>+<key ID>+<base64 of byte 01 and the seed>`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let form = KeyError::SigningForm;
        let rest = text.strip_prefix(SIGNING_KEY_PREFIX).ok_or(form.clone())?;
        let (name, seed) = parse_parts(rest).map_err(|error| error.unwrap_or(form))?;
        let key = Self::from_seed(&name, seed)?;
        if key.to_text() == text {
            Ok(key)
        } else {
            Err(KeyError::Id)
        }
    }

    /// The text that [`SigningKey::parse`] reads. It is a secret.
    pub fn to_text(&self) -> String {
        let (name, id) = (&self.verifier.name, self.verifier.id());
        format!("{SIGNING_KEY_PREFIX}{name}+{id}+{}", encoded(&self.seed))
    }

    /// The same key under another name.
    ///
    /// # Errors
    /// The name has a character that a name cannot have.
    pub fn named(&self, name: &str) -> Result<Self, KeyError> {
        Self::from_seed(name, self.seed)
    }

    /// What verifies its signatures.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs a text.
    pub fn sign(&self, text: &str) -> Vec<u8> {
        self.pair.sign(text.as_bytes()).as_ref().to_vec()
    }
}

/// Without the private half.
impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("SigningKey")
            .field(&self.verifier.to_string())
            .finish()
    }
}

/// Whether a text can be a key's name.
///
/// # Errors
/// It is empty or has a character that a name cannot have.
pub fn check_name(name: &str) -> Result<(), KeyError> {
    let is_wrong = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.contains(is_wrong) {
        return Err(KeyError::Name);
    }
    Ok(())
}

/// Name and key of `<name>+<key ID>+<key>`; the ID is left to the caller. `None` for another form.
fn parse_parts(text: &str) -> Result<(String, [u8; KEY_BYTES]), Option<KeyError>> {
    let (name, rest) = text.split_once('+').ok_or(None)?;
    let (_, key) = rest.split_once('+').ok_or(None)?;
    check_name(name)?;
    let key = STANDARD.decode(key).map_err(|_| None)?;
    match key.split_first() {
        Some((&ED25519_TYPE, key)) => {
            let key = key.try_into().map_err(|_| Some(KeyError::Type))?;
            Ok((name.to_owned(), key))
        }
        _ => Err(Some(KeyError::Type)),
    }
}

fn encoded(key: &[u8; KEY_BYTES]) -> String {
    let mut bytes = vec![ED25519_TYPE];
    bytes.extend_from_slice(key);
    STANDARD.encode(bytes)
}

fn id_of(name: &str, public: &[u8; KEY_BYTES]) -> KeyId {
    let mut bytes = name.as_bytes().to_vec();
    bytes.extend_from_slice(&[b'\n', ED25519_TYPE]);
    bytes.extend_from_slice(public);
    let hash = Hash::of(&bytes);
    let [first, second, third, fourth, ..] = *hash.as_bytes();
    KeyId([first, second, third, fourth])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of the example in the documentation of `golang.org/x/mod/sumdb/note`.
    const GO_SIGNING: &str =
        "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const GO_VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn keys_are_those_of_go() {
        let signing = SigningKey::parse(GO_SIGNING).unwrap();
        assert_eq!(signing.verifier().to_string(), GO_VERIFIER);
        assert_eq!(signing.to_text(), GO_SIGNING);
        assert_eq!(
            VerifierKey::parse(GO_VERIFIER).unwrap(),
            *signing.verifier()
        );
    }

    #[test]
    fn an_altered_key_is_refused() {
        for (text, error) in [
            ("", KeyError::Form),
            ("PeterNeumann+c74f20a3", KeyError::Form),
            (
                &GO_VERIFIER.replace("PeterNeumann", "PeterNewmann"),
                KeyError::Id,
            ),
            (&GO_VERIFIER.replace("c74f20a3", "C74F20A3"), KeyError::Id),
            (&GO_VERIFIER.replace("ARpc2", "ARpd2"), KeyError::Id),
            (&GO_VERIFIER.replace("ARpc2", "Ahpc2"), KeyError::Type),
            (&format!("{GO_VERIFIER}\n"), KeyError::Form),
            ("+c74f20a3+ARpc", KeyError::Name),
            ("a b+c74f20a3+ARpc", KeyError::Name),
        ] {
            assert_eq!(VerifierKey::parse(text).unwrap_err(), error, "{text:?}");
        }
        let error = SigningKey::parse(GO_VERIFIER).unwrap_err();
        assert_eq!(error, KeyError::SigningForm);
        let renamed = GO_SIGNING.replace("Peter", "Paul");
        assert_eq!(SigningKey::parse(&renamed).unwrap_err(), KeyError::Id);
    }

    #[test]
    fn the_private_half_is_not_printed() {
        let signing = SigningKey::parse(GO_SIGNING).unwrap();
        let printed = format!("{signing:?}");
        assert_eq!(printed, format!("SigningKey({GO_VERIFIER:?})"));
    }

    #[test]
    fn a_key_under_another_name_has_another_id() {
        let signing = SigningKey::parse(GO_SIGNING).unwrap();
        let named = signing.named("example.com/log").unwrap();
        assert_eq!(named.verifier().public(), signing.verifier().public());
        assert_ne!(named.verifier().id(), signing.verifier().id());
    }
}

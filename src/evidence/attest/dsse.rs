//! DSSE envelopes: a payload, its type, and signatures over both. Follows
//! <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>, version 1.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use transparency_log::{SigningKey, VerifierKey};

/// The type of in-toto statements in JSON (in-toto attestation framework, "Envelope layer").
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A signed payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    payload_type: String,
    /// In base64.
    payload: String,
    signatures: Vec<Signature>,
}

/// One signature. It says nothing of the key: `keyid` is optional, and verifiers that find one pass
/// over keys which they know by another ID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Signature {
    /// In base64.
    sig: String,
}

/// Why an envelope proves nothing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EnvelopeError {
    /// Not the format.
    #[error("it is no DSSE envelope: {0}")]
    Form(String),
    /// Another kind of payload.
    #[error("its payload is of type `{0}`, not `{PAYLOAD_TYPE}`")]
    PayloadType(String),
    /// No key signed it.
    #[error("it is signed by none of the keys that it should be signed by")]
    Unsigned,
}

impl Envelope {
    /// Signs a payload with every key.
    ///
    /// # Errors
    /// The payload is not text.
    pub fn sign(payload: &[u8], keys: &[SigningKey]) -> Result<Self, EnvelopeError> {
        let encoded = authenticated(PAYLOAD_TYPE, payload)?;
        let signature = |key: &SigningKey| Signature {
            sig: STANDARD.encode(key.sign(&encoded)),
        };
        Ok(Self {
            payload_type: PAYLOAD_TYPE.to_owned(),
            payload: STANDARD.encode(payload),
            signatures: keys.iter().map(signature).collect(),
        })
    }

    /// Reads an envelope, without verifying it.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, EnvelopeError> {
        serde_json::from_str(text).map_err(|error| EnvelopeError::Form(error.to_string()))
    }

    /// The payload, once one of the keys is found to have signed it. Signatures of others are
    /// ignored, as the protocol says.
    ///
    /// # Errors
    /// No key signed it, or it is of another type.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Vec<u8>, EnvelopeError> {
        let payload = decoded(&self.payload)?;
        let encoded = authenticated(&self.payload_type, &payload)?;
        let signatures: Vec<Vec<u8>> = self
            .signatures
            .iter()
            .map(|signature| decoded(&signature.sig))
            .collect::<Result<_, _>>()?;
        let has_signed = |key: &VerifierKey| {
            let mut signatures = signatures.iter();
            signatures.any(|signature| key.has_signed(&encoded, signature))
        };
        if !keys.iter().any(has_signed) {
            return Err(EnvelopeError::Unsigned);
        }
        if self.payload_type != PAYLOAD_TYPE {
            return Err(EnvelopeError::PayloadType(self.payload_type.clone()));
        }
        Ok(payload)
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, EnvelopeError> {
    STANDARD
        .decode(text)
        .map_err(|error| EnvelopeError::Form(error.to_string()))
}

/// The pre-authentication encoding: what is signed. It begins with a word and a space, which the
/// origin that begins a log's head cannot have, so neither is ever taken for the other.
fn authenticated(payload_type: &str, payload: &[u8]) -> Result<String, EnvelopeError> {
    let text = std::str::from_utf8(payload);
    let text = text.map_err(|error| EnvelopeError::Form(error.to_string()))?;
    let (of_type, of_payload) = (payload_type.len(), payload.len());
    Ok(format!(
        "DSSEv1 {of_type} {payload_type} {of_payload} {text}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_that_of_the_protocol() {
        let encoded = authenticated("http://example.com/HelloWorld", b"hello world").unwrap();
        assert_eq!(
            encoded,
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn an_altered_envelope_proves_nothing() {
        let key = SigningKey::from_seed("example.com/log", [9; 32]).unwrap();
        let keys = [key.verifier().clone()];
        let envelope = Envelope::sign(br#"{"a":1}"#, &[key]).unwrap();
        assert_eq!(envelope.verify(&keys).unwrap(), br#"{"a":1}"#);
        let text = serde_json::to_string(&envelope).unwrap();
        for bit in 0..text.len() * 8 {
            let mut bytes = text.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(altered) = String::from_utf8(bytes) {
                let verified = Envelope::parse(&altered).and_then(|read| read.verify(&keys));
                assert!(verified.is_err(), "{altered}");
            }
        }
    }
}

//! Attestations: what they say, and that nobody else can say it.

use std::path::Path;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cattlegrid::evidence::{attest, verify};
use clap::Parser;
use serde_json::{Value, json};
use transparency_log::SigningKey;

use crate::story::*;
use crate::support::*;

#[derive(Parser)]
enum Command {
    Attest(attest::Arguments),
    Verify(verify::Arguments),
}

async fn run(arguments: &[&str]) -> (anyhow::Result<ExitCode>, String) {
    let mut output = Vec::new();
    let arguments = [&["evidence"], arguments].concat();
    let result = match Command::parse_from(arguments) {
        Command::Attest(arguments) => {
            let done = attest::run(&arguments, &mut output).await;
            done.map(|()| ExitCode::SUCCESS)
        }
        Command::Verify(arguments) => verify::run(&arguments, &mut output).await,
    };
    (result, String::from_utf8(output).unwrap())
}

/// A signing key's file.
pub fn key_file(directory: &Path, seed: u8) -> String {
    let key = SigningKey::from_seed(NAME, [seed; 32]).unwrap();
    let path = directory.join(format!("{seed}.key"));
    std::fs::write(&path, key.to_text()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// An attestation of the story's Job.
pub async fn attestation() -> String {
    let (storage, directory) = directory();
    write(&storage, story()).await;
    let keys = tempfile::tempdir().unwrap();
    let (url, key) = (directory.path().to_str().unwrap(), key_file(keys.path(), 1));
    let (result, output) = run(&["attest", url, "--key", &key, "--investigation", ID]).await;
    result.unwrap();
    output
}

fn payload(envelope: &Value) -> Value {
    let payload = STANDARD
        .decode(envelope["payload"].as_str().unwrap())
        .unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// What `verify` says of a file with this text.
async fn verified(text: &str, key: &str) -> (ExitCode, String) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let (result, output) = run(&["verify", file.path().to_str().unwrap(), "--key", key]).await;
    (result.unwrap(), output)
}

#[tokio::test]
async fn an_attestation_says_what_was_admitted_and_holds_without_the_log() {
    let text = attestation().await;
    let envelope: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(envelope["payloadType"], "application/vnd.in-toto+json");
    let mut statement = payload(&envelope);
    let log = statement["predicate"]["log"].take();
    let admitted = "11".repeat(32);
    assert_eq!(
        statement,
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "Job/incidents/investigator-x7k2p", "digest": {"sha256": admitted}}],
            "predicateType": "https://cattlegrid.dev/evidence/decision/v1",
            "predicate": {
                "decision": "allow", "mode": "enforce", "time": "2026-11-23T01:05:09.123Z",
                "operation": "CREATE", "resource": "jobs.batch", "uid": "j1", "investigation": ID,
                "phase": "read-only", "policySet": digest(0x22),
                "baseline": digest(0x33), "log": null,
            },
        })
    );
    assert_eq!(
        log["origin"],
        "example.com/evidence/one/20261123T005415000Z"
    );
    assert_eq!(log["number"], 2);
    let (code, output) = verified(&text, &verifier(1)).await;
    assert_eq!(code, ExitCode::SUCCESS, "{output}");
    let summary = "holds: Job/incidents/investigator-x7k2p was admitted at 2026-11-23T01:05:09.123Z: record 2 of \
                   example.com/evidence/one/20261123T005415000Z\n";
    assert!(output.starts_with(summary), "{output}");
    let (code, output) = verified(&text, &verifier(2)).await;
    assert_eq!(
        (code, &*output),
        (
            ExitCode::from(1),
            "does not hold: it is signed by none of the keys that it should be signed by\n"
        )
    );
}

#[tokio::test]
async fn an_altered_attestation_does_not_hold() {
    let text = attestation().await;
    let key = verifier(1);
    let whole: Value = serde_json::from_str(&text).unwrap();
    let statement = payload(&whole);
    let mut altered = Vec::new();
    for (place, value) in [
        ("/subject/0/name", json!("Job/incidents/other")),
        ("/subject/0/digest/sha256", json!("44".repeat(32))),
        ("/predicateType", json!("https://slsa.dev/provenance/v1")),
        ("/predicate/decision", json!("deny")),
        ("/predicate/time", json!("2026-11-24T01:05:09.123Z")),
        ("/predicate/phase", json!("autonomous")),
        ("/predicate/log/number", json!(3)),
        ("/predicate/log/leaf", json!(digest(0x55))),
        ("/predicate/log/inclusionProof", json!([])),
    ] {
        let mut statement = statement.clone();
        *statement.pointer_mut(place).unwrap() = value;
        altered.push((place, statement.to_string().into_bytes()));
    }
    // Somebody who has the key may sign anything, but not what the log does not say.
    let signing = || [SigningKey::from_seed(NAME, [1; 32]).unwrap()];
    for (place, payload) in &altered {
        let mut unsigned = whole.clone();
        unsigned["payload"] = STANDARD.encode(payload).into();
        let (code, output) = verified(&unsigned.to_string(), &key).await;
        assert_eq!(code, ExitCode::from(1), "{place}: {output}");
        let signed = attest::Envelope::sign(payload, &signing()).unwrap();
        let signed = serde_json::to_string(&signed).unwrap();
        let (code, output) = verified(&signed, &key).await;
        let is_of_log = place.contains("/log/") || *place == "/predicateType";
        assert_eq!(code == ExitCode::from(1), is_of_log, "{place}: {output}");
    }
    for (member, value) in [
        ("payloadType", json!("text/plain")),
        ("signatures", json!([])),
        ("payload", json!("?")),
    ] {
        let mut envelope = whole.clone();
        envelope[member] = value;
        let (code, output) = verified(&envelope.to_string(), &key).await;
        assert_eq!(code, ExitCode::from(1), "{member}: {output}");
    }
}

#[tokio::test]
async fn only_one_decision_that_admits_is_attested() {
    let (storage, directory) = directory();
    write(&storage, [story(), reuse()].concat()).await;
    let keys = tempfile::tempdir().unwrap();
    let key = key_file(keys.path(), 1);
    let store = directory.path().to_str().unwrap();
    let two = directory.path().join("two");
    let (two, other) = (two.to_str().unwrap(), key_file(keys.path(), 2));
    for (arguments, expected) in [
        (
            &[store, "--key", &key, "--investigation", ID][..],
            "2 decisions admitted a Job of this investigation; give one log and --record:\n  record 2 of \
          `one/20261123T005415000Z`: Job/incidents/investigator-x7k2p at 2026-11-23T01:05:09.123Z, by",
        ),
        (
            &[store, "--key", &key, "--investigation", "xyz"],
            "there is no decision that admitted a Job of investigation `xyz` among 19 records",
        ),
        (
            &[store, "--key", &key, "--record", "2"],
            "a record's number is that in one log",
        ),
        (
            &[two, "--key", &key, "--record", "2"],
            "admits no object that could be attested",
        ),
        (
            &[two, "--key", &key, "--record", "3"],
            "is of type `attempt`; only decisions are attested",
        ),
        (&[two, "--key", &key, "--record", "99"], "no record 99"),
        (
            &[two, "--key", &other, "--record", "7"],
            "its log does not hold: forged",
        ),
    ] {
        let (result, output) = run(&[&["attest"], arguments].concat()).await;
        let error = format!("{:#}", result.unwrap_err());
        assert!(error.contains(expected), "{arguments:?}: {error}");
        assert_eq!(output, "");
    }
    let (result, _) = run(&["attest", two, "--key", &key, "--record", "7"]).await;
    result.unwrap();
}

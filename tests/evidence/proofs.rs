//! Proofs that need nothing but the key.

use std::process::ExitCode;

use cattlegrid::evidence::verify::{Arguments, run};
use cattlegrid::evidence::writer::StopReason;
use clap::Parser;

use crate::support::*;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

async fn verify(arguments: &[&str]) -> (anyhow::Result<ExitCode>, String) {
    let command = Command::parse_from([&["verify"], arguments].concat());
    let mut output = Vec::new();
    let result = run(&command.arguments, &mut output).await;
    (result, String::from_utf8(output).unwrap())
}

#[tokio::test]
async fn the_proof_of_a_record_holds_without_its_log() {
    let (storage, directory) = directory();
    let log = open(&storage, "one").await;
    for number in 0..300 {
        log.append(record(number)).await.unwrap();
    }
    log.close(StopReason::Signal).await.unwrap();
    let url = directory.path().to_str().unwrap().to_owned();
    let elsewhere = tempfile::tempdir().unwrap();
    let proof = elsewhere.path().join("7.tlog-proof");
    let proof = proof.to_str().unwrap().to_owned();
    let key = verifier(1);
    let (result, output) = verify(&[&url, "--key", &key, "--record", "7", "--proof", &proof]).await;
    assert_eq!(result.unwrap(), ExitCode::SUCCESS, "{output}");
    assert!(
        output.ends_with("holds: 302 records in 1 log; signed by a pinned key\n"),
        "{output}"
    );

    let (result, output) = verify(&[&proof, "--key", &key]).await;
    assert_eq!(result.unwrap(), ExitCode::SUCCESS, "{output}");
    assert!(output.contains(r#"{"number":6,"#), "{output}");
    let (result, output) = verify(&[&proof, "--key", &verifier(2)]).await;
    assert_eq!(result.unwrap(), ExitCode::from(1), "{output}");
    let error = verify(&[&proof]).await.0.unwrap_err();
    assert!(error.to_string().contains("give it with --key"), "{error}");
}

#[tokio::test]
async fn a_head_from_before_is_a_head_of_the_same_log() {
    let (storage, directory) = directory();
    let log = open(&storage, "one").await;
    log.append(record(1)).await.unwrap();
    let url = directory.path().to_str().unwrap().to_owned();
    let head = directory.path().join("one/20261123T005415000Z/checkpoint");
    let kept = tempfile::NamedTempFile::new().unwrap();
    std::fs::copy(&head, kept.path()).unwrap();
    log.append(record(2)).await.unwrap();
    let kept = kept.path().to_str().unwrap();
    let (result, output) = verify(&[&url, "--checkpoint", kept]).await;
    assert_eq!(result.unwrap(), ExitCode::SUCCESS, "{output}");
    assert!(output.contains("key not pinned"), "{output}");
    let (result, output) = verify(&[&url, "-o", "json"]).await;
    assert_eq!(result.unwrap(), ExitCode::SUCCESS);
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(json["holds"], true);
    assert_eq!(json["keyPinned"], false);
    assert_eq!(json["logs"][0]["size"], 3);
}

#[tokio::test]
async fn where_no_log_is_nothing_can_be_said() {
    let empty = tempfile::tempdir().unwrap();
    let (result, _) = verify(&[empty.path().to_str().unwrap()]).await;
    let error = result.unwrap_err();
    assert!(
        error.to_string().starts_with("there is no log in"),
        "{error}"
    );
}

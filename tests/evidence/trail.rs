//! What `evidence trail` tells of two replicas' logs.

use std::process::ExitCode;

use cattlegrid::evidence::trail::{Arguments, run};
use clap::Parser;
use serde_json::{Value, json};

use crate::story::*;
use crate::support::*;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: Arguments,
}

async fn trail(arguments: &[&str]) -> (anyhow::Result<ExitCode>, String) {
    let command = Command::parse_from([&["trail"], arguments].concat());
    let mut output = Vec::new();
    let result = run(&command.arguments, &mut output).await;
    (result, String::from_utf8(output).unwrap())
}

#[tokio::test]
async fn a_trail_tells_of_an_investigation_in_order_of_time() {
    let (storage, directory) = directory();
    write(&storage, story()).await;
    let url = directory.path().to_str().unwrap();
    let (result, text) = trail(&[ID, url, "--key", &verifier(1)]).await;
    assert_eq!(result.unwrap(), ExitCode::SUCCESS);
    let page = include_str!("../../docs/evidence.md");
    assert!(
        page.contains(&text),
        "docs/evidence.md does not show this trail:\n{text}"
    );
}

#[tokio::test]
async fn an_id_that_somebody_else_used_has_two_jobs_told_apart() {
    let (storage, directory) = directory();
    write(&storage, [story(), reuse()].concat()).await;
    let url = directory.path().to_str().unwrap();
    let (result, text) = trail(&[ID, url]).await;
    assert_eq!(result.unwrap(), ExitCode::SUCCESS);
    insta::assert_snapshot!("trail_of_two", text);
    let (_, json) = trail(&[ID, url, "-o", "json"]).await;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["otherUsers"], json!(["mallory\u{1b}[2J"]));
    assert_eq!(json["closed"], false);
    assert_eq!(json["jobs"][1]["unseen"], true);
    let mut summary = json.clone();
    for list in ["events", "gaps"] {
        for event in summary[list].as_array_mut().unwrap() {
            event["record"] = event["record"]["type"].take();
        }
    }
    insta::assert_snapshot!(
        "trail_json",
        serde_json::to_string_pretty(&summary).unwrap()
    );
    let errors: Vec<String> = schema()
        .iter_errors(&json)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0]);
}

struct RecordSchema;

impl jsonschema::Retrieve for RecordSchema {
    fn retrieve(
        &self,
        uri: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        assert!(uri.as_str().ends_with("/record-v1.schema.json"), "{uri}");
        Ok(serde_json::from_str(include_str!(
            "../../docs/evidence/record-v1.schema.json"
        ))?)
    }
}

fn schema() -> jsonschema::Validator {
    let schema = include_str!("../../docs/evidence/trail-v1.schema.json");
    let schema = serde_json::from_str(schema).unwrap();
    jsonschema::options()
        .with_retriever(RecordSchema)
        .build(&schema)
        .unwrap()
}

#[tokio::test]
async fn logs_that_do_not_hold_are_told_first() {
    let (storage, directory) = directory();
    write(&storage, story()).await;
    let stray = directory.path().join("one/20261123T005415000Z/stray");
    std::fs::write(stray, "x").unwrap();
    let url = directory.path().to_str().unwrap();
    let (result, text) = trail(&[ID, url]).await;
    assert_eq!(result.unwrap(), ExitCode::from(1));
    assert!(
        text.starts_with("THE LOGS DO NOT HOLD: 1 finding."),
        "{text}"
    );
    assert!(text.contains("investigator-x7k2p"), "{text}");
}

#[tokio::test]
async fn an_unknown_investigation_is_an_error_that_offers_what_is_near() {
    let (storage, directory) = directory();
    write(&storage, story()).await;
    let url = directory.path().to_str().unwrap();
    for (id, expected) in [
        (
            "incident-471",
            "no record is about investigation `incident-471`; 18 records searched; did you \
                          mean `incident-4711`, `incident-4712`?",
        ),
        (
            "xyz",
            "no record is about investigation `xyz`; 18 records searched",
        ),
    ] {
        let (result, output) = trail(&[id, url]).await;
        assert_eq!(output, "");
        assert_eq!(result.unwrap_err().to_string(), expected);
    }
}

//! What a server without a cluster says at its start: two Jobs, judged by the rules in use, and a
//! request to try.

use std::fmt::Write as _;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bumpalo::Bump;
use serde_json::{Value, json};

use super::round::{Endpoint, Outcome, Round, Supplies, run};
use super::state::Active;
use crate::clock;
use crate::k8s::manifest;

/// An agent that is a pet.
const PET: &str = include_str!("greeting/pet.yaml");
/// An agent's Job with nothing but an image.
const BARE: &str = include_str!("greeting/bare.yaml");

/// The whole text.
pub fn text(active: &Active, address: SocketAddr) -> String {
    // As an API server asks: what can be completed is, before anything is refused.
    let pet = completed(active, review(PET));
    let mut text = format!("A pet, refused:\n\n{}\n", indented(PET));
    for line in denial(active, &pet).lines() {
        let _ = writeln!(text, "  {line}");
    }
    let _ = writeln!(text, "\nA bare Job, completed:\n\n{}", indented(BARE));
    for line in filled_in(active, &review(BARE)) {
        let _ = writeln!(text, "  + {line}");
    }
    let _ = writeln!(
        text,
        "\nTry it:\n\n  curl -sk https://{address}/validate -d '{pet}'\n\nCtrl-C stops the server."
    );
    text
}

fn indented(yaml: &str) -> String {
    let lines = yaml.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| format!("    {line}\n")).collect()
}

/// The review that an API server would send for a new object.
fn review(yaml: &str) -> Value {
    let arena = Bump::new();
    let object = manifest::parse(yaml, &arena)
        .next()
        .and_then(Result::ok)
        .and_then(|manifest| serde_json::to_value(manifest.json).ok())
        .unwrap_or_default();
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "00000000-0000-0000-0000-000000000000",
            "operation": "CREATE",
            "kind": {"group": "batch", "version": "v1", "kind": "Job"},
            "resource": {"group": "batch", "version": "v1", "resource": "jobs"},
            "requestKind": {"group": "batch", "version": "v1", "kind": "Job"},
            "requestResource": {"group": "batch", "version": "v1", "resource": "jobs"},
            "namespace": "default",
            "name": object.pointer("/metadata/name"),
            "userInfo": {"username": "you"},
            "object": object,
        },
    })
}

fn answer(active: &Active, endpoint: Endpoint, review: &Value) -> Value {
    let supplies = Supplies::default();
    let round = Round {
        endpoint,
        active,
        cluster: None,
        supplies: &supplies,
        now: clock::now(),
        place: None,
    };
    match run(&round, review.to_string().as_bytes()) {
        Outcome::Answered(answered) => serde_json::to_value(answered.answer).unwrap_or_default(),
        Outcome::Malformed(_) | Outcome::Needs(_) => Value::Null,
    }
}

fn denial(active: &Active, review: &Value) -> String {
    let answer = answer(active, Endpoint::Validate, review);
    match answer.pointer("/status/message").and_then(Value::as_str) {
        Some(message) => message.to_owned(),
        None => "not refused by these policies".to_owned(),
    }
}

/// The JSON patch that `/mutate` answers; null when it answers none.
fn patch(active: &Active, review: &Value) -> Value {
    answer(active, Endpoint::Mutate, review)
        .get("patch")
        .and_then(Value::as_str)
        .and_then(|patch| STANDARD.decode(patch).ok())
        .and_then(|patch| serde_json::from_slice(&patch).ok())
        .unwrap_or_default()
}

/// The review of the object as `/mutate` would have it.
fn completed(active: &Active, mut review: Value) -> Value {
    let patch = serde_json::from_value::<json_patch::Patch>(patch(active, &review));
    if let (Ok(patch), Some(object)) = (patch, review.pointer_mut("/request/object")) {
        // A patch that does not apply leaves the object as it was written.
        let _ = json_patch::patch(object, &patch);
    }
    review
}

fn filled_in(active: &Active, review: &Value) -> Vec<String> {
    let patch = patch(active, review);
    let patch = patch.as_array().map_or(&[][..], Vec::as_slice);
    if patch.is_empty() {
        return vec!["nothing: these policies complete no object".to_owned()];
    }
    let line = |operation: &Value| {
        let path = operation
            .get("path")
            .and_then(Value::as_str)
            .unwrap_or_default();
        match operation.get("value") {
            Some(value) => format!("{path}: {value}"),
            None => format!("{path} removed"),
        }
    };
    patch.iter().map(line).collect()
}

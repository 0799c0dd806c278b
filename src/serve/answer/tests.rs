use std::sync::Arc;

use admission_cel::json::Json;
use admission_policy::finding::Root;
use serde_json::{Value, json};

use super::*;

fn finding(message: &str, reason: &str) -> Finding {
    Finding {
        policy: Arc::from("host-paths"),
        binding: Arc::from("host-paths"),
        validation: Some(0),
        verdict: Verdict::Fail,
        root: Root::Object,
        path: None,
        reason: reason.to_owned(),
        message: message.to_owned(),
        remediation: None,
        exception: None,
    }
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.to_json().unwrap()).unwrap()
}

#[test]
fn an_allowed_request_has_a_uid_and_nothing_else() {
    assert_eq!(
        json_of(&Answer::allowed("u")),
        json!({
            "apiVersion": "admission.k8s.io/v1",
            "kind": "AdmissionReview",
            "response": {"uid": "u", "allowed": true},
        })
    );
}

#[test]
fn a_denial_has_a_line_per_finding_and_the_first_ones_reason() {
    let findings = [
        finding("one", "Forbidden"),
        finding("two\nlines", "Invalid"),
    ];
    let denial = Denial::of_findings(&findings).unwrap();
    assert_eq!(denial.message, "[host-paths] one\n[host-paths] two lines");
    assert_eq!((denial.code, denial.reason.as_str()), (403, "Forbidden"));
}

#[test]
fn no_finding_is_no_denial() {
    assert_eq!(Denial::of_findings(&[]), None);
}

#[test]
fn reasons_have_the_status_codes_that_they_have_natively() {
    for (reason, code) in [
        ("", 422),
        ("Invalid", 422),
        ("Unauthorized", 401),
        ("Forbidden", 403),
    ] {
        assert_eq!(
            Denial::of_findings(&[finding("x", reason)]).unwrap().code,
            code,
            "{reason}"
        );
    }
}

#[test]
fn a_patch_is_base64_and_an_empty_one_is_left_out() {
    let mut answer = Answer::allowed("u");
    answer.set_patch(&[]).unwrap();
    assert_eq!(json_of(&answer)["response"]["patch"], Value::Null);
    let add = PatchOperation::Add {
        path: "/a".to_owned(),
        value: Json::Int(1),
    };
    answer.set_patch(&[add]).unwrap();
    let response = &json_of(&answer)["response"];
    assert_eq!(response["patchType"], "JSONPatch");
    let patch = STANDARD
        .decode(response["patch"].as_str().unwrap())
        .unwrap();
    let patch: Value = serde_json::from_slice(&patch).unwrap();
    assert_eq!(patch, json!([{"op": "add", "path": "/a", "value": 1}]));
}

#[test]
fn warnings_stay_below_what_the_api_server_cuts() {
    let mut answer = Answer::allowed("u");
    answer.set_warnings((0..100).map(|_| "ä".repeat(200)));
    let runes: usize = answer
        .warnings
        .iter()
        .map(|line| line.chars().count())
        .sum();
    assert!(runes <= WARNING_RUNES_MAX, "{runes}");
    assert_eq!(answer.warnings.len(), 21);
    assert!(answer.warnings[20].starts_with("… and 80 more"));
}

#[test]
fn a_long_denial_says_how_many_findings_it_leaves_out() {
    let findings: Vec<Finding> = (0..1000)
        .map(|_| finding(&"x".repeat(1000), "Invalid"))
        .collect();
    let message = Denial::of_findings(&findings).unwrap().message;
    assert!(message.len() < DENIAL_BYTES_MAX + 100);
    assert!(
        message.lines().last().unwrap().starts_with("… and 93"),
        "{:?}",
        message.lines().last()
    );
}

#[test]
fn what_several_policies_cannot_judge_for_one_reason_is_one_line() {
    let unjudged = |policy: &str| Finding {
        policy: Arc::from(policy),
        verdict: Verdict::NotEvaluated("nobody to ask".to_owned()),
        ..finding("", "")
    };
    let findings = [
        unjudged("a"),
        finding("one", "Invalid"),
        unjudged("b"),
        unjudged("a"),
    ];
    let findings: Vec<&Finding> = findings.iter().collect();
    assert_eq!(
        lines(&findings),
        ["[host-paths] one", "[a, b] not evaluated: nobody to ask"]
    );
}

//! An authorization check costs 350,000 (`pkg/cel/library/cost.go` of `k8s.io/apiserver`), which
//! makes budgets easy to use up.

use serde_json::{Value, json};

use crate::finding::Verdict;
use crate::testing::{World, bound, messages};

const OUT_OF_BUDGET: &str =
    "validation failed due to running out of cost budget, no further validation rules will be run";

/// An expression that is true and costs a little more than 350,000 times `checks`.
fn costly(checks: usize) -> String {
    vec!["authorizer.path('/a').check('get').allowed()"; checks].join(" && ")
}

fn validations(count: usize) -> Vec<Value> {
    vec![json!({"expression": costly(2)}); count]
}

fn said(spec: Value) -> Vec<String> {
    let evaluation = World::creating(json!({"items": vec![0; 300]})).judge(&bound(spec));
    messages(&evaluation)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

#[test]
fn one_expression_may_cost_a_million() {
    assert!(said(json!({"validations": [{"expression": costly(2)}]})).is_empty());
    let too_much = costly(3);
    let error = format!(
        "expression '{too_much}' resulted in error: operation cancelled: actual cost limit exceeded"
    );
    assert_eq!(
        said(json!({"validations": [{"expression": too_much}]})),
        [error]
    );
}

#[test]
fn the_validations_of_one_call_may_cost_ten_million() {
    assert!(said(json!({"validations": validations(14)})).is_empty());
    let evaluation =
        World::creating(json!({})).judge(&bound(json!({"validations": validations(15)})));
    assert_eq!(messages(&evaluation), [OUT_OF_BUDGET]);
    let finding = &evaluation.policies[0].findings[0];
    assert_eq!(finding.validation, None);
    assert_eq!(finding.verdict, Verdict::Error(OUT_OF_BUDGET.to_owned()));
}

#[test]
fn match_conditions_may_cost_two_and_a_half_million_and_a_false_one_does_not_help() {
    let spec = |count: usize| {
        let mut conditions: Vec<Value> = (0..count)
            .map(|n| json!({"name": format!("c{n}"), "expression": costly(2)}))
            .collect();
        conditions.insert(0, json!({"name": "no", "expression": "false"}));
        json!({"matchConditions": conditions, "validations": [{"expression": "false"}]})
    };
    assert!(said(spec(3)).is_empty());
    assert_eq!(said(spec(4)), [OUT_OF_BUDGET]);
}

#[test]
fn messages_share_the_budget_of_the_validations_and_running_out_refuses_what_passed() {
    let message = "object.items.all(a, object.items.all(b, a == b)) ? 'yes' : 'no'";
    let spec = |count: usize| {
        let mut validations = validations(count);
        validations[0]["messageExpression"] = json!(message);
        json!({"validations": validations})
    };
    assert!(said(spec(13)).is_empty());
    let refused = said(spec(14));
    assert_eq!(
        refused,
        vec![format!("failed messageExpression: {OUT_OF_BUDGET}"); 14]
    );
}

#[test]
fn audit_annotations_have_a_budget_of_their_own() {
    let annotations = |count: usize| {
        let value = format!("{} ? 'yes' : 'no'", costly(2));
        let annotations: Vec<Value> = (0..count)
            .map(|n| json!({"key": format!("k{n}"), "valueExpression": value}))
            .collect();
        json!({"validations": validations(14), "auditAnnotations": annotations})
    };
    assert!(said(annotations(14)).is_empty());
    assert_eq!(said(annotations(15)), [OUT_OF_BUDGET]);
}

#[test]
fn a_variable_is_charged_once_per_pass() {
    let spec = json!({
        "variables": [{"name": "may", "expression": costly(2)}],
        "validations": vec![json!({"expression": "variables.may"}); 30]
    });
    assert!(said(spec).is_empty());
}

#[test]
fn variables_have_a_limit_of_their_own() {
    let spec = json!({
        "variables": [{"name": "may", "expression": costly(2)}],
        "validations": [{"expression": format!("variables.may && {}", costly(2))}]
    });
    assert!(said(spec).is_empty());
}

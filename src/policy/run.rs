//! Running a case offline: the same evaluation as everywhere, on the object that the API server
//! would show to admission.

use std::sync::Arc;

use admission_cel::json::Json;
use admission_policy::context::Context;
use admission_policy::evaluate::evaluate;
use admission_policy::finding::{Finding, Root, Verdict};
use admission_policy::mutate::mutate;
use admission_policy::set::PolicySet;
use bumpalo::Bump;
use serde_json::Value;

use super::cases::{Case, ExpectedFinding};
pub use super::differences::{compare, differences};
use crate::audit::normalise::normalise;
use crate::baseline::Baseline;

mod params;
mod request;
mod rights;

use params::CaseParams;
pub use rights::ORDINARY_VERBS;
use rights::Rights;

/// The namespace of every case; runners against a cluster choose their own.
pub const NAMESPACE: &str = "agents";

/// What came out of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What policies object to, whatever follows from it, in the form of expectations; sorted.
    pub findings: Vec<ExpectedFinding>,
    /// Per policy and binding that matched: what each validation said; empty where match conditions
    /// excluded the case.
    pub verdicts: Vec<(Arc<str>, Vec<Verdict>)>,
    /// What could not be evaluated, and why.
    pub not_evaluated: Vec<String>,
    /// The object after mutation; absent when the case has none.
    pub object: Option<Value>,
}

/// Runs a case.
///
/// # Errors
/// When the case itself is unusable: an unknown kind or operation, a broken baseline.
pub fn run(case: &Case, set: &PolicySet, default_baseline: &Value) -> Result<Outcome, String> {
    let mut baseline = default_baseline.clone();
    json_patch::merge(&mut baseline, &case.baseline);
    let baseline = Baseline::from_json(baseline.to_string()).map_err(|error| error.to_string())?;
    let arena = Bump::new();
    let params = CaseParams::new(case, baseline.as_params(&arena)?, &arena);
    let request = request::of(case, &arena)?;
    let context = Context {
        namespace: request::namespace(case, &request, &arena),
        params: &params,
        authorizer: &Rights(case),
    };
    let mutation = mutate(set, &request, &context, &|_| false, &arena);
    let evaluation = evaluate(set, &request, &context, &|_| false, &arena);
    let found = evaluation
        .policies
        .iter()
        .flat_map(|policy| &policy.findings);
    let (mut findings, mut not_evaluated) = (Vec::new(), Vec::new());
    for finding in found.chain(&mutation.failures) {
        match &finding.verdict {
            Verdict::NotEvaluated(why) => not_evaluated.push(format!("not evaluated: {why}")),
            _ => findings.push(expected_form(finding)),
        }
    }
    findings.sort();
    let verdicts = evaluation
        .policies
        .iter()
        .map(|policy| (policy.policy.clone(), policy.verdicts.clone()))
        .collect();
    let object = mutation
        .object
        .map(serde_json::to_value)
        .transpose()
        .map_err(|error| format!("the result cannot be printed: {error}"))?;
    Ok(Outcome {
        findings,
        verdicts,
        not_evaluated,
        object,
    })
}

/// The object that a mutation case must end with, as admission would see it.
pub fn expected_object(case: &Case, patch: &Value) -> Value {
    let mut object = case.object.clone().unwrap_or_default();
    json_patch::merge(&mut object, patch);
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("namespace".to_owned(), case.namespace().into());
    }
    normalised(&object)
}

/// The object with what the API server fills in.
pub fn normalised(object: &Value) -> Value {
    let arena = Bump::new();
    let object = arena.alloc(Json::from_serde(object, &arena));
    serde_json::to_value(normalise(object, &arena)).unwrap_or_default()
}

fn expected_form(finding: &Finding) -> ExpectedFinding {
    let path = finding.path.as_ref().filter(|path| !path.0.is_empty());
    let path = path.map(|path| match finding.root {
        Root::Object => path.to_string(),
        Root::OldObject => format!("{path} (before)"),
    });
    ExpectedFinding {
        path,
        message: finding.message.clone(),
    }
}

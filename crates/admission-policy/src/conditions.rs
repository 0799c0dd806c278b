//! `matchConditions`, as `pkg/admission/plugin/webhook/matchconditions/matcher.go` of
//! `k8s.io/apiserver` evaluates them.

use admission_cel::authorizer::Authorizer;
use bumpalo::Bump;

use crate::pass::{
    Budget, COST_BUDGET_MATCH_CONDITIONS, Failure, Inputs, KnownCondition, Memory, OutOfBudget,
    Pass,
};
use crate::set::compiled::Definition;

/// What the match conditions of a policy say about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conditions {
    /// All hold: go on.
    Hold,
    /// One does not: the policy says nothing.
    Exclude,
    /// They could not be evaluated. The request is then refused or, with `failurePolicy: Ignore`,
    /// the policy says nothing.
    Failed(Failure),
}

/// Evaluates the match conditions of a policy. A false one wins over errors, but not over running
/// out of budget: the API server evaluates all of them first.
pub fn match_conditions<'a>(
    definition: &'a Definition,
    inputs: &Inputs<'a>,
    memory: &'a Memory<'a>,
    authorizer: &dyn Authorizer,
    arena: &'a Bump,
) -> Conditions {
    if definition.conditions.is_empty() {
        return Conditions::Hold;
    }
    let inputs = inputs.without_namespace();
    let pass = Pass::new(&inputs, &[], memory, authorizer, arena);
    evaluate_all(definition, &pass, memory)
        .unwrap_or_else(|out_of_budget| Conditions::Failed(out_of_budget.into()))
}

fn evaluate_all<'a>(
    definition: &'a Definition,
    pass: &Pass<'a, '_>,
    memory: &Memory<'a>,
) -> Result<Conditions, OutOfBudget> {
    let mut budget = Budget::new(COST_BUDGET_MATCH_CONDITIONS);
    let mut excluded = false;
    let mut failures = Vec::new();
    for condition in &definition.conditions {
        if let Some(known) = memory.condition(condition.number) {
            budget.charge(known.cost)?;
            excluded |= known.excludes;
            continue;
        }
        let before = budget.remaining();
        match pass.evaluate(&condition.program, &mut budget)? {
            Ok(value) => {
                let known = KnownCondition {
                    excludes: value.as_bool() == Some(false),
                    cost: before - budget.remaining(),
                };
                memory.set_condition(condition.number, known);
                excluded |= known.excludes;
            }
            Err(failure) => failures.push(failure),
        }
    }
    Ok(match (excluded, aggregate(failures)) {
        (true, _) => Conditions::Exclude,
        (false, None) => Conditions::Hold,
        (false, Some(failure)) => Conditions::Failed(failure),
    })
}

/// Several failures as one, as `NewAggregate` of `k8s.io/apimachinery/pkg/util/errors` prints them.
fn aggregate(failures: Vec<Failure>) -> Option<Failure> {
    let mut errors: Vec<String> = Vec::new();
    let mut unknown = None;
    for failure in failures {
        match failure {
            Failure::Error(text) if errors.contains(&text) => {}
            Failure::Error(text) => errors.push(text),
            Failure::Unknown(why) => unknown = unknown.or(Some(why)),
        }
    }
    match (errors.len(), unknown) {
        (0, unknown) => unknown.map(Failure::Unknown),
        (1, _) => errors.pop().map(Failure::Error),
        _ => Some(Failure::Error(format!("[{}]", errors.join(", ")))),
    }
}

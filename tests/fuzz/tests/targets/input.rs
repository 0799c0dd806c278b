//! What expressions are evaluated over.

use admission_cel::authorizer::{Answer, Authorizer, Question};
use admission_cel::json::Json;
use admission_cel::program::{Activation, COST_MAX_PER_CALL, Evaluator, Program, VariableValue};
use admission_cel::value::Value;
use bumpalo::Bump;

/// Gives every variable the same value.
pub(crate) struct Inputs<'a>(pub(crate) &'a VariableValue<'a>);

impl<'a> Activation<'a> for Inputs<'a> {
    fn variable(&self, _slot: usize) -> Option<Value<'a>> {
        self.0.ok()
    }

    fn policy_variable(&self, _index: usize) -> (&'a VariableValue<'a>, u64) {
        (self.0, 1)
    }
}

struct Refuses;

impl Authorizer for Refuses {
    fn answer(&self, _question: &Question<'_>) -> Answer {
        Answer::Decided {
            allowed: false,
            reason: "no".to_owned(),
        }
    }
}

/// Evaluates and traces, and says what is wrong with the outcome.
pub(crate) fn evaluate(program: &Program, input: &serde_json::Value) -> Result<(), String> {
    let arena = Bump::new();
    let input = arena.alloc(Json::from_serde(input, &arena));
    let evaluator = Evaluator {
        arena: &arena,
        activation: &Inputs(arena.alloc(Ok(Value::Json(input)))),
        authorizer: &Refuses,
        cost_max: COST_MAX_PER_CALL,
    };
    let outcome = program.evaluate(&evaluator);
    let text = format!("{:?}", outcome.value);
    if let Err(error) = outcome.value {
        let _ = error.to_string();
    }
    program.trace(&evaluator);
    let again = program.evaluate(&evaluator);
    if again.cost != outcome.cost {
        return Err(format!(
            "cost {} at first, then {}",
            outcome.cost, again.cost
        ));
    }
    let text_again = format!("{:?}", again.value);
    // NaN and addresses are printed alike; everything else must be.
    if text.len() != text_again.len() {
        return Err(format!("{text} at first, then {text_again}"));
    }
    Ok(())
}

//! The variables of a question during one evaluation.

use std::cell::Cell;

use admission_cel::authorizer::Authorizer;
use admission_cel::error::EvaluationError;
use admission_cel::program::{Activation, COST_MAX_PER_CALL, Evaluator, Program};
use admission_cel::value::Value;
use bumpalo::Bump;

type Evaluated<'a> = Result<Value<'a>, EvaluationError<'a>>;

/// One of the `variables`, compiled.
pub(crate) struct Compiled {
    pub(crate) name: String,
    pub(crate) program: Program,
}

/// Values by slot, and `variables` that are evaluated on first use.
pub(crate) struct Inputs<'a, 's> {
    pub(crate) slots: Vec<Value<'a>>,
    pub(crate) variables: &'a [Compiled],
    pub(crate) known: Vec<Cell<Option<Evaluated<'a>>>>,
    pub(crate) authorizer: &'s dyn Authorizer,
    pub(crate) arena: &'a Bump,
}

impl<'a> Activation<'a> for Inputs<'a, '_> {
    fn variable(&self, slot: usize) -> Option<Value<'a>> {
        self.slots.get(slot).copied()
    }

    fn policy_variable(&self, index: usize) -> (Evaluated<'a>, u64) {
        let (Some(variable), Some(known)) = (self.variables.get(index), self.known.get(index))
        else {
            return (EvaluationError::no_such_overload(), 0);
        };
        if let Some(value) = known.get() {
            return (value, 0);
        }
        let outcome = variable.program.evaluate(&Evaluator {
            arena: self.arena,
            activation: self,
            authorizer: self.authorizer,
            cost_max: COST_MAX_PER_CALL,
        });
        let value = outcome.value.or_else(|error| {
            let name = &variable.name;
            EvaluationError::message(
                self.arena,
                format_args!("composited variable \"{name}\" fails to evaluate: {error}"),
            )
        });
        known.set(Some(value));
        (value, outcome.cost)
    }
}

//! One pass over the expressions of a policy: the values of variables, and the cost that is spent.
//!
//! The API server makes a new set of lazy `variables` for each pass (match conditions, validations,
//! messages, audit annotations, each mutation); `pkg/admission/plugin/cel/{activation,composition}.go`
//! of `k8s.io/apiserver`.

mod inputs;

use std::cell::{Cell, RefCell};

use admission_cel::authorizer::{Answer, Authorizer, Question};
use admission_cel::error::EvaluationError;
use admission_cel::program::{Activation, COST_MAX_PER_CALL, Evaluator, Location, Program};
use admission_cel::value::Value;
use bumpalo::Bump;

pub use inputs::{Input, Inputs, declare, unknown_namespace};

use crate::finding::Verdict;
use crate::set::compiled::Variable;

/// What one policy may spend on one binding and parameter object: `RuntimeCELCostBudget` of
/// `k8s.io/apiserver/pkg/apis/cel/config.go`.
pub const COST_BUDGET: u64 = 10_000_000;

/// What the match conditions of one policy may spend: `RuntimeCELCostBudgetMatchConditions` there.
pub const COST_BUDGET_MATCH_CONDITIONS: u64 = 2_500_000;

/// What is left of a cost budget.
#[derive(Clone, Copy, Debug)]
pub struct Budget(u64);

/// A budget is used up; nothing more is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "validation failed due to running out of cost budget, no further validation rules will be run"
)]
pub struct OutOfBudget;

impl Budget {
    /// A budget of this many cost units.
    pub fn new(units: u64) -> Self {
        Self(units)
    }

    /// What is left.
    pub fn remaining(self) -> u64 {
        self.0
    }

    fn charge(&mut self, cost: u64) -> Result<(), OutOfBudget> {
        self.0 = self.0.checked_sub(cost).ok_or(OutOfBudget)?;
        Ok(())
    }
}

/// An expression that gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The complete text of the error, as the API server words it.
    Error(String),
    /// Something it needs is unknown here: why, and how to supply it.
    Unknown(String),
}

impl From<Failure> for Verdict {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Error(text) => Verdict::Error(text),
            Failure::Unknown(why) => Verdict::NotEvaluated(why),
        }
    }
}

impl From<OutOfBudget> for Failure {
    fn from(error: OutOfBudget) -> Self {
        Failure::Error(error.to_string())
    }
}

/// Evaluates the expressions of one pass. `variables` are evaluated on first use and remembered.
pub struct Pass<'a, 's> {
    inputs: &'s Inputs<'a>,
    variables: &'a [Variable],
    values: &'a [Cell<Option<VariableValue<'a>>>],
    arena: &'a Bump,
    authorizer: &'s dyn Authorizer,
    has_authorizer: bool,
    unknowns: RefCell<Vec<Unknown>>,
}

type VariableValue<'a> = Result<Value<'a>, EvaluationError<'a>>;

/// Something that an expression asked for and nobody knows.
struct Unknown {
    /// What an error says that comes from it.
    mark: String,
    /// What the reader is told.
    why: String,
}

impl<'a, 's> Pass<'a, 's> {
    /// A pass over expressions that may use `variables`; without variables (match conditions) give
    /// none.
    pub fn new(
        inputs: &'s Inputs<'a>,
        variables: &'a [Variable],
        authorizer: &'s dyn Authorizer,
        arena: &'a Bump,
    ) -> Self {
        Self {
            inputs,
            variables,
            values: arena.alloc_slice_fill_with(variables.len(), |_| Cell::new(None)),
            arena,
            authorizer,
            has_authorizer: true,
            unknowns: RefCell::default(),
        }
    }

    /// The same, with `authorizer` left undefined: messages may not ask.
    pub fn without_authorizer(self) -> Self {
        Self {
            has_authorizer: false,
            ..self
        }
    }

    /// Evaluates one expression and charges what it and the variables that it read first cost.
    ///
    /// # Errors
    /// The budget does not cover the cost.
    pub fn evaluate(
        &self,
        program: &'a Program,
        budget: &mut Budget,
    ) -> Result<Result<Value<'a>, Failure>, OutOfBudget> {
        let outcome = program.evaluate(&self.evaluator());
        budget.charge(outcome.cost)?;
        Ok(outcome.value.map_err(|error| self.failure(program, error)))
    }

    /// The nodes of input objects that decided the value of an expression.
    pub fn trace(&self, program: &'a Program) -> Vec<Location<'a>> {
        program.trace(&self.evaluator())
    }

    fn evaluator(&self) -> Evaluator<'a, '_> {
        Evaluator {
            arena: self.arena,
            activation: self,
            authorizer: self,
            cost_max: COST_MAX_PER_CALL,
        }
    }

    #[cold]
    fn failure(&self, program: &Program, error: EvaluationError<'_>) -> Failure {
        let text = error.to_string();
        // An error of a remembered variable holds the text of what it came from.
        let unknowns = self.unknowns.borrow();
        match unknowns.iter().find(|unknown| text.contains(&unknown.mark)) {
            Some(unknown) => Failure::Unknown(unknown.why.clone()),
            None => Failure::Error(format!(
                "expression '{}' resulted in error: {text}",
                program.source()
            )),
        }
    }

    #[cold]
    fn note_unknown(&self, mark: String, why: String) {
        self.unknowns.borrow_mut().push(Unknown { mark, why });
    }
}

impl<'a> Activation<'a> for Pass<'a, '_> {
    fn variable(&self, slot: usize) -> Option<Value<'a>> {
        let input = self.inputs.slot(slot)?;
        if input.is_authorizer() && !self.has_authorizer {
            return None;
        }
        let value = self.inputs.value(input);
        if value.is_none() {
            let mark = EvaluationError::NoSuchAttribute(input.name()).to_string();
            self.note_unknown(mark, self.inputs.why_unknown());
        }
        value
    }

    fn policy_variable(&self, index: usize) -> (VariableValue<'a>, u64) {
        let (Some(variable), Some(value)) = (self.variables.get(index), self.values.get(index))
        else {
            return (Err(EvaluationError::NoSuchAttribute("variables")), 0);
        };
        if let Some(remembered) = value.get() {
            return (remembered, 0);
        }
        let outcome = variable.program.evaluate(&self.evaluator());
        let result = outcome.value.map_err(|error| {
            EvaluationError::Message(
                bumpalo::format!(
                    in self.arena,
                    "composited variable \"{}\" fails to evaluate: {}", variable.name, error
                )
                .into_bump_str(),
            )
        });
        value.set(Some(result));
        (result, outcome.cost)
    }

    fn policy_variable_program(&self, index: usize) -> Option<&'a Program> {
        self.variables.get(index).map(|variable| &variable.program)
    }
}

/// Answers as the caller's authorizer does, and notes what it cannot answer.
impl Authorizer for Pass<'_, '_> {
    fn answer(&self, question: &Question<'_>) -> Answer {
        match self.authorizer.answer(question) {
            Answer::Unavailable(why) => {
                let why = if why.is_empty() {
                    "no authorizer is available".to_owned()
                } else {
                    why
                };
                self.note_unknown(why.clone(), why.clone());
                Answer::Unavailable(why)
            }
            answer => answer,
        }
    }
}

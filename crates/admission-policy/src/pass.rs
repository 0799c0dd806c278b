//! One pass over the expressions of a policy: the values of variables, and the cost that is spent.
//!
//! The API server makes a new set of lazy `variables` for each pass (validations, messages, audit
//! annotations, each mutation); `pkg/admission/plugin/cel/{activation,composition}.go` of
//! `k8s.io/apiserver`. Here passes share the values, and each charges the cost.

mod inputs;
mod memory;

use std::cell::Cell;

use admission_cel::authorizer::{Answer, Authorizer, Question};
use admission_cel::error::EvaluationError;
use admission_cel::program::{
    Activation, COST_MAX_PER_CALL, Evaluator, Location, Program, VariableValue,
};
use admission_cel::value::Value;
use bumpalo::Bump;

use memory::Remembered;

pub(crate) use memory::KnownCondition;
pub use memory::{Memories, Memory};

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

    /// Spends.
    ///
    /// # Errors
    /// It does not cover the cost.
    pub fn charge(&mut self, cost: u64) -> Result<(), OutOfBudget> {
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
    memory: &'a Memory<'a>,
    /// Which variables this pass has read, by number.
    charged: &'a [Cell<bool>],
    /// Variables that this pass knows and others do not, by index.
    own: &'a [Cell<Option<&'a VariableValue<'a>>>],
    arena: &'a Bump,
    authorizer: &'s dyn Authorizer,
    has_authorizer: bool,
}

impl<'a, 's> Pass<'a, 's> {
    /// A pass over expressions that may use `variables`; without variables (match conditions) give
    /// none. The memory is that of the object and parameters of the inputs.
    pub fn new(
        inputs: &'s Inputs<'a>,
        variables: &'a [Variable],
        memory: &'a Memory<'a>,
        authorizer: &'s dyn Authorizer,
        arena: &'a Bump,
    ) -> Self {
        let numbers = match variables {
            [] => 0,
            _ => memory.variables(),
        };
        Self {
            inputs,
            variables,
            memory,
            charged: arena.alloc_slice_fill_with(numbers, |_| Cell::new(false)),
            own: &[],
            arena,
            authorizer,
            has_authorizer: true,
        }
    }

    /// Another pass over the same inputs. It costs what it would cost if nothing were known yet.
    pub fn again(&self) -> Self {
        let numbers = self.charged.len();
        Self {
            charged: self
                .arena
                .alloc_slice_fill_with(numbers, |_| Cell::new(false)),
            ..*self
        }
    }

    /// Another pass over the same inputs that may not ask the authorizer: that of messages.
    pub fn again_without_authorizer(&self) -> Self {
        let variables = self.variables.len();
        Self {
            own: self
                .arena
                .alloc_slice_fill_with(variables, |_| Cell::new(None)),
            has_authorizer: false,
            ..self.again()
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

    /// The same where it does not matter why there is no value.
    ///
    /// # Errors
    /// The budget does not cover the cost.
    pub fn value(
        &self,
        program: &'a Program,
        budget: &mut Budget,
    ) -> Result<Option<Value<'a>>, OutOfBudget> {
        let outcome = program.evaluate(&self.evaluator());
        budget.charge(outcome.cost)?;
        Ok(outcome.value.ok())
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
        match self.memory.unknown_in(&text) {
            Some(unknown) => Failure::Unknown(unknown.why.to_owned()),
            None => Failure::Error(format!(
                "expression '{}' resulted in error: {text}",
                program.source()
            )),
        }
    }

    /// Evaluates a variable and remembers it: for all passes, unless it depends on an authorizer
    /// that this pass does not have.
    fn evaluate_variable(
        &self,
        index: usize,
        variable: &'a Variable,
    ) -> (&'a VariableValue<'a>, u64) {
        self.guard(index, variable);
        let (outcome, reading) = self
            .memory
            .read_by(|| variable.program.evaluate(&self.evaluator()));
        let value = outcome.value.map_err(|error| {
            EvaluationError::Message(
                bumpalo::format!(
                    in self.arena,
                    "composited variable \"{}\" fails to evaluate: {}", variable.name, error
                )
                .into_bump_str(),
            )
        });
        if reading.authorizer {
            self.memory.note_authorizer();
        }
        let value = match self.own.get(index) {
            Some(own) if reading.authorizer => {
                let value = &*self.arena.alloc(value);
                own.set(Some(value));
                value
            }
            own => {
                if let Some(own) = own {
                    own.set(None);
                }
                let remembered = Remembered {
                    value,
                    own_cost: outcome.cost.saturating_sub(outcome.variables_cost),
                    reading,
                };
                let remembered = self.arena.alloc(remembered);
                self.memory.set(variable.number, remembered);
                &remembered.value
            }
        };
        (value, outcome.cost)
    }

    /// Gives a variable an error for as long as it is being evaluated. By a computed name it can read
    /// itself, on which an API server would recurse until its stack is used up.
    fn guard(&self, index: usize, variable: &Variable) {
        // By name it can read only those before it.
        if variable.program.policy_variables().is_some() {
            return;
        }
        match self.own.get(index) {
            Some(own) => own.set(Some(&Remembered::READS_ITSELF.value)),
            None => self.memory.set(variable.number, &Remembered::READS_ITSELF),
        }
    }

    /// What a remembered variable costs in this pass: nothing if it was read before.
    fn charge_remembered(&self, number: usize, remembered: &Remembered<'a>) -> u64 {
        if self
            .charged
            .get(number)
            .is_none_or(|flag| flag.replace(true))
        {
            return 0;
        }
        remembered
            .reading
            .variables()
            .filter_map(|read| Some((read, self.memory.get(read)?)))
            .fold(remembered.own_cost, |cost, (read, remembered)| {
                cost.saturating_add(self.charge_remembered(read, remembered))
            })
    }
}

impl<'a> Activation<'a> for Pass<'a, '_> {
    fn variable(&self, slot: usize) -> Option<Value<'a>> {
        let input = self.inputs.slot(slot)?;
        if input.is_authorizer() {
            self.memory.note_authorizer();
            if !self.has_authorizer {
                return None;
            }
        }
        let value = self.inputs.value(input);
        if value.is_none() {
            let mark = EvaluationError::NoSuchAttribute(input.name()).to_string();
            self.memory
                .note_unknown(&mark, &self.inputs.why_unknown(input), self.arena);
        }
        value
    }

    fn policy_variable(&self, index: usize) -> (&'a VariableValue<'a>, u64) {
        let Some(variable) = self.variables.get(index) else {
            return (&Err(EvaluationError::NoSuchAttribute("variables")), 0);
        };
        self.memory.note_variable(variable.number, self.arena);
        if let Some(value) = self.own.get(index).and_then(Cell::get) {
            self.memory.note_authorizer();
            return (value, 0);
        }
        match self.memory.get(variable.number) {
            Some(remembered) if self.has_authorizer || !remembered.reading.authorizer => {
                if remembered.reading.authorizer {
                    self.memory.note_authorizer();
                }
                let cost = self.charge_remembered(variable.number, remembered);
                (&remembered.value, cost)
            }
            _ => {
                if let Some(flag) = self.charged.get(variable.number) {
                    flag.set(true);
                }
                self.evaluate_variable(index, variable)
            }
        }
    }

    fn policy_variable_program(&self, index: usize) -> Option<&'a Program> {
        self.variables.get(index).map(|variable| &variable.program)
    }

    fn policy_variable_name(&self, index: usize) -> Option<&str> {
        self.variables
            .get(index)
            .map(|variable| variable.name.as_str())
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
                self.memory.note_unknown(&why, &why, self.arena);
                Answer::Unavailable(why)
            }
            answer => answer,
        }
    }
}

#[cfg(test)]
mod tests;

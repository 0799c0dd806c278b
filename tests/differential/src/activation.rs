//! The variables of a question during one evaluation.

use std::cell::{Cell, RefCell};

use admission_cel::authorizer::Authorizer;
use admission_cel::error::EvaluationError;
use admission_cel::program::{Activation, COST_MAX_PER_CALL, Evaluator, Program, VariableValue};
use admission_cel::value::Value;
use bumpalo::Bump;
use fastrand::Rng;

/// One of the `variables`, compiled.
pub(crate) struct Compiled {
    pub(crate) name: String,
    pub(crate) program: Program,
}

/// Values by slot, and `variables` that are evaluated on first use.
pub(crate) struct Inputs<'a, 's> {
    pub(crate) slots: Vec<Value<'a>>,
    pub(crate) variables: &'a [Compiled],
    pub(crate) known: Vec<Cell<Option<&'a VariableValue<'a>>>>,
    pub(crate) authorizer: &'s dyn Authorizer,
    pub(crate) arena: &'a Bump,
    pub(crate) orders: &'s Orders,
}

/// In which order the entries of maps are visited.
pub(crate) struct Orders {
    /// None for the order in which they were written.
    random: Option<RefCell<Rng>>,
    /// Whether the random orders are rotations.
    rotate: bool,
    /// Whether it mattered: a map of several entries was visited.
    pub(crate) matter: Cell<bool>,
}

impl Orders {
    /// The order in which entries were written.
    pub(crate) fn written() -> Self {
        Self {
            random: None,
            rotate: false,
            matter: Cell::new(false),
        }
    }

    /// An order for each visit, the same ones for the same seed. Every other seed gives rotations,
    /// which is what Go makes of small maps; for the rest anything goes.
    pub(crate) fn random(seed: u64) -> Self {
        Self {
            random: Some(RefCell::new(Rng::with_seed(seed))),
            rotate: seed.is_multiple_of(2),
            ..Self::written()
        }
    }

    fn next<'a>(&self, length: usize, arena: &'a Bump) -> Option<&'a [usize]> {
        if length > 1 {
            self.matter.set(true);
        }
        let mut random = self.random.as_ref()?.borrow_mut();
        let places = arena.alloc_slice_fill_iter(0..length);
        if self.rotate {
            places.rotate_left(random.usize(..length.max(1)));
        } else {
            random.shuffle(places);
        }
        Some(places)
    }
}

impl<'a> Activation<'a> for Inputs<'a, '_> {
    fn variable(&self, slot: usize) -> Option<Value<'a>> {
        self.slots.get(slot).copied()
    }

    fn policy_variable(&self, index: usize) -> (&'a VariableValue<'a>, u64) {
        let (Some(variable), Some(known)) = (self.variables.get(index), self.known.get(index))
        else {
            return (&Err(EvaluationError::NoSuchOverload), 0);
        };
        if let Some(value) = known.get() {
            return (value, 0);
        }
        // It can read itself.
        known.set(Some(&Err(EvaluationError::Message(
            "a variable cannot read itself",
        ))));
        let outcome = variable.program.evaluate(&Evaluator {
            arena: self.arena,
            activation: self,
            authorizer: self.authorizer,
            cost_max: COST_MAX_PER_CALL,
        });
        let value: &VariableValue<'a> = self.arena.alloc(outcome.value.or_else(|error| {
            let name = &variable.name;
            EvaluationError::message(
                self.arena,
                format_args!("composited variable \"{name}\" fails to evaluate: {error}"),
            )
        }));
        known.set(Some(value));
        (value, outcome.cost)
    }

    fn policy_variable_name(&self, index: usize) -> Option<&str> {
        self.variables
            .get(index)
            .map(|variable| variable.name.as_str())
    }

    fn entry_order(&self, length: usize) -> Option<&'a [usize]> {
        self.orders.next(length, self.arena)
    }
}

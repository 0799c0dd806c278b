//! Evaluation of compiled programs, after cel-go's `interpreter` package.
//!
//! The interpreter walks the executable form once, over borrowed values; nothing is allocated
//! unless the expression builds a value. Costs are charged as cel-go's observers count them, also
//! for parts whose errors are absorbed.

use bumpalo::Bump;

use crate::compile::node::Node;
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::program::{Evaluator, Outcome, Program};
use crate::value::Value;

mod access;
mod calls;
pub mod compare;
mod construct;
pub mod cost;
mod dispatch;
mod display;
pub mod equality;
mod insertion;
mod key;
mod logic;
mod macros;
mod optionals;
mod panics;
mod range;
mod walk;

pub(crate) use dispatch::{apply, is_comparison, is_uniform};
pub(crate) use key::Key;
pub(crate) use panics::may_panic;
pub(crate) use range::Items;

use cost::CostMeter;

/// A value or an error of the evaluation.
pub(crate) type Evaluated<'a> = Result<Value<'a>, EvaluationError<'a>>;

/// A result that may be an error to absorb; an error that nothing absorbs is the outer one.
pub(crate) type Attempt<'a, T> = Result<Result<T, EvaluationError<'a>>, EvaluationError<'a>>;

/// Tells errors that may be absorbed from those that end the evaluation.
pub(crate) fn attempt<'a, T>(result: Result<T, EvaluationError<'a>>) -> Attempt<'a, T> {
    match result {
        Err(error) if error.is_final() => Err(error),
        other => Ok(other),
    }
}

/// Whether a result ends the evaluation.
#[inline]
pub(crate) fn ends(result: &Evaluated<'_>) -> bool {
    matches!(result, Err(error) if error.is_final())
}

/// How many macro variables in scope at once need no allocation.
const LOCALS_INLINE: usize = 8;

/// A macro's variable.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local<'a> {
    pub value: Value<'a>,
    /// What the first reading costs in addition: cel-go evaluates the value of an `optMap`
    /// variable when it is first needed.
    pub pending_cost: u64,
}

impl Local<'_> {
    const EMPTY: Self = Self {
        value: Value::Null,
        pending_cost: 0,
    };
}

/// The state of one evaluation.
pub(crate) struct Interpreter<'a, 's> {
    pub evaluator: &'s Evaluator<'a, 's>,
    pub locals: &'s mut [Local<'a>],
    pub meter: CostMeter,
    /// What policy variables cost that were evaluated on the way; not limited by `meter`.
    pub variables_cost: u64,
}

impl Program {
    /// Evaluates the expression.
    pub fn evaluate<'a>(&'a self, evaluator: &Evaluator<'a, '_>) -> Outcome<'a> {
        with_interpreter(self, evaluator, evaluator.cost_max, |interpreter| {
            let value = interpreter.eval(&self.root);
            let variables_cost = interpreter.variables_cost;
            Outcome {
                value,
                cost: interpreter.meter.spent().saturating_add(variables_cost),
                variables_cost,
            }
        })
    }
}

/// Runs something with a fresh interpreter.
pub(crate) fn with_interpreter<'a, T>(
    program: &'a Program,
    evaluator: &Evaluator<'a, '_>,
    cost_max: u64,
    run: impl FnOnce(&mut Interpreter<'a, '_>) -> T,
) -> T {
    if program.locals == 0 {
        return with_locals(evaluator, cost_max, &mut [], run);
    }
    let mut inline = [Local::EMPTY; LOCALS_INLINE];
    let locals = match inline.get_mut(..program.locals) {
        Some(locals) => locals,
        None => evaluator
            .arena
            .alloc_slice_fill_copy(program.locals, Local::EMPTY),
    };
    with_locals(evaluator, cost_max, locals, run)
}

fn with_locals<'a, T>(
    evaluator: &Evaluator<'a, '_>,
    cost_max: u64,
    locals: &mut [Local<'a>],
    run: impl FnOnce(&mut Interpreter<'a, '_>) -> T,
) -> T {
    run(&mut Interpreter {
        evaluator,
        locals,
        meter: CostMeter::new(cost_max),
        variables_cost: 0,
    })
}

impl<'a, 's> Interpreter<'a, 's> {
    pub fn arena(&self) -> &'a Bump {
        self.evaluator.arena
    }

    pub fn scope(&self) -> Scope<'a, 's> {
        Scope {
            arena: self.evaluator.arena,
            authorizer: self.evaluator.authorizer,
            regex: None,
        }
    }

    /// Evaluates a node. What the kinds of nodes do is kept out of here, so that this is a jump: their
    /// results go where they are wanted without being copied.
    pub fn eval(&mut self, node: &'a Node) -> Evaluated<'a> {
        match node {
            Node::Constant(constant) => Ok(constant.value()),
            Node::Attribute(attribute) => self.attribute(attribute),
            Node::Has(has) => self.has(has),
            Node::Not(operand) => self.not(operand),
            Node::And(terms) => self.connective(terms, false),
            Node::Or(terms) => self.connective(terms, true),
            Node::Equality(equality) => self.equality(equality),
            Node::Membership(membership) => self.membership(membership),
            Node::Alternative(alternative) => self.alternative(alternative),
            Node::HasValue(optional) => self.has_value(optional),
            Node::Call(call) => self.call(call),
            Node::List(elements) => self.list(elements),
            Node::Map(entries) => self.map(entries),
            Node::Struct(object) => self.structure(object),
            Node::Quantifier(quantifier) => self.quantifier(quantifier),
            Node::ListMacro(list) => self.list_macro(list),
            Node::MapMacro(map) => self.map_macro(map),
            Node::OptionalMacro(optional) => self.optional_macro(optional),
            Node::SortBy(sort) => self.sort_by(sort),
        }
    }

    /// Evaluates a node whose error may be absorbed.
    pub fn attempt(&mut self, node: &'a Node) -> Attempt<'a, Value<'a>> {
        attempt(self.eval(node))
    }

    /// Charges, and gives the result unless that passes the limit. What ends the evaluation ends
    /// the count.
    pub fn charged(&mut self, cost: u64, result: Evaluated<'a>) -> Evaluated<'a> {
        let result = attempt(result)?;
        self.meter.charge(cost)?;
        result
    }

    pub fn set_local(&mut self, slot: usize, value: Value<'a>) {
        self.set_local_with_cost(slot, value, 0);
    }

    pub fn set_local_with_cost(&mut self, slot: usize, value: Value<'a>, pending_cost: u64) {
        if let Some(local) = self.locals.get_mut(slot) {
            *local = Local {
                value,
                pending_cost,
            };
        }
    }
}

#[cfg(test)]
mod tests;

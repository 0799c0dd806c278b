//! A compiled expression and its evaluation.

use bumpalo::Bump;

use crate::authorizer::Authorizer;
use crate::compile::node::Node;
use crate::error::EvaluationError;
use crate::json::Json;
use crate::types::Type;
use crate::value::Value;

/// The limit on the actual cost of one expression, `PerCallLimit` of
/// `k8s.io/apiserver/pkg/apis/cel/config.go`.
pub const COST_MAX_PER_CALL: u64 = 1_000_000;

/// A compiled expression. Immutable, `Send` and `Sync`; evaluated any number of times.
#[derive(Debug)]
pub struct Program {
    pub(crate) source: String,
    pub(crate) result_type: Type,
    pub(crate) root: Node,
    /// How many macro variables are in scope at once, at most.
    pub(crate) locals: usize,
    /// The policy variables that it names, unless it takes `variables` as a whole.
    pub(crate) policy_variables: Option<Box<[usize]>>,
}

/// A variable's value, or its error.
pub type VariableValue<'a> = Result<Value<'a>, EvaluationError<'a>>;

/// The values of variables during one evaluation.
pub trait Activation<'a> {
    /// The value of the variable in `slot`; `None` when it has none (`no such attribute(s)`).
    fn variable(&self, slot: usize) -> Option<Value<'a>>;

    /// The value of `variables.<name>` by index, evaluated on first use; and what that first use
    /// cost (0 afterwards).
    fn policy_variable(&self, index: usize) -> (&'a VariableValue<'a>, u64);

    /// The program of `variables.<name>` by index. With it, [`Program::trace`] looks into a
    /// variable that decided an outcome; without it, only at its value.
    fn policy_variable_program(&self, _index: usize) -> Option<&'a Program> {
        None
    }

    /// The name of a policy variable by index; `None` beyond the last. All variables of a policy
    /// have one, also those that are declared after the one that is being evaluated: an expression
    /// can ask for any by a computed name (`dyn(variables)[…]`) or go through them.
    fn policy_variable_name(&self, _index: usize) -> Option<&str> {
        None
    }

    /// In which order macros visit the entries of a map of this length: the positions of a
    /// permutation, or `None` for the order in which they were written. Go's order is random, so
    /// that each answer which some order gives is one that an API server may give.
    fn entry_order(&self, _length: usize) -> Option<&'a [usize]> {
        None
    }
}

/// The policy variables, by index.
pub(crate) fn policy_variables<'s>(
    activation: &'s dyn Activation<'_>,
) -> impl Iterator<Item = (usize, &'s str)> {
    (0..).map_while(|index| Some((index, activation.policy_variable_name(index)?)))
}

/// What an evaluation needs besides the program.
#[derive(Clone, Copy)]
pub struct Evaluator<'a, 's> {
    /// Where values are allocated.
    pub arena: &'a Bump,
    /// The variables.
    pub activation: &'s dyn Activation<'a>,
    /// Answers `authorizer` questions.
    pub authorizer: &'s dyn Authorizer,
    /// Stop when the expression's own cost passes this, usually [`COST_MAX_PER_CALL`] or what is
    /// left of a budget if that is less. Policy variables have a limit of their own, as in
    /// `k8s.io/apiserver/pkg/admission/plugin/cel/composition.go`.
    pub cost_max: u64,
}

/// What an evaluation gave.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// The value, or why there is none.
    pub value: Result<Value<'a>, EvaluationError<'a>>,
    /// The actual cost, of lazily evaluated policy variables too.
    pub cost: u64,
    /// How much of `cost` the policy variables took.
    pub variables_cost: u64,
}

/// A node of an input object that decided an outcome.
#[derive(Clone, Copy, Debug)]
pub struct Location<'a> {
    /// The node.
    pub node: &'a Json<'a>,
    /// Set when what decided is the absence of this key in `node`.
    pub missing: Option<&'a str>,
}

impl Program {
    /// The expression as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The policy variables that it can read, by index; `None` when it can read any, because it takes
    /// `variables` as a whole or by a computed name.
    pub fn policy_variables(&self) -> Option<&[usize]> {
        self.policy_variables.as_deref()
    }

    /// The type of its result.
    pub fn result_type(&self) -> &Type {
        &self.result_type
    }
}

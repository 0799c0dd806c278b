//! A compiled expression and its evaluation.

use bumpalo::Bump;

use crate::authorizer::Authorizer;
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
}

/// The values of variables during one evaluation.
pub trait Activation<'a> {
    /// The value of the variable in `slot`; `None` when it has none (`no such attribute(s)`).
    fn variable(&self, slot: usize) -> Option<Value<'a>>;

    /// The value of `variables.<name>` by index, evaluated on first use; and what that first use
    /// cost (0 afterwards).
    fn policy_variable(&self, index: usize) -> (Result<Value<'a>, EvaluationError<'a>>, u64);
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
    /// Stop when the actual cost passes this, usually [`COST_MAX_PER_CALL`] or what is left of a
    /// budget if that is less.
    pub cost_max: u64,
}

/// What an evaluation gave.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// The value, or why there is none.
    pub value: Result<Value<'a>, EvaluationError<'a>>,
    /// The actual cost, of lazily evaluated policy variables too.
    pub cost: u64,
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

    /// The type of its result.
    pub fn result_type(&self) -> &Type {
        &self.result_type
    }

    /// Evaluates the expression.
    pub fn evaluate<'a>(&'a self, _evaluator: &Evaluator<'a, '_>) -> Outcome<'a> {
        Outcome {
            value: EvaluationError::no_such_overload(),
            cost: 0,
        }
    }

    /// Evaluates the expression again, after it was `false` or failed, and says which nodes of the
    /// input objects decided that, one per offender: the elements for which an `all` was false, the
    /// elements for which a negated `exists` was true, the field that was compared or whose absence
    /// counted. Empty when nothing of an input object took part.
    pub fn trace<'a>(&'a self, _evaluator: &Evaluator<'a, '_>) -> Vec<Location<'a>> {
        Vec::new()
    }
}

//! The shape of the overload table that checker, cost and evaluator share.
//!
//! Every function and operator of the dialect is one or more [`Overload`]s, declared beside their
//! implementation in `library/<name>.rs`; [`crate::library::ALL`] lists the tables. Identifiers are
//! cel-go's overload ids (`common/overloads/overloads.go`, `pkg/cel/library` of `k8s.io/apiserver`).

use bumpalo::Bump;

use crate::error::EvaluationError;
use crate::types::TypeSpec;
use crate::value::Value;

/// One overload of a function.
#[derive(Clone, Copy, Debug)]
pub struct Overload {
    /// cel-go's overload id.
    pub id: &'static str,
    /// The function's name, or the operator's symbol (`_+_`).
    pub function: &'static str,
    /// Whether it is called on a receiver; the receiver is then the first parameter.
    pub member: bool,
    /// Types of the arguments, receiver included.
    pub parameters: &'static [TypeSpec],
    /// Type of the result.
    pub result: TypeSpec,
    /// The Kubernetes minor version (1.x) whose API server first has it.
    pub since_minor: u8,
    /// What a call costs.
    pub cost: Cost,
    /// What a call does.
    pub call: Call,
}

/// The actual cost of a call, as `k8s.io/apiserver/pkg/cel/library/cost.go` and cel-go's
/// `interpreter/runtimecost.go` count it. The cost of the arguments is not included.
#[derive(Clone, Copy, Debug)]
pub enum Cost {
    /// The same for every call; 1 for most functions.
    Fixed(u64),
    /// Depends on the arguments and, when the call succeeded, its result. Counted by function name,
    /// so it is charged whether or not the checker could tell which overload is called.
    Computed(CostFunction),
    /// Counted by overload id, which cel-go knows only when the checker was left with exactly one
    /// overload: not for arguments of type `dyn` that fit several.
    PerOverload {
        /// When the checker was left with this overload alone.
        resolved: CostFunction,
        /// When it was left with several.
        unresolved: CostFunction,
    },
}

/// Counts a call from its arguments and, when it succeeded, its result.
pub type CostFunction = for<'a> fn(arguments: &[Value<'a>], result: Option<Value<'a>>) -> u64;

impl Cost {
    /// What a call costs. `resolved` says whether the checker was left with one overload.
    pub fn of<'a>(self, resolved: bool, arguments: &[Value<'a>], result: Option<Value<'a>>) -> u64 {
        match self {
            Cost::Fixed(cost) => cost,
            Cost::Computed(count) => count(arguments, result),
            Cost::PerOverload {
                resolved: count, ..
            } if resolved => count(arguments, result),
            Cost::PerOverload { unresolved, .. } => unresolved(arguments, result),
        }
    }
}

/// How a call is carried out.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    /// An ordinary, strict function. It may be called with arguments of other types when the
    /// checker saw `dyn`; the evaluator then picks the overload by the arguments' run-time types,
    /// so a function that still meets an unexpected argument returns
    /// [`EvaluationError::no_such_overload`].
    Function(Implementation),
    /// Carried out by the evaluator itself because it is not strict or needs the compiled
    /// arguments: `_&&_`, `_||_`, `_?_:_`, `_[_]`, `_[?_]`, `_?._`, `_==_`, `_!=_`, `@in`, `or`,
    /// `orValue`, ….
    Intrinsic,
}

/// Carries out a call.
pub type Implementation = for<'a> fn(
    scope: Scope<'a, '_>,
    arguments: &[Value<'a>],
) -> Result<Value<'a>, EvaluationError<'a>>;

/// What functions may use besides their arguments.
#[derive(Clone, Copy)]
pub struct Scope<'a, 's> {
    /// Where results are allocated.
    pub arena: &'a Bump,
    /// Answers authorization questions.
    pub authorizer: &'s dyn crate::authorizer::Authorizer,
    /// The compiled form of a literal pattern argument, when the compiler made one.
    pub regex: Option<&'s crate::library::regex::Pattern>,
}

/// An overload of a global function or operator, present in every version, of cost 1.
pub const fn function(
    id: &'static str,
    function: &'static str,
    parameters: &'static [TypeSpec],
    result: TypeSpec,
    implementation: Implementation,
) -> Overload {
    Overload {
        id,
        function,
        member: false,
        parameters,
        result,
        since_minor: 0,
        cost: Cost::Fixed(1),
        call: Call::Function(implementation),
    }
}

/// An overload called on a receiver, present in every version, of cost 1.
pub const fn method(
    id: &'static str,
    name: &'static str,
    parameters: &'static [TypeSpec],
    result: TypeSpec,
    implementation: Implementation,
) -> Overload {
    function(id, name, parameters, result, implementation).on_receiver()
}

/// An overload of a global function or operator that the evaluator carries out itself.
pub const fn intrinsic(
    id: &'static str,
    function: &'static str,
    parameters: &'static [TypeSpec],
    result: TypeSpec,
) -> Overload {
    Overload {
        id,
        function,
        member: false,
        parameters,
        result,
        since_minor: 0,
        cost: Cost::Fixed(1),
        call: Call::Intrinsic,
    }
}

impl Overload {
    /// The same, called on a receiver.
    pub const fn on_receiver(self) -> Self {
        Self {
            member: true,
            ..self
        }
    }

    /// The same, first in Kubernetes 1.`minor`.
    pub const fn since(self, minor: u8) -> Self {
        Self {
            since_minor: minor,
            ..self
        }
    }

    /// The same, of another cost.
    pub const fn costing(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }
}

//! Calls of library functions: their arguments and cost.

use super::dispatch::{accepts, apply, is_dispatched_by_operand, only_result};
use super::panics::counting_panics;
use super::walk::End;
use super::{Attempt, Evaluated, Interpreter};
use crate::compile::node::{Call, Candidates, Node};
use crate::error::EvaluationError;
use crate::overload::{Call as Implementation, Scope};
use crate::value::Value;

/// How many arguments need no allocation; only `format`-like functions could have more.
const ARGUMENTS_INLINE: usize = 4;

impl<'a> Interpreter<'a, '_> {
    pub fn call(&mut self, call: &'a Call) -> Evaluated<'a> {
        let mut inline = [Value::Null; ARGUMENTS_INLINE];
        let arguments = match inline.get_mut(..call.arguments.len()) {
            Some(arguments) => arguments,
            None => self
                .arena()
                .alloc_slice_fill_copy(call.arguments.len(), Value::Null),
        };
        self.arguments(call, arguments)??;
        let scope = Scope {
            regex: call.pattern.as_ref(),
            ..self.scope()
        };
        if call.may_panic
            && let Some(error) = counting_panics(
                self.arena(),
                call.function,
                &call.candidates,
                arguments,
                None,
            )
        {
            return Err(error);
        }
        // Nearly every call of a policy is of the one overload that the checker left.
        let only = match &call.candidates {
            Candidates::Certain(overload) => Some(*overload),
            Candidates::One(overload) => accepts(overload, arguments).then_some(*overload),
            Candidates::Several(_) => None,
        };
        if let Some(overload) = only
            && let Implementation::Function(implementation) = overload.call
        {
            let result = implementation(scope, arguments);
            if let Ok(value) = result {
                let cost = overload.cost.of(true, arguments, Some(value));
                self.meter.charge(cost)?;
                return result;
            }
            let (result, cost) = only_result(call.function, overload, scope, arguments, result);
            return self.called(cost, result);
        }
        let (result, cost) = apply(call.function, &call.candidates, scope, arguments);
        self.called(cost, result)
    }

    /// Charges for a call. One that was refused for what it would cost has cost that.
    fn called(&mut self, cost: u64, result: Evaluated<'a>) -> Evaluated<'a> {
        if let Err(EvaluationError::CostLimitExceeded) = result {
            self.meter.exceed();
        }
        self.charged(cost, result)
    }

    /// Evaluates the arguments in order. After a failing one, cel-go still evaluates the other of
    /// two, and charges for the call when all were evaluated (`evalUnary`, `evalBinary`,
    /// `evalVarArgs`).
    fn arguments(&mut self, call: &'a Call, arguments: &mut [Value<'a>]) -> Attempt<'a, ()> {
        let stops_at_error = || {
            call.arguments.len() > 2
                || call.pattern.is_some()
                || (matches!(call.candidates, Candidates::Several(_))
                    && !is_dispatched_by_operand(call.function))
        };
        let last = call.arguments.len().saturating_sub(1);
        let (mut failed, mut last_failed) = (None, None);
        for (position, (argument, slot)) in call.arguments.iter().zip(&mut *arguments).enumerate() {
            match self.argument(argument, slot) {
                Ok(()) => {}
                Err(error) if error.is_final() => return Err(error),
                Err(error) => {
                    failed = failed.or(Some(error));
                    last_failed = Some(position);
                    if stops_at_error() && position < last {
                        return Ok(Err(error));
                    }
                }
            }
        }
        let Some(error) = failed else {
            return Ok(Ok(()));
        };
        if let Some(panic) = counting_panics(
            self.arena(),
            call.function,
            &call.candidates,
            arguments,
            last_failed,
        ) {
            return Err(panic);
        }
        let cost = call.candidates.nominal_cost(arguments);
        self.meter.charge(cost)?;
        Ok(Err(error))
    }

    /// Evaluates an argument to where it is needed: fields and constants without a detour.
    #[inline]
    fn argument(
        &mut self,
        node: &'a Node,
        slot: &mut Value<'a>,
    ) -> Result<(), EvaluationError<'a>> {
        match node {
            Node::Constant(constant) => *slot = constant.value(),
            Node::Attribute(attribute) => {
                let walk = self.walk(attribute);
                if walk.end == End::Node {
                    self.meter.charge_steps(walk.steps + 1)?;
                    *slot = Value::Json(walk.node);
                } else {
                    *slot = self.attribute(attribute)?;
                }
            }
            _ => *slot = self.eval(node)?,
        }
        Ok(())
    }
}

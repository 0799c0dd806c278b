//! Calls of library functions: their arguments and cost.

use super::dispatch::{accepts, apply, is_dispatched_by_operand, only_result};
use super::panics::counting_panics;
use super::{Evaluated, Interpreter};
use crate::compile::node::{Call, Candidates};
use crate::error::EvaluationError;
use crate::overload::{Call as Implementation, Scope};
use crate::value::Value;

impl<'a> Interpreter<'a, '_> {
    #[inline(never)]
    pub fn call(&mut self, call: &'a Call) -> Evaluated<'a> {
        match &*call.arguments {
            [argument] => match self.eval(argument) {
                Ok(argument) => self.carry_out(call, &[argument]),
                Err(error) => self.failed_argument(call, &mut [Value::Null], 0, error),
            },
            [left, right] => match self.eval(left) {
                Ok(left) => match self.eval(right) {
                    Ok(right) => self.carry_out(call, &[left, right]),
                    Err(error) => self.failed_argument(call, &mut [left, Value::Null], 1, error),
                },
                Err(error) => self.failed_argument(call, &mut [Value::Null; 2], 0, error),
            },
            nodes => {
                let arguments = self.arena().alloc_slice_fill_copy(nodes.len(), Value::Null);
                for (position, node) in nodes.iter().enumerate() {
                    match (self.eval(node), arguments.get_mut(position)) {
                        (Ok(value), Some(argument)) => *argument = value,
                        (Ok(_), None) => {}
                        (Err(error), _) => {
                            return self.failed_argument(call, arguments, position, error);
                        }
                    }
                }
                self.carry_out(call, arguments)
            }
        }
    }

    fn carry_out(&mut self, call: &'a Call, arguments: &[Value<'a>]) -> Evaluated<'a> {
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
        // Nearly every call of a policy is of the one overload that the checker left, or of an
        // operator that looks at its operands itself.
        let (only, is_resolved) = match &call.candidates {
            Candidates::Certain(overload) => (Some(*overload), true),
            Candidates::One(overload) => (
                (call.is_uniform || accepts(overload, arguments)).then_some(*overload),
                true,
            ),
            Candidates::Several(overloads) => (
                overloads.first().copied().filter(|_| call.is_uniform),
                false,
            ),
        };
        if let Some(overload) = only
            && let Implementation::Function(implementation) = overload.call
        {
            let result = implementation(scope, arguments);
            if let Ok(value) = result {
                let cost = overload.cost.of(is_resolved, arguments, Some(value));
                self.meter.charge(cost)?;
                return result;
            }
            if is_resolved {
                let (result, cost) = only_result(call.function, overload, scope, arguments, result);
                return self.called(cost, result);
            }
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

    /// What becomes of a call of which an argument failed. cel-go still evaluates the other of two,
    /// and charges for the call when all were evaluated (`evalUnary`, `evalBinary`, `evalVarArgs`).
    #[cold]
    fn failed_argument(
        &mut self,
        call: &'a Call,
        arguments: &mut [Value<'a>],
        position: usize,
        error: EvaluationError<'a>,
    ) -> Evaluated<'a> {
        let stops_at_error = call.arguments.len() > 2
            || call.pattern.is_some()
            || (matches!(call.candidates, Candidates::Several(_))
                && !is_dispatched_by_operand(call.function));
        let is_last = position + 1 == call.arguments.len();
        if error.is_final() || stops_at_error && !is_last {
            return Err(error);
        }
        let mut last_failed = position;
        let following = call.arguments.iter().zip(&mut *arguments).enumerate();
        for (other, (argument, slot)) in following.skip(position + 1) {
            match self.eval(argument) {
                Ok(value) => *slot = value,
                Err(error) if error.is_final() => return Err(error),
                Err(_) => last_failed = other,
            }
        }
        let panic = counting_panics(
            self.arena(),
            call.function,
            &call.candidates,
            arguments,
            Some(last_failed),
        );
        if let Some(panic) = panic {
            return Err(panic);
        }
        self.meter.charge(call.candidates.nominal_cost(arguments))?;
        Err(error)
    }
}

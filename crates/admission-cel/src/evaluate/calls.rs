//! Calls of library functions: their arguments and cost.

use super::dispatch::{apply, is_dispatched_by_operand};
use super::panics::counting_panics;
use super::{Attempt, Evaluated, Interpreter};
use crate::compile::node::{Call, Candidates};
use crate::overload::Scope;
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
        if let Some(error) = counting_panics(call.function, &call.candidates, arguments, None) {
            return Err(error);
        }
        let (result, cost) = apply(call.function, &call.candidates, scope, arguments);
        self.charged(cost, result)
    }

    /// Evaluates the arguments in order. After a failing one, cel-go still evaluates the other of
    /// two, and charges for the call when all were evaluated (`evalUnary`, `evalBinary`,
    /// `evalVarArgs`).
    fn arguments(&mut self, call: &'a Call, arguments: &mut [Value<'a>]) -> Attempt<'a, ()> {
        let stops_at_error = call.arguments.len() > 2
            || call.pattern.is_some()
            || (matches!(call.candidates, Candidates::Several(_))
                && !is_dispatched_by_operand(call.function));
        let last = call.arguments.len().saturating_sub(1);
        let (mut failed, mut last_failed) = (None, None);
        for (position, (argument, slot)) in call.arguments.iter().zip(&mut *arguments).enumerate() {
            match self.attempt(argument)? {
                Ok(value) => *slot = value,
                Err(error) => {
                    failed = failed.or(Some((position, error)));
                    last_failed = Some(position);
                    if stops_at_error && position < last {
                        return Ok(Err(error));
                    }
                }
            }
        }
        let Some((_, error)) = failed else {
            return Ok(Ok(()));
        };
        if let Some(panic) =
            counting_panics(call.function, &call.candidates, arguments, last_failed)
        {
            return Err(panic);
        }
        let cost = call.candidates.nominal_cost(arguments);
        self.meter.charge(cost)?;
        Ok(Err(error))
    }
}

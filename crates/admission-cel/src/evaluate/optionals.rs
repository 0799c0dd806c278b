//! `or`, `orValue`, `optMap` and `optFlatMap`, after cel-go's `cel/library.go`.

use super::{Evaluated, Interpreter, stopped};
use crate::compile::node::{Alternative, OptionalMacro};
use crate::error::EvaluationError;
use crate::value::Value;

impl<'a> Interpreter<'a, '_> {
    /// `a.or(b)`, `a.orValue(b)`: no cost of their own; `b` is evaluated only when needed. What is
    /// no optional is passed through, as the decorator in cel-go does.
    pub fn alternative(&mut self, alternative: &'a Alternative) -> Evaluated<'a> {
        match self.eval(&alternative.optional)? {
            Value::Optional(Some(inner)) if alternative.unwrap => Ok(*inner),
            Value::Optional(None) => self.eval(&alternative.other),
            other => Ok(other),
        }
    }

    /// Expanded by cel-go to `x.hasValue() ? optional.of(<x.value() bound to a variable>) :
    /// optional.none()`, where the bound value is evaluated, and charged for, when it is first
    /// read.
    pub fn optional_macro(&mut self, node: &'a OptionalMacro) -> Evaluated<'a> {
        let before = self.meter.spent();
        let target = self.eval(&node.target);
        let target_cost = self.meter.spent() - before;
        self.meter.charge(1)?;
        let Value::Optional(target) = target? else {
            return EvaluationError::no_such_overload();
        };
        let Some(inner) = target else {
            self.meter.charge(1)?;
            return Ok(Value::Optional(None));
        };
        self.set_local_with_cost(node.slot, *inner, target_cost.saturating_add(1));
        let result = self.eval(&node.transform);
        if node.flat {
            return result;
        }
        if stopped(&result) {
            return result;
        }
        self.meter.charge(1)?;
        Ok(Value::Optional(Some(self.arena().alloc(result?))))
    }
}

//! `or`, `orValue`, `optMap` and `optFlatMap`, after cel-go's `cel/library.go`.

use super::access::{converted, is_choice, rewrapped};
use super::dispatch::no_such_overload;
use super::walk::End;
use super::{Attempt, Evaluated, Interpreter, attempt};
use crate::compile::node::{Alternative, Node, OptionalMacro};
use crate::error::EvaluationError;
use crate::value::Value;

/// An optional, without the allocation of one.
enum Operand<'a> {
    Empty,
    Holds(Value<'a>),
    /// The same, as cel-go finds it behind a variable: it cannot be taken out if it is of a library.
    Entered(Value<'a>),
    /// No optional at all.
    Other(Value<'a>),
}

impl<'a> Interpreter<'a, '_> {
    fn optional_operand(&mut self, node: &'a Node) -> Attempt<'a, Operand<'a>> {
        attempt(self.optional_operand_or_error(node))
    }

    fn optional_operand_or_error(
        &mut self,
        node: &'a Node,
    ) -> Result<Operand<'a>, EvaluationError<'a>> {
        // What a chain finds need not be wrapped to be unwrapped again.
        if let Node::Attribute(attribute) = node
            && !is_choice(&attribute.root)
        {
            let found = attempt(self.resolve(attribute))?;
            self.meter.charge(1)?;
            let found = found?;
            return Ok(match (found.absent, found.optional) {
                (true, _) => Operand::Empty,
                (false, true) if found.entered => Operand::Entered(found.value),
                (false, true) => Operand::Holds(found.value),
                (false, false) => Operand::of(found.value),
            });
        }
        self.eval(node).map(Operand::of)
    }

    /// `a.hasValue()`
    #[inline(never)]
    pub fn has_value(&mut self, node: &'a Node) -> Evaluated<'a> {
        let operand = self.optional_operand(node)?;
        self.meter.charge(1)?;
        match operand? {
            Operand::Empty => Ok(Value::Bool(false)),
            Operand::Holds(_) | Operand::Entered(_) => Ok(Value::Bool(true)),
            Operand::Other(value) => Err(no_such_overload("hasValue", self.scope(), &[value])),
        }
    }

    /// `a.or(b)`, `a.orValue(b)`: no cost of their own; `b` is evaluated only when needed. What is
    /// no optional is passed through, as the decorator in cel-go does.
    #[inline(never)]
    pub fn alternative(&mut self, alternative: &'a Alternative) -> Evaluated<'a> {
        // A field that may be absent, and what then stands for it.
        if let (Node::Attribute(attribute), true) = (&alternative.optional, alternative.unwrap) {
            let walk = self.walk(attribute);
            if let End::Held | End::Absent = walk.end {
                self.meter.charge_steps(walk.steps + 1)?;
                return match walk.end {
                    End::Held => Ok(Value::Json(walk.node)),
                    _ => self.eval(&alternative.other),
                };
            }
        }
        self.any_alternative(alternative)
    }

    fn any_alternative(&mut self, alternative: &'a Alternative) -> Evaluated<'a> {
        let operand = match self.optional_operand(&alternative.optional)?? {
            Operand::Entered(value) => Operand::Holds(converted(self.arena(), value)),
            other => other,
        };
        match operand {
            Operand::Empty => self.eval(&alternative.other),
            Operand::Holds(value) | Operand::Entered(value) if alternative.unwrap => value.read(),
            Operand::Holds(value) | Operand::Entered(value) => {
                Ok(Value::Optional(Some(self.arena().alloc(value))))
            }
            Operand::Other(value) => Ok(value),
        }
    }

    /// `a.optMap(…)` or `a.optFlatMap(…)` as an expression of its own.
    #[inline(never)]
    pub fn optional_macro(&mut self, node: &'a OptionalMacro) -> Evaluated<'a> {
        let chosen = self.chosen_by_optional_macro(node)?;
        rewrapped(self.arena(), chosen)
    }

    /// Expanded by cel-go to `x.hasValue() ? optional.of(<x.value() bound to a variable>) :
    /// optional.none()`, where the bound value is evaluated, and charged for, when it is first
    /// read. What is chosen is wrapped again once, by the outermost choice or by the chain that
    /// selects from it.
    pub(super) fn chosen_by_optional_macro(&mut self, node: &'a OptionalMacro) -> Evaluated<'a> {
        let before = self.meter.spent();
        let target = self.optional_operand(&node.target)?;
        let target_cost = self.meter.spent() - before;
        self.meter.charge(1)?;
        let inner = match target? {
            Operand::Holds(inner) => inner,
            Operand::Entered(inner) => converted(self.arena(), inner),
            Operand::Empty => {
                self.meter.charge(1)?;
                return Ok(Value::Optional(None));
            }
            Operand::Other(value) => {
                return Err(no_such_overload("hasValue", self.scope(), &[value]));
            }
        };
        self.set_local_with_cost(node.slot, inner, target_cost.saturating_add(1));
        let result = self.attempt(&node.transform)?;
        if node.flat {
            return result;
        }
        self.meter.charge(1)?;
        Ok(Value::Optional(Some(self.arena().alloc(result?))))
    }
}

impl<'a> Operand<'a> {
    fn of(value: Value<'a>) -> Self {
        match value {
            Value::Optional(Some(inner)) => Operand::Holds(*inner),
            Value::Optional(None) => Operand::Empty,
            other => Operand::Other(other),
        }
    }
}

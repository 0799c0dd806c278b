//! Where an evaluation failed.
//!
//! cel-go's errors have no place, and keeping one would cost every evaluation. So after a failure
//! the parts of the expression are evaluated by themselves, and the smallest one that fails with
//! the same text is the place. Bodies of macros are tried with each element of their range.

use std::cell::Cell;
use std::ops::Range;

use admission_cel::ast::{Expr, ExprKind, Macro, MacroKind};
use admission_cel::environment::Environment;
use admission_cel::error::EvaluationError;
use admission_cel::parse::parse;
use admission_cel::program::{Activation, Evaluator, VariableValue};
use admission_cel::types::Type;
use admission_cel::value::Value;
use bumpalo::Bump;

/// How many parts are evaluated at most. What cannot be narrowed down further by then is the place.
const ATTEMPTS_MAX: usize = 2_000;

/// The smallest part of an expression that fails with this text.
pub(super) fn failing(
    environment: &Environment,
    source: &str,
    evaluator: &Evaluator<'_, '_>,
    message: &str,
) -> Range<usize> {
    let Ok(tree) = parse(source) else {
        return 0..source.len();
    };
    let search = Search {
        source,
        message,
        evaluator,
        declared: environment.clone().declare("", Type::Dyn),
        attempts: Cell::new(0),
    };
    let scope = Scope {
        environment: environment.clone(),
        values: Vec::new(),
    };
    shown(search.smallest(&tree, &scope))
}

/// The part to point at: of a selection the field, of an index the brackets, otherwise all of it.
fn shown(part: &Expr) -> Range<usize> {
    let (start, end) = (part.span.0 as usize, part.span.1 as usize);
    let position = part.position as usize;
    let start_shown = match &part.kind {
        ExprKind::Select { .. } => position + 1,
        ExprKind::Call { function, .. } if function.starts_with("_[") => position,
        _ => start,
    };
    if (start..end).contains(&start_shown) {
        start_shown..end
    } else {
        start..end
    }
}

/// What a part may refer to: the variables of the whole, then those of the macros around it.
#[derive(Clone)]
struct Scope<'a> {
    environment: Environment,
    values: Vec<Value<'a>>,
}

impl<'a> Scope<'a> {
    fn with(&self, bindings: &[(&str, Value<'a>)]) -> Self {
        let mut scope = self.clone();
        for (name, value) in bindings {
            scope.environment.declare(name, Type::Dyn);
            scope.values.push(*value);
        }
        scope
    }
}

struct Search<'a, 's> {
    source: &'s str,
    message: &'s str,
    evaluator: &'s Evaluator<'a, 's>,
    /// How many variables the whole expression has.
    declared: usize,
    attempts: Cell<usize>,
}

impl<'a> Search<'a, '_> {
    fn smallest<'e>(&self, part: &'e Expr, scope: &Scope<'a>) -> &'e Expr {
        match &part.kind {
            ExprKind::Macro(expansion) => self.in_macro(expansion, scope),
            _ => self.first_failing(&self.parts(part, scope), scope),
        }
        .unwrap_or(part)
    }

    fn first_failing<'e>(&self, parts: &[&'e Expr], scope: &Scope<'a>) -> Option<&'e Expr> {
        let fails = |part: &&&'e Expr| {
            self.evaluate(part, scope)
                .is_some_and(|value| value.is_err_and(|error| error.to_string() == self.message))
        };
        parts
            .iter()
            .find(fails)
            .map(|part| self.smallest(part, scope))
    }

    fn in_macro<'e>(&self, expansion: &'e Macro, scope: &Scope<'a>) -> Option<&'e Expr> {
        let target = &expansion.target;
        if let Some(found) = self.first_failing(&[target], scope) {
            return Some(found);
        }
        let range = self.evaluate(target, scope)?.ok()?;
        let bodies: Vec<&Expr> = expansion
            .predicate
            .iter()
            .chain(&expansion.transform)
            .collect();
        bindings(expansion, range)
            .into_iter()
            .find_map(|bindings| self.first_failing(&bodies, &scope.with(&bindings)))
    }

    /// The parts that are evaluated in the same scope, in order.
    fn parts<'e>(&self, part: &'e Expr, scope: &Scope<'a>) -> Vec<&'e Expr> {
        match &part.kind {
            ExprKind::Call {
                function,
                arguments,
                ..
            } if function == "_?_:_" => self.taken(arguments, scope),
            // The bodies of a macro are evaluated in scopes of their own.
            ExprKind::Macro(_) => Vec::new(),
            _ => part.children(),
        }
    }

    /// Of an alternative, the condition and the branch that it chose.
    fn taken<'e>(&self, arguments: &'e [Expr], scope: &Scope<'a>) -> Vec<&'e Expr> {
        let [condition, then, otherwise] = arguments else {
            return Vec::new();
        };
        match self.evaluate(condition, scope) {
            Some(Ok(value)) if value.as_bool() == Some(true) => vec![then],
            Some(Ok(_)) => vec![otherwise],
            _ => vec![condition],
        }
    }

    /// The value of a part by itself; `None` when it cannot be told.
    fn evaluate(
        &self,
        part: &Expr,
        scope: &Scope<'a>,
    ) -> Option<Result<Value<'a>, EvaluationError<'a>>> {
        let attempts = self.attempts.get();
        self.attempts.set(attempts + 1);
        let text = self
            .source
            .get(part.span.0 as usize..part.span.1 as usize)?;
        if attempts >= ATTEMPTS_MAX {
            return None;
        }
        // Values may point into their program. What the arena holds is never dropped, which is as
        // long as the process has left to live.
        let arena: &'a Bump = self.evaluator.arena;
        let program = arena.alloc(scope.environment.compile(text).ok()?);
        let activation = Bound {
            inputs: self.evaluator.activation,
            declared: self.declared,
            values: &scope.values,
        };
        let evaluator = Evaluator {
            activation: &activation,
            ..*self.evaluator
        };
        Some(program.evaluate(&evaluator).value)
    }
}

/// The variables of a macro for each element of its range.
fn bindings<'m, 'a>(expansion: &'m Macro, range: Value<'a>) -> Vec<Vec<(&'m str, Value<'a>)>> {
    let one = |value| vec![(expansion.variable.as_str(), value)];
    let of_pair = |first, second| match &expansion.variable2 {
        Some(variable2) => vec![
            (expansion.variable.as_str(), first),
            (variable2.as_str(), second),
        ],
        None => one(first),
    };
    match (expansion.kind, range) {
        (MacroKind::OptMap | MacroKind::OptFlatMap, Value::Optional(inner)) => {
            inner.map(|value| one(*value)).into_iter().collect()
        }
        _ => {
            let in_list = range
                .as_list()
                .into_iter()
                .flat_map(|list| list.iter())
                .zip(0_i64..);
            let in_map = range.as_map().into_iter().flat_map(|map| map.iter());
            in_list
                .map(|(item, index)| match expansion.variable2 {
                    Some(_) => of_pair(Value::Int(index), item),
                    None => one(item),
                })
                .chain(in_map.map(|(key, value)| of_pair(key, value)))
                .collect()
        }
    }
}

/// The variables of the whole expression and of macros.
struct Bound<'a, 's> {
    inputs: &'s dyn Activation<'a>,
    declared: usize,
    values: &'s [Value<'a>],
}

impl<'a> Activation<'a> for Bound<'a, '_> {
    fn variable(&self, slot: usize) -> Option<Value<'a>> {
        match slot.checked_sub(self.declared) {
            Some(local) => self.values.get(local).copied(),
            None => self.inputs.variable(slot),
        }
    }

    fn policy_variable(&self, index: usize) -> (&'a VariableValue<'a>, u64) {
        self.inputs.policy_variable(index)
    }
}

//! What different policies say alike: variables, match conditions and match resources. They are made
//! one and the same, so that a request evaluates them once.

use std::collections::HashMap;
use std::sync::Arc;

use super::compiled::{Binding, Definition, MatchCondition, Variable};
use crate::matching::MatchResources;

/// The distinct variables, match conditions and match resources of a set's policies of one kind.
#[derive(Default)]
pub(super) struct Sharing {
    resources: Vec<Arc<MatchResources>>,
    variables: HashMap<VariableKey, usize>,
    conditions: HashMap<ConditionKey, usize>,
    /// Variables that are like no other.
    alone: usize,
}

/// What a variable's value, its error and its cost follow from, besides the request.
#[derive(PartialEq, Eq, Hash)]
struct VariableKey {
    /// Errors tell it.
    name: String,
    source: String,
    /// Whether there are `params`.
    has_params: bool,
    /// The numbers of the variables that it reads.
    reads: Vec<usize>,
}

#[derive(PartialEq, Eq, Hash)]
struct ConditionKey {
    source: String,
    has_params: bool,
}

/// How many different variables and match conditions there are.
#[derive(Clone, Copy, Debug, Default)]
pub struct SharedCounts {
    /// Variables.
    pub variables: usize,
    /// Match conditions.
    pub conditions: usize,
}

impl Sharing {
    /// Numbers what a policy and its bindings have, and makes one of what is equal.
    pub(super) fn unite(&mut self, definition: &mut Definition, bindings: &mut [Binding]) {
        let of_bindings = bindings.iter_mut().filter_map(|it| it.resources.as_mut());
        for resources in of_bindings.chain([&mut definition.constraints]) {
            match self.resources.iter().find(|known| *known == resources) {
                Some(known) => *resources = Arc::clone(known),
                None => self.resources.push(Arc::clone(resources)),
            }
        }
        let has_params = definition.param_kind.is_some();
        let mut numbers = Vec::with_capacity(definition.variables.len());
        for variable in &mut definition.variables {
            variable.number = self.variable(variable, has_params, &numbers);
            numbers.push(variable.number);
        }
        for condition in &mut definition.conditions {
            condition.number = self.condition(condition, has_params);
        }
    }

    pub(super) fn counts(&self) -> SharedCounts {
        SharedCounts {
            variables: self.variables.len() + self.alone,
            conditions: self.conditions.len(),
        }
    }

    /// The number of a variable, of whose policy the earlier ones have these numbers.
    fn variable(&mut self, variable: &Variable, has_params: bool, earlier: &[usize]) -> usize {
        let next = self.counts().variables;
        let read = variable.program.policy_variables();
        let reads = read.and_then(|read| {
            let numbers = read.iter().map(|index| earlier.get(*index).copied());
            numbers.collect::<Option<Vec<usize>>>()
        });
        let Some(reads) = reads else {
            // It can read whatever its policy has.
            self.alone += 1;
            return next;
        };
        let key = VariableKey {
            name: variable.name.clone(),
            source: variable.program.source().to_owned(),
            has_params,
            reads,
        };
        *self.variables.entry(key).or_insert(next)
    }

    fn condition(&mut self, condition: &MatchCondition, has_params: bool) -> usize {
        let next = self.conditions.len();
        let key = ConditionKey {
            source: condition.program.source().to_owned(),
            has_params,
        };
        *self.conditions.entry(key).or_insert(next)
    }
}

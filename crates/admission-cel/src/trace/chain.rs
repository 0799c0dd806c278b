//! Locations of selections: the node that was found, or the one in which something was missing.

use super::{Tracer, at, nodes_within, trace_program};
use crate::compile::node::{Attribute, Has, Node, QualifierKey, Root};
use crate::json::Json;
use crate::program::Location;
use crate::value::Value;

/// How far a chain of selections led.
enum Reached<'a> {
    /// To its end.
    Value(Value<'a>),
    /// To a node that lacks the next key.
    Missing(Location<'a>),
    /// It could not be followed.
    Failed,
}

impl<'a> Tracer<'a, '_, '_> {
    pub(super) fn attribute(&mut self, attribute: &'a Attribute) -> Vec<Location<'a>> {
        let found = match self.follow(attribute) {
            Reached::Value(value) => nodes_within(value),
            Reached::Missing(location) => return vec![location],
            Reached::Failed => Vec::new(),
        };
        if found.is_empty() {
            self.behind(attribute)
        } else {
            found
        }
    }

    /// `has(operand.field)`
    pub(super) fn has(&mut self, has: &'a Has) -> Vec<Location<'a>> {
        match self.follow(&has.operand) {
            Reached::Missing(location) => vec![location],
            Reached::Value(value) => match self.interpreter.select(value, &has.key, true) {
                Ok(Some(Value::Json(node))) => vec![at(node)],
                Ok(None) => match (value, self.key_text(&has.key)) {
                    (Value::Json(node), Some(key)) => vec![missing(node, key)],
                    _ => self.behind(&has.operand),
                },
                _ => self.behind(&has.operand),
            },
            Reached::Failed => self.behind(&has.operand),
        }
    }

    /// Follows a chain, without errors and optionals: what matters is how far it leads.
    fn follow(&mut self, attribute: &'a Attribute) -> Reached<'a> {
        let start = match &attribute.root {
            Root::Conditional(choice) => match self.value(&choice.condition).map(Value::as_bool) {
                Ok(Some(true)) => self.follow(&choice.then),
                Ok(Some(false)) => self.follow(&choice.otherwise),
                _ => return Reached::Failed,
            },
            Root::Value(node) => self.value(node).map_or(Reached::Failed, Reached::Value),
            Root::Variable { slot, .. } => self
                .interpreter
                .evaluator
                .activation
                .variable(*slot)
                .map_or(Reached::Failed, Reached::Value),
            Root::Local(slot) => self
                .interpreter
                .locals
                .get(*slot)
                .map_or(Reached::Failed, |local| Reached::Value(local.value)),
            Root::PolicyVariables => Reached::Value(Value::Variables),
        };
        let Reached::Value(mut value) = start else {
            return start;
        };
        for qualifier in &attribute.qualifiers {
            if let Value::Optional(Some(inner)) = value {
                value = *inner;
            }
            match self.interpreter.select(value, &qualifier.key, true) {
                // Of a presence test, the node that is there is the answer.
                Ok(Some(next)) => value = next,
                Ok(None) => return self.stop_at(value, &qualifier.key),
                Err(_) => return Reached::Failed,
            }
        }
        Reached::Value(value)
    }

    fn stop_at(&mut self, value: Value<'a>, key: &'a QualifierKey) -> Reached<'a> {
        let Value::Json(node) = value else {
            return Reached::Failed;
        };
        Reached::Missing(match self.key_text(key) {
            Some(key) => missing(node, key),
            None => at(node),
        })
    }

    /// The key as text; `None` for indexes.
    fn key_text(&mut self, key: &'a QualifierKey) -> Option<&'a str> {
        match key {
            QualifierKey::Field(name) | QualifierKey::ObjectField(name) => Some(name),
            QualifierKey::Constant(constant) => constant.value().as_str(),
            QualifierKey::Computed(node) => self.value(node).ok()?.as_str(),
            QualifierKey::PolicyVariable(_) => None,
        }
    }

    /// Where a chain's value comes from when it is no node itself.
    fn behind(&mut self, attribute: &'a Attribute) -> Vec<Location<'a>> {
        match &attribute.root {
            Root::Conditional(choice) => {
                let branch = match self.value(&choice.condition).map(Value::as_bool) {
                    Ok(Some(true)) => &choice.then,
                    Ok(Some(false)) => &choice.otherwise,
                    _ => return self.why(&choice.condition),
                };
                let locations = self.attribute(branch);
                if locations.is_empty() {
                    self.why(&choice.condition)
                } else {
                    locations
                }
            }
            Root::Value(node) => self.why(node),
            Root::Local(slot) => self.origins.get(*slot).cloned().unwrap_or_default(),
            Root::PolicyVariables => match attribute.qualifiers.first().map(|first| &first.key) {
                Some(QualifierKey::PolicyVariable(index)) => self.policy_variable(*index),
                _ => Vec::new(),
            },
            Root::Variable { .. } => attribute
                .qualifiers
                .iter()
                .find_map(|qualifier| match &qualifier.key {
                    QualifierKey::Computed(node) if self.value(node).is_err() => Some(node),
                    _ => None,
                })
                .map_or_else(Vec::new, |node| self.why(node)),
        }
    }

    fn policy_variable(&mut self, index: usize) -> Vec<Location<'a>> {
        let evaluator = self.interpreter.evaluator;
        let Some(program) = evaluator.activation.policy_variable_program(index) else {
            return Vec::new();
        };
        let left = self.cost_max.saturating_sub(self.interpreter.meter.spent());
        let (locations, cost) = trace_program(program, evaluator, left);
        // Nothing is left to do here when the limit is passed: later evaluations fail.
        let _ = self.interpreter.meter.charge(cost);
        locations
    }

    /// The program and root node of a policy variable that a node reads as a whole.
    pub(super) fn policy_variable_read_by(&self, node: &'a Node) -> Option<usize> {
        let Node::Attribute(attribute) = node else {
            return None;
        };
        match (&attribute.root, attribute.qualifiers.as_slice()) {
            (Root::PolicyVariables, [only]) => match only.key {
                QualifierKey::PolicyVariable(index) => Some(index),
                _ => None,
            },
            _ => None,
        }
    }
}

fn missing<'a>(node: &'a Json<'a>, key: &'a str) -> Location<'a> {
    Location {
        node,
        missing: Some(key),
    }
}

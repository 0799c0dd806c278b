//! Where a finding points: which nodes of the input objects decided an outcome.
//!
//! After an expression was `false` or failed, it is walked again from the top. Each node is asked
//! why its value is what it is, and asks only those of its parts that decided: the false terms of
//! `&&`, the elements for which `all` was false, the branch that was taken. What is left at the
//! leaves are values, and values that come from an input object still are its nodes.
//!
//! Two rules choose between equally true answers. Of a false `||` the last term that names a node
//! counts, since conditions and exemptions are written before requirements. And tests of mere
//! presence count only when no other term names a node: `!has(x.y) || x.y == 1` is about `x.y`.

use std::collections::HashSet;

use crate::compile::node::Node;
use crate::evaluate::{Evaluated, Interpreter, with_interpreter};
use crate::json::{Json, path_to};
use crate::program::{COST_MAX_PER_CALL, Evaluator, Location, Program};
use crate::value::Value;

mod chain;
mod logic;
mod macros;

/// What a trace may cost: each level of an expression is evaluated again, but a trace must end.
const COST_MAX: u64 = 8 * COST_MAX_PER_CALL;

/// How many locations are reported at most; more help nobody.
const LOCATIONS_MAX: usize = 1_000;

/// How many variables are looked through for the object that a node belongs to.
const ROOTS_MAX: usize = 16;

impl Program {
    /// Evaluates the expression again, after it was `false` or failed, and says which nodes of the
    /// input objects decided that, one per offender: the elements for which an `all` was false, the
    /// elements for which a negated `exists` was true, the field that was compared or whose absence
    /// counted. Empty when nothing of an input object took part.
    pub fn trace<'a>(&'a self, evaluator: &Evaluator<'a, '_>) -> Vec<Location<'a>> {
        let mut seen = HashSet::new();
        let mut locations = trace_program(self, evaluator, COST_MAX).0;
        locations
            .retain(|location| seen.insert((std::ptr::from_ref(location.node), location.missing)));
        locations.truncate(LOCATIONS_MAX);
        locations
    }
}

/// The locations that decided a program's outcome, and what finding them cost.
fn trace_program<'a>(
    program: &'a Program,
    evaluator: &Evaluator<'a, '_>,
    cost_max: u64,
) -> (Vec<Location<'a>>, u64) {
    with_interpreter(program, evaluator, cost_max, |interpreter| {
        let mut tracer = Tracer {
            origins: vec![Vec::new(); program.locals],
            cost_max,
            both_operands: false,
            interpreter,
        };
        let locations = tracer.why(&program.root);
        (locations, tracer.interpreter.meter.spent())
    })
}

/// The state of a trace through one program.
struct Tracer<'a, 'i, 's> {
    interpreter: &'i mut Interpreter<'a, 's>,
    /// Where the values of macro variables come from, for values that are no nodes themselves.
    origins: Vec<Vec<Location<'a>>>,
    cost_max: u64,
    /// Whether comparisons name both operands even if one object holds them.
    both_operands: bool,
}

impl<'a> Tracer<'a, '_, '_> {
    /// The locations that decided the value of a node.
    fn why(&mut self, node: &'a Node) -> Vec<Location<'a>> {
        match node {
            Node::Constant(_) => Vec::new(),
            Node::Attribute(attribute) => self.attribute(attribute),
            Node::Has(has) => self.has(has),
            Node::Not(operand) | Node::HasValue(operand) => self.why(operand),
            Node::And(terms) => self.connective(terms, false),
            Node::Or(terms) => self.connective(terms, true),
            Node::Equality(equality) => self.comparison(&equality.left, &equality.right),
            Node::Membership(membership) => self.membership(membership),
            Node::Alternative(alternative) => self.alternative(alternative),
            Node::Call(call) => self.call(node, call),
            Node::List(elements) => self.of_all(elements.iter().map(|element| &element.value)),
            Node::Map(entries) => {
                self.of_all(entries.iter().flat_map(|entry| [&entry.key, &entry.value]))
            }
            Node::Struct(object) => self.of_all(object.fields.iter().map(|field| &field.value)),
            Node::Quantifier(quantifier) => self.quantifier(node, quantifier),
            Node::ListMacro(list) => self.list_macro(node, list),
            Node::MapMacro(map) => self.range_or_value(node, &map.range.target),
            Node::OptionalMacro(optional) => self.optional_macro(optional),
            Node::SortBy(sort) => self.range_or_value(node, &sort.target),
        }
    }

    fn value(&mut self, node: &'a Node) -> Evaluated<'a> {
        self.interpreter.eval(node)
    }

    /// What decided parts that all count. Parts that fail are why the whole fails, so only they
    /// count then.
    fn of_all(&mut self, parts: impl Iterator<Item = &'a Node> + Clone) -> Vec<Location<'a>> {
        for part in parts.clone() {
            if self.value(part).is_err() {
                return self.why(part);
            }
        }
        let found: Vec<Vec<Location<'a>>> = parts.map(|part| self.why(part)).collect();
        // A part that is absent added nothing: it counts only where no other part is there.
        let is_present = |locations: &Vec<Location<'a>>| {
            locations.iter().any(|location| location.missing.is_none())
        };
        let any_present = found.iter().any(is_present);
        found
            .into_iter()
            .filter(|locations| !any_present || is_present(locations))
            .flatten()
            .collect()
    }

    /// The nodes within the value of a node, or else what its input is.
    fn range_or_value(&mut self, node: &'a Node, target: &'a Node) -> Vec<Location<'a>> {
        let within = self.value(node).map(nodes_within).unwrap_or_default();
        if within.is_empty() {
            self.why(target)
        } else {
            within
        }
    }

    /// Whether two nodes belong to the same input object.
    fn same_object(&self, left: &'a Json<'a>, right: &'a Json<'a>) -> bool {
        let activation = self.interpreter.evaluator.activation;
        (0..ROOTS_MAX)
            .filter_map(|slot| activation.variable(slot)?.node())
            .find(|root| path_to(root, left).is_some())
            .is_some_and(|root| path_to(root, right).is_some())
    }
}

fn at<'a>(node: &'a Json<'a>) -> Location<'a> {
    Location {
        node,
        missing: None,
    }
}

/// The nodes of input objects that a value is or is made of.
fn nodes_within(value: Value<'_>) -> Vec<Location<'_>> {
    let mut locations = Vec::new();
    collect_nodes(value, &mut locations);
    locations
}

fn collect_nodes<'a>(value: Value<'a>, locations: &mut Vec<Location<'a>>) {
    if locations.len() >= LOCATIONS_MAX {
        return;
    }
    match value {
        Value::Json(node) => locations.push(at(node)),
        Value::Optional(Some(inner)) => collect_nodes(*inner, locations),
        Value::List(items) => items
            .iter()
            .for_each(|item| collect_nodes(*item, locations)),
        Value::Map(map) => map
            .entries()
            .iter()
            .for_each(|(_, value)| collect_nodes(*value, locations)),
        Value::Struct(object) => object
            .fields
            .iter()
            .for_each(|(_, value)| collect_nodes(*value, locations)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;

//! Locations of connectives, comparisons, membership and calls.

use super::{Tracer, at, nodes_within};
use crate::compile::node::{Alternative, Call, Equality, Membership, Node};
use crate::evaluate::equality::is_equal;
use crate::evaluate::{Evaluated, is_comparison};
use crate::program::Location;
use crate::value::{Constant, List, Value};

impl<'a> Tracer<'a, '_, '_> {
    /// `&&` (`decisive` is `false`) and `||` (`true`).
    pub(super) fn connective(&mut self, terms: &'a [Node], decisive: bool) -> Vec<Location<'a>> {
        let values: Vec<_> = terms
            .iter()
            .map(|term| (term, self.value(term).map(Value::as_bool)))
            .collect();
        let decided: Vec<&Node> = values
            .iter()
            .filter(|(_, value)| *value == Ok(Some(decisive)))
            .map(|(term, _)| *term)
            .collect();
        if !decided.is_empty() {
            return self.union(&decided);
        }
        if let Some((failed, _)) = values
            .iter()
            .find(|(_, value)| !matches!(value, Ok(Some(_))))
        {
            return self.why(failed);
        }
        // No term decided: all of them did together.
        let (guards, others): (Vec<&Node>, Vec<&Node>) =
            terms.iter().partition(|term| tests_presence(term));
        for group in [others, guards] {
            let locations = if decisive {
                self.last(&group)
            } else {
                self.union(&group)
            };
            if !locations.is_empty() {
                return locations;
            }
        }
        Vec::new()
    }

    fn union(&mut self, nodes: &[&'a Node]) -> Vec<Location<'a>> {
        let mut locations = Vec::new();
        for node in nodes {
            locations.extend(self.why(node));
        }
        locations
    }

    fn last(&mut self, nodes: &[&'a Node]) -> Vec<Location<'a>> {
        nodes
            .iter()
            .rev()
            .map(|node| self.why(node))
            .find(|locations| !locations.is_empty())
            .unwrap_or_default()
    }

    /// Two operands. When both are nodes of one object, the first stands for both: one offence is
    /// one finding.
    pub(super) fn comparison(&mut self, left: &'a Node, right: &'a Node) -> Vec<Location<'a>> {
        for operand in [left, right] {
            if self.value(operand).is_err() {
                return self.why(operand);
            }
        }
        let mut locations = self.why(left);
        let others = self.why(right);
        if !self.both_operands
            && let (Some(first), Some(other)) = (locations.first(), others.first())
            && self.same_object(first.node, other.node)
        {
            return locations;
        }
        locations.extend(others);
        locations
    }

    /// `element in container`: the element, or else the item that it equals, or the container.
    pub(super) fn membership(&mut self, membership: &'a Membership) -> Vec<Location<'a>> {
        let (element, container) = (
            self.value(&membership.element),
            self.value(&membership.container),
        );
        let locations = self.why(&membership.element);
        if !locations.is_empty() || element.is_err() {
            return locations;
        }
        if let (Ok(element), Ok(container)) = (element, container) {
            let found = if let Some(list) = container.as_list() {
                list.iter().find(|item| is_equal(*item, element))
            } else {
                container.as_map().and_then(|map| map.get(element))
            };
            match (found, container, element.as_str()) {
                (Some(Value::Json(node)), ..) => return vec![at(node)],
                (None, Value::Json(node), Some(key)) if container.as_map().is_some() => {
                    return vec![Location {
                        node,
                        missing: Some(key),
                    }];
                }
                _ => {}
            }
        }
        self.why(&membership.container)
    }

    /// `a.or(b)`, `a.orValue(b)`: the value of `a`, or what is missing there.
    pub(super) fn alternative(&mut self, alternative: &'a Alternative) -> Vec<Location<'a>> {
        let empty = matches!(self.value(&alternative.optional), Ok(Value::Optional(None)));
        if empty && alternative.other.as_constant().is_none() {
            let locations = self.why(&alternative.other);
            if !locations.is_empty() {
                return locations;
            }
        }
        let locations = self.why(&alternative.optional);
        if locations.is_empty() {
            self.why(&alternative.other)
        } else {
            locations
        }
    }

    /// A call: the nodes that its list is made of, or else what its arguments are.
    pub(super) fn call(&mut self, node: &'a Node, call: &'a Call) -> Vec<Location<'a>> {
        if let [left, right] = &*call.arguments
            && is_comparison(call.function)
        {
            return self.comparison(left, right);
        }
        let value = self.value(node);
        if let ([left, right], Ok(Value::Bool(flag))) = (&*call.arguments, value) {
            let items = self.items_of_sets(call.function, left, right, flag);
            if !items.is_empty() {
                return items;
            }
        }
        if let Ok(value @ (Value::List(_) | Value::Json(_) | Value::Optional(_))) = value {
            let within = nodes_within(value);
            if !within.is_empty() {
                return within;
            }
        }
        self.of_all(call.arguments.iter())
    }

    /// The items that decided a comparison of sets: those that both have, or that the first lacks.
    fn items_of_sets(
        &mut self,
        function: &str,
        left: &'a Node,
        right: &'a Node,
        outcome: bool,
    ) -> Vec<Location<'a>> {
        let list = |value: Evaluated<'a>| value.ok().and_then(Value::as_list);
        let (Some(first), Some(second)) = (list(self.value(left)), list(self.value(right))) else {
            return Vec::new();
        };
        match (function, outcome) {
            ("sets.contains", false) => items_where(second, first, false),
            ("sets.intersects", true) => {
                let common = items_where(first, second, true);
                if common.is_empty() {
                    items_where(second, first, true)
                } else {
                    common
                }
            }
            _ => Vec::new(),
        }
    }
}

/// The items of a list that are, or are not, in another.
fn items_where<'a>(items: List<'a>, other: List<'a>, in_other: bool) -> Vec<Location<'a>> {
    items
        .iter()
        .filter(|item| other.iter().any(|one| is_equal(*item, one)) == in_other)
        .flat_map(nodes_within)
        .collect()
}

/// Whether a term only tests that something is there.
fn tests_presence(node: &Node) -> bool {
    match node {
        Node::Has(_) | Node::HasValue(_) => true,
        Node::Not(operand) => tests_presence(operand),
        Node::And(terms) | Node::Or(terms) => terms.iter().all(tests_presence),
        Node::Equality(equality) => compares_with_null(equality),
        _ => false,
    }
}

fn compares_with_null(equality: &Equality) -> bool {
    [&equality.left, &equality.right]
        .iter()
        .any(|operand| matches!(operand.as_constant(), Some(Constant::Null)))
}

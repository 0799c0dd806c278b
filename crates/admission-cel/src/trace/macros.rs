//! Locations of macros: the elements that decided.

use super::{LOCATIONS_MAX, Tracer, nodes_within};
use crate::compile::node::{ListMacro, Node, OptionalMacro, Quantifier, QuantifierKind, Range};
use crate::evaluate::{Items, with_interpreter};
use crate::json::path_to;
use crate::program::Location;
use crate::value::Value;

/// Where the items of a list come from, item by item.
type ItemOrigins<'a> = Vec<Vec<Location<'a>>>;

impl<'a> Tracer<'a, '_, '_> {
    pub(super) fn quantifier(
        &mut self,
        node: &'a Node,
        quantifier: &'a Quantifier,
    ) -> Vec<Location<'a>> {
        let outcome = self.value(node).map(Value::as_bool);
        let Ok(items) = self.interpreter.items(&quantifier.range) else {
            return self.why(&quantifier.range.target);
        };
        // What the predicate gives for the elements that decided.
        let deciding = match (quantifier.kind, &outcome) {
            (QuantifierKind::All, Ok(Some(false))) => Ok(Some(false)),
            (QuantifierKind::Exists, Ok(Some(true))) | (QuantifierKind::ExistsOne, Ok(_)) => {
                Ok(Some(true))
            }
            (_, Err(error)) => Err(*error),
            _ => return self.undecided(quantifier, items),
        };
        let item_origins = self.item_origins(&quantifier.range, items);
        let mut locations = Vec::new();
        for position in 0..items.len() {
            if locations.len() >= LOCATIONS_MAX {
                break;
            }
            self.bind(&quantifier.range, items, position, &item_origins);
            let value = self.value(&quantifier.predicate).map(Value::as_bool);
            let decided = match (&deciding, &value) {
                (Err(_), Err(_)) => true,
                (Ok(wanted), Ok(value)) => wanted == value,
                _ => false,
            };
            if decided {
                locations.extend(self.element(quantifier, items, position));
            }
        }
        if locations.is_empty() {
            return self.undecided(quantifier, items);
        }
        locations
    }

    /// No element decided: what all of them were compared with, and the list, unless both belong
    /// to one object (`allowed.exists(a, image.startsWith(a))` is about the image). Of elements
    /// that met conditions in part, those count that met the most (`old.exists(o, o.name == c.name
    /// && o.image == c.image)` is about the image of `c`, not its name).
    fn undecided(&mut self, quantifier: &'a Quantifier, items: Items<'a>) -> Vec<Location<'a>> {
        let item_origins = self.item_origins(&quantifier.range, items);
        let mut outer: Vec<Location<'a>> = Vec::new();
        let mut fewest_unmet = usize::MAX;
        for position in 0..items.len() {
            if outer.len() >= LOCATIONS_MAX {
                break;
            }
            self.bind(&quantifier.range, items, position, &item_origins);
            let own = self.bound_origin(&quantifier.range);
            let outside = std::mem::replace(&mut self.both_operands, true);
            let mut locations = self.why(&quantifier.predicate);
            self.both_operands = outside;
            locations.retain(|location| {
                !own.iter()
                    .any(|origin| path_to(origin.node, location.node).is_some())
            });
            let unmet = self.unmet(&quantifier.predicate);
            if locations.is_empty() || unmet > fewest_unmet {
                continue;
            }
            if unmet < fewest_unmet {
                outer.clear();
                fewest_unmet = unmet;
            }
            outer.extend(locations);
        }
        let range = self.why(&quantifier.range.target);
        if let (Some(first), Some(list)) = (outer.first(), range.first())
            && self.same_object(first.node, list.node)
        {
            return outer;
        }
        outer.extend(range);
        outer
    }

    /// How many terms of a conjunction do not hold for the bound element.
    fn unmet(&mut self, predicate: &'a Node) -> usize {
        let Node::And(terms) = predicate else {
            return 0;
        };
        terms
            .iter()
            .filter(|term| self.value(term).map(Value::as_bool) != Ok(Some(true)))
            .count()
    }

    /// Why the predicate is what it is for the bound element, or else the element.
    fn element(
        &mut self,
        quantifier: &'a Quantifier,
        items: Items<'a>,
        position: usize,
    ) -> Vec<Location<'a>> {
        let locations = self.why(&quantifier.predicate);
        if !locations.is_empty() {
            return locations;
        }
        let within = item_nodes(items, position);
        if within.is_empty() {
            return self.bound_origin(&quantifier.range);
        }
        within
    }

    /// Binds a macro's variables, and notes where their values come from.
    fn bind(
        &mut self,
        range: &Range,
        items: Items<'a>,
        position: usize,
        item_origins: &ItemOrigins<'a>,
    ) {
        // What ends the evaluation ends the trace when the predicate is evaluated.
        let _ = self.interpreter.bind(range, items, position);
        let origin = match item_origins.get(position) {
            Some(origin) => origin.clone(),
            None => item_nodes(items, position),
        };
        // The index of a list's item is a number of the loop, not part of the object.
        let has_index = range.value_slot.is_some() && matches!(items, Items::List(_));
        if let Some(known) = self.origins.get_mut(range.slot) {
            known.clear();
            if !has_index {
                known.clone_from(&origin);
            }
        }
        if let Some(known) = range.value_slot.and_then(|slot| self.origins.get_mut(slot)) {
            *known = origin;
        }
    }

    /// Where the bound element of a range comes from.
    fn bound_origin(&self, range: &Range) -> Vec<Location<'a>> {
        let slot = range.value_slot.unwrap_or(range.slot);
        self.origins.get(slot).cloned().unwrap_or_default()
    }

    /// Where items come from that are no nodes, because `map` made them. Empty when they are
    /// nodes, or when it cannot be told.
    fn item_origins(&mut self, range: &'a Range, items: Items<'a>) -> ItemOrigins<'a> {
        let made = matches!(items, Items::List(list) if list.iter().any(|item| nodes_within(item).is_empty()));
        if !made {
            return Vec::new();
        }
        self.origins_of(&range.target)
    }

    fn origins_of(&mut self, node: &'a Node) -> ItemOrigins<'a> {
        if let Node::ListMacro(list) = node {
            return self.list_origins(list);
        }
        let Some(index) = self.policy_variable_read_by(node) else {
            return Vec::new();
        };
        let evaluator = self.interpreter.evaluator;
        let Some(program) = evaluator.activation.policy_variable_program(index) else {
            return Vec::new();
        };
        let left = self.cost_max.saturating_sub(self.interpreter.meter.spent());
        let (origins, cost) = with_interpreter(program, evaluator, left, |interpreter| {
            let mut tracer = Tracer {
                origins: vec![Vec::new(); program.locals],
                cost_max: left,
                both_operands: false,
                interpreter,
            };
            let origins = tracer.origins_of(&program.root);
            (origins, tracer.interpreter.meter.spent())
        });
        // Passing the limit makes later evaluations fail, which ends the trace.
        let _ = self.interpreter.meter.charge(cost);
        origins
    }

    fn list_origins(&mut self, list: &'a ListMacro) -> ItemOrigins<'a> {
        let Ok(items) = self.interpreter.items(&list.range) else {
            return Vec::new();
        };
        let inner = self.item_origins(&list.range, items);
        let mut origins = Vec::new();
        for position in 0..items.len() {
            self.bind(&list.range, items, position, &inner);
            if let Some(predicate) = &list.predicate
                && self.value(predicate).map(Value::as_bool) != Ok(Some(true))
            {
                continue;
            }
            let mut origin = match &list.transform {
                Some(transform) => self.why(transform),
                None => Vec::new(),
            };
            if origin.is_empty() {
                origin = self.bound_origin(&list.range);
            }
            origins.push(origin);
        }
        origins
    }

    /// `map` and `filter`: the items, or where they come from, or else what was gone through.
    pub(super) fn list_macro(&mut self, node: &'a Node, list: &'a ListMacro) -> Vec<Location<'a>> {
        let value = self.value(node);
        let within = value.map(nodes_within).unwrap_or_default();
        if !within.is_empty() {
            return within;
        }
        if value.is_err() {
            return self.failing_items(list);
        }
        let origins: Vec<_> = self.list_origins(list).into_iter().flatten().collect();
        if origins.is_empty() {
            self.why(&list.range.target)
        } else {
            origins
        }
    }

    /// The items for which a macro's predicate or transform failed.
    fn failing_items(&mut self, list: &'a ListMacro) -> Vec<Location<'a>> {
        let Ok(items) = self.interpreter.items(&list.range) else {
            return self.why(&list.range.target);
        };
        let inner = self.item_origins(&list.range, items);
        for position in 0..items.len() {
            self.bind(&list.range, items, position, &inner);
            for part in list.predicate.iter().chain(&list.transform) {
                match self.value(part).map(Value::as_bool) {
                    Err(_) => return self.why(part),
                    Ok(Some(false)) => break,
                    Ok(_) => {}
                }
            }
        }
        Vec::new()
    }

    /// `optMap`, `optFlatMap`: why the transform is what it is, or what is missing.
    pub(super) fn optional_macro(&mut self, node: &'a OptionalMacro) -> Vec<Location<'a>> {
        let target = self.value(&node.target);
        let origin = self.why(&node.target);
        let Ok(Value::Optional(Some(inner))) = target else {
            return origin;
        };
        self.interpreter.set_local(node.slot, *inner);
        if let Some(known) = self.origins.get_mut(node.slot) {
            known.clone_from(&origin);
        }
        let locations = self.why(&node.transform);
        if locations.is_empty() {
            origin
        } else {
            locations
        }
    }
}

/// The nodes of the item, or of the entry's value, at a position.
fn item_nodes(items: Items<'_>, position: usize) -> Vec<Location<'_>> {
    items
        .pair(position)
        .map(|(_, value)| nodes_within(value))
        .unwrap_or_default()
}

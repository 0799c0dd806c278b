//! Macros: their variables get slots, and they stay one node each.

use super::node::{
    ListMacro, MapMacro, Node, OptionalMacro, Quantifier, QuantifierKind, Range, SortBy,
};
use super::{Compiled, Compiler};
use crate::ast::{Expr, Macro, MacroKind};
use crate::check::Reference;
use crate::library;
use crate::overload::Overload;
use crate::types::Type;

impl<'e> Compiler<'e> {
    pub(super) fn macro_call(&mut self, expr: &'e Expr, call: &'e Macro) -> Compiled<Node> {
        let target = self.node(&call.target)?;
        let range = Range {
            target,
            slot: self.scope.len(),
            value_slot: call.variable2.as_ref().map(|_| self.scope.len() + 1),
        };
        let outside = self.scope.len();
        self.scope.push(&call.variable);
        self.scope.extend(call.variable2.as_deref());
        self.locals = self.locals.max(self.scope.len());
        let node = self.macro_body(expr, call, range);
        self.scope.truncate(outside);
        node
    }

    fn macro_body(&mut self, expr: &'e Expr, call: &'e Macro, range: Range) -> Compiled<Node> {
        let predicate = match &call.predicate {
            Some(predicate) => Some(self.node(predicate)?),
            None => None,
        };
        self.check_variable(expr, call)?;
        let transform = match &call.transform {
            Some(transform) => Some(self.node(transform)?),
            None => None,
        };
        Ok(match (call.kind, predicate, transform) {
            (MacroKind::All, Some(predicate), _) => {
                quantifier(QuantifierKind::All, range, predicate)
            }
            (MacroKind::Exists, Some(predicate), _) => {
                quantifier(QuantifierKind::Exists, range, predicate)
            }
            (MacroKind::ExistsOne, Some(predicate), _) => {
                quantifier(QuantifierKind::ExistsOne, range, predicate)
            }
            (MacroKind::Filter, Some(predicate), _) => list_macro(range, Some(predicate), None),
            (MacroKind::Map | MacroKind::TransformList, predicate, Some(transform)) => {
                list_macro(range, predicate, Some(transform))
            }
            (MacroKind::TransformMap, predicate, Some(transform)) => {
                map_macro(range, predicate, transform, false)
            }
            (MacroKind::TransformMapEntry, predicate, Some(transform)) => {
                map_macro(range, predicate, transform, true)
            }
            (MacroKind::OptMap, _, Some(transform)) => optional_macro(range, transform, false),
            (MacroKind::OptFlatMap, _, Some(transform)) => optional_macro(range, transform, true),
            (MacroKind::SortBy, _, Some(key)) => Node::SortBy(Box::new(SortBy {
                target: range.target,
                slot: range.slot,
                key,
                candidates: self.sort_candidates(expr),
            })),
            _ => return self.error(expr, "the macro lacks an argument"),
        })
    }

    /// A variable that holds a type is taken for the name of one, also where only the macro reads it.
    fn check_variable(&self, expr: &Expr, call: &Macro) -> Compiled<()> {
        let mut read = self.checked.read_by_macros.iter();
        let holds_type =
            read.any(|(target, found)| *target == call.target.id && matches!(found, Type::Type(_)));
        if holds_type {
            return self.undefined_type(expr, &call.variable);
        }
        Ok(())
    }

    fn sort_candidates(&self, expr: &Expr) -> super::node::Candidates {
        const FUNCTION: &str = "@sortByAssociatedKeys";
        let resolved: Vec<&'static Overload> = match self.reference(expr.id) {
            Some(Reference::Overloads(overloads)) => overloads.clone(),
            _ => library::overloads(FUNCTION, self.environment.minor).collect(),
        };
        self.candidates(FUNCTION, &resolved, [None, None].into_iter())
    }
}

fn quantifier(kind: QuantifierKind, range: Range, predicate: Node) -> Node {
    Node::Quantifier(Box::new(Quantifier {
        kind,
        range,
        predicate,
    }))
}

fn list_macro(range: Range, predicate: Option<Node>, transform: Option<Node>) -> Node {
    Node::ListMacro(Box::new(ListMacro {
        range,
        predicate,
        transform,
    }))
}

fn map_macro(range: Range, predicate: Option<Node>, transform: Node, entries: bool) -> Node {
    Node::MapMacro(Box::new(MapMacro {
        range,
        predicate,
        transform,
        entries,
    }))
}

fn optional_macro(range: Range, transform: Node, flat: bool) -> Node {
    Node::OptionalMacro(Box::new(OptionalMacro {
        target: range.target,
        slot: range.slot,
        transform,
        flat,
    }))
}

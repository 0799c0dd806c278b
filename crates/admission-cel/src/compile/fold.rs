//! What cel-go computes when a program is made (`interpreter/decorators.go`, `decOptimize`):
//! literal lists and maps, conversions of constants, and membership in constant lists.

use super::node::{Element, Entry, MembershipCost, Node};
use crate::value::key::NormalKey;
use crate::value::{Constant, ConstantMap};

/// A list literal, as a constant if every element is one.
pub(super) fn list(elements: Vec<Element>) -> Node {
    let is_constant =
        |element: &Element| !element.optional && element.value.as_constant().is_some();
    if !elements.iter().all(is_constant) {
        return Node::List(elements.into());
    }
    let constants = elements
        .into_iter()
        .filter_map(|element| into_constant(element.value))
        .collect();
    Node::Constant(Constant::List(constants))
}

/// A map literal, as a constant if every key and value is one.
pub(super) fn map(entries: Vec<Entry>) -> Node {
    let is_constant = |entry: &Entry| {
        !entry.optional && entry.key.as_constant().is_some() && entry.value.as_constant().is_some()
    };
    if !entries.iter().all(is_constant) {
        return Node::Map(entries.into());
    }
    let mut kept: Vec<(Constant, Constant)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let (Some(key), Some(value)) = (into_constant(entry.key), into_constant(entry.value))
        else {
            continue;
        };
        match kept.iter_mut().find(|(other, _)| same_key(other, &key)) {
            Some(earlier) => earlier.1 = value,
            None => kept.push((key, value)),
        }
    }
    Node::Constant(Constant::Map(Box::new(ConstantMap::new(kept))))
}

fn into_constant(node: Node) -> Option<Constant> {
    match node {
        Node::Constant(constant) => Some(constant),
        _ => None,
    }
}

fn same_key(left: &Constant, right: &Constant) -> bool {
    let normal = NormalKey::new(left.value());
    normal != NormalKey::Other
        && normal == NormalKey::new(right.value())
        && std::mem::discriminant(left) == std::mem::discriminant(right)
}

/// Functions of one argument that are called at once when that is a constant
/// (`IsTypeConversionFunction` in `common/overloads/overloads.go`).
pub(super) fn is_conversion(function: &str) -> bool {
    matches!(
        function,
        "bool"
            | "bytes"
            | "double"
            | "google.protobuf.Duration"
            | "duration"
            | "dyn"
            | "int"
            | "string"
            | "timestamp"
            | "type"
            | "uint"
    )
}

/// What membership in a constant list costs: nothing when cel-go can look it up in a set.
pub(super) fn constant_membership(items: &[Constant]) -> MembershipCost {
    let is_primitive = |item: &Constant| {
        matches!(
            item,
            Constant::Bool(_)
                | Constant::Double(_)
                | Constant::Int(_)
                | Constant::String(_)
                | Constant::Uint(_)
        )
    };
    if items.iter().all(is_primitive) {
        MembershipCost::Free
    } else {
        MembershipCost::Length
    }
}

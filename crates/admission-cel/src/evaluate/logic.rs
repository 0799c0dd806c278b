//! `&&`, `||`, `!`, `==`, `!=` and `in`.

use super::equality::{equal, is_equal};
use super::panics::unhashable;
use super::walk::Condition;
use super::{Evaluated, Interpreter, ends};
use crate::compile::node::{Equality, Membership, MembershipCost, Node};
use crate::error::EvaluationError;
use crate::json::{Json, same_text};
use crate::library::{reading, size_of};
use crate::value::{Constant, List, Value};

/// Up to how many characters a comparison costs 1.
const CHEAP_CHARACTERS: usize = 10;

impl<'a> Interpreter<'a, '_> {
    /// `&&` (`decisive` is `false`) and `||` (`true`): one decisive term decides, whatever the
    /// others are; without one, the first error is the result (`evalAnd`, `evalOr`).
    #[inline(never)]
    pub fn connective(&mut self, terms: &'a [Node], decisive: bool) -> Evaluated<'a> {
        let mut error = None;
        for term in terms {
            match self.condition(term)? {
                Condition::True if decisive => return Ok(Value::Bool(true)),
                Condition::False if !decisive => return Ok(Value::Bool(false)),
                Condition::True | Condition::False => {}
                Condition::Other => error = error.or(Some(EvaluationError::NoSuchOverload)),
                Condition::Failed(failed) => error = error.or(Some(failed)),
            }
        }
        error.map_or(Ok(Value::Bool(!decisive)), Err)
    }

    /// `!`
    #[inline(never)]
    pub fn not(&mut self, operand: &'a Node) -> Evaluated<'a> {
        let condition = self.condition(operand)?;
        self.meter.charge(1)?;
        match condition {
            Condition::True => Ok(Value::Bool(false)),
            Condition::False => Ok(Value::Bool(true)),
            Condition::Other => EvaluationError::no_such_overload(),
            Condition::Failed(error) => Err(error),
        }
    }

    /// `==` and `!=`: both sides are evaluated, and charged for, even when one fails. What cannot
    /// be compared is an error of `==` and unequal for `!=` (`evalEq`, `evalNe`).
    #[inline(never)]
    pub fn equality(&mut self, equality: &'a Equality) -> Evaluated<'a> {
        if let Some(flag) = self.equal_texts(equality) {
            return Ok(Value::Bool(flag));
        }
        let left = self.eval(&equality.left);
        if ends(&left) {
            return left;
        }
        let right = self.eval(&equality.right);
        if ends(&right) {
            return right;
        }
        self.meter.charge(equality_cost(
            left.unwrap_or(Value::Null),
            right.unwrap_or(Value::Null),
            equality.negated,
        ))?;
        let (left, right) = (left?, right?);
        if equality.negated {
            Ok(Value::Bool(!is_equal(left, right)))
        } else if let Some(text) = failure(left, right) {
            Err(EvaluationError::Message(text))
        } else {
            equal(left, right).map(Value::Bool)
        }
    }

    /// The same where both sides are fields or constants that hold texts, one of them short.
    #[inline]
    pub(super) fn equal_texts(&mut self, equality: &'a Equality) -> Option<bool> {
        let before = self.meter;
        if let Some(left) = self.text(&equality.left)
            && let Some(right) = self.text(&equality.right)
        {
            let shorter = left.len().min(right.len());
            if shorter <= CHEAP_CHARACTERS && self.meter.try_charge(u64::from(shorter > 0)) {
                return Some(same_text(left, right) != equality.negated);
            }
        }
        self.meter = before;
        None
    }

    /// `in`
    #[inline(never)]
    pub fn membership(&mut self, membership: &'a Membership) -> Evaluated<'a> {
        let element = self.eval(&membership.element);
        if ends(&element) {
            return element;
        }
        let container = self.eval(&membership.container);
        if ends(&container) {
            return container;
        }
        if let (Ok(key), Ok(container)) = (element, container)
            && is_hashed(container, membership.cost)
            && let Some(panic) = unhashable(key)
        {
            return Err(EvaluationError::Internal(panic));
        }
        let cost = match membership.cost {
            MembershipCost::Free => 0,
            MembershipCost::Length => container.map_or(1, size_of),
            MembershipCost::One => 1,
        };
        self.meter.charge(cost)?;
        let is_set = membership.cost == MembershipCost::Free;
        match (element, container) {
            (Ok(element @ (Value::Int(_) | Value::Uint(_))), Ok(Value::ConstantList(items)))
                if is_set =>
            {
                let found = items.iter().any(|item| in_set(element, item.value()));
                Ok(Value::Bool(found))
            }
            _ => contains(container, element),
        }
    }
}

/// The failure in one of two optionals, if comparing what they hold comes upon it: on the left, or on
/// the right of a value of a library.
fn failure<'a>(left: Value<'a>, right: Value<'a>) -> Option<&'a str> {
    let (Value::Optional(Some(left)), Value::Optional(Some(right))) = (left, right) else {
        return None;
    };
    match (left, right) {
        (Value::Failure(text), _) => Some(text),
        (left, Value::Failure(text)) if is_of_library(*left) => Some(text),
        _ => None,
    }
}

/// Whether an integer is that item of a set. A double stands in it for an integer only if it is
/// exactly that one, short of the ends of the range (`maybeOptimizeSetMembership`).
fn in_set(element: Value<'_>, item: Value<'_>) -> bool {
    let is_exact = |number: f64, end: f64| number.fract() == 0.0 && number.abs() < end;
    match (element, item) {
        (Value::Int(integer), Value::Double(number)) => {
            is_exact(number, i64::MAX as f64) && number as i64 == integer
        }
        (Value::Uint(integer), Value::Double(number)) => {
            number >= 0.0 && is_exact(number, u64::MAX as f64) && number as u64 == integer
        }
        _ => is_equal(element, item),
    }
}

/// Whether Go looks a key up in a hash table: that of a map, or the set that cel-go makes of a
/// constant list. It does not hash what it looks up in an empty map.
fn is_hashed(container: Value<'_>, cost: MembershipCost) -> bool {
    match container {
        Value::Map(_) | Value::ConstantMap(_) => {
            container.as_map().is_some_and(|map| !map.is_empty())
        }
        _ => matches!(cost, MembershipCost::Free),
    }
}

/// Whether a container has an element or key (`inAggregate` in cel-go's standard library).
fn contains<'a>(container: Evaluated<'a>, element: Evaluated<'a>) -> Evaluated<'a> {
    let element = element?;
    let container = container?;
    let found = if let Some(list) = container.as_list() {
        match (element.plain(), list) {
            (Value::String(text), List::Constants(items)) => items
                .iter()
                .any(|item| matches!(item, Constant::String(other) if same_text(text, other))),
            (Value::String(text), List::Json(items)) => items
                .iter()
                .any(|item| matches!(item, Json::String(other) if same_text(text, other))),
            _ => list.iter().any(|item| is_equal(element, item)),
        }
    } else if let Some(map) = container.as_map() {
        map.get(element).is_some()
    } else {
        return EvaluationError::no_such_overload();
    };
    Ok(Value::Bool(found))
}

/// The smaller side is read; values of the Kubernetes libraries cost 1 when they are the left side
/// of `==`.
fn equality_cost(left: Value<'_>, right: Value<'_>, negated: bool) -> u64 {
    let (left, right) = (left.plain(), right.plain());
    if let (Value::String(left), Value::String(right)) = (left, right) {
        let shorter = left.len().min(right.len());
        if shorter <= CHEAP_CHARACTERS {
            return u64::from(shorter > 0);
        }
    }
    if is_of_library(left) && !negated {
        return 1;
    }
    reading(size_of(left).min(size_of(right)))
}

fn is_of_library(value: Value<'_>) -> bool {
    matches!(
        value,
        Value::Ip(_)
            | Value::Cidr(_)
            | Value::Quantity(_)
            | Value::Url(_)
            | Value::Semver(_)
            | Value::Format(_)
            | Value::Authorizer(_)
    )
}

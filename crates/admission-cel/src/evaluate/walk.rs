//! The short ways: chains of fields, texts and conditions, which are most of what policies consist
//! of. They give the same values and costs as the general ways beside them, and give up, before
//! anything is charged, where something is missing or not as expected.
//!
//! Values are large enough to travel through memory, and copying one that was just written stalls
//! the processor: the short ways return what fits into registers.

use super::{Evaluated, Interpreter};
use crate::compile::node::{Attribute, Node, Qualifier, QualifierKey, Root};
use crate::error::EvaluationError;
use crate::json::Json;
use crate::value::{Constant, Value};

/// Where a chain of fields led.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk<'a> {
    /// The node; null unless there is one.
    pub node: &'a Json<'a>,
    /// How many steps are charged for.
    pub steps: u32,
    pub end: End,
}

/// How a chain of fields ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// At a node.
    Node,
    /// At a node, as the content of an optional.
    Held,
    /// At an optional step that found nothing.
    Absent,
    /// The general way must be taken.
    Unknown,
}

/// The value of a condition.
#[derive(Clone, Copy, Debug)]
pub(super) enum Condition<'a> {
    True,
    False,
    /// A value that is no `bool`.
    Other,
    /// An error that may be absorbed.
    Failed(EvaluationError<'a>),
}

impl From<bool> for Condition<'_> {
    #[inline]
    fn from(flag: bool) -> Self {
        if flag {
            Condition::True
        } else {
            Condition::False
        }
    }
}

impl Walk<'_> {
    const UNKNOWN: Self = Self {
        node: &Json::Null,
        steps: 0,
        end: End::Unknown,
    };
}

impl<'a> Interpreter<'a, '_> {
    /// Follows a chain that starts at a variable and selects fields of input objects. Nothing is
    /// charged yet; policy variables that were read are remembered, so that reading them again in
    /// the general way costs nothing more.
    #[inline]
    pub(super) fn walk(&mut self, attribute: &'a Attribute) -> Walk<'a> {
        let mut qualifiers = attribute.qualifiers.as_slice();
        let mut steps = 0;
        let start = match &attribute.root {
            Root::Local(slot) => match self.locals.get(*slot) {
                Some(local) if local.pending_cost == 0 => local.value.node(),
                _ => None,
            },
            Root::Variable { slot, .. } => match self.evaluator.activation.variable(*slot) {
                Some(Value::Json(node)) => Some(node),
                _ => None,
            },
            Root::PolicyVariables => match qualifiers.split_first() {
                Some((
                    Qualifier {
                        optional: false,
                        tested: false,
                        key: QualifierKey::PolicyVariable(index),
                    },
                    rest,
                )) => {
                    qualifiers = rest;
                    steps = 1;
                    match self.policy_variable(*index) {
                        Ok(Value::Json(node)) => Some(node),
                        _ => None,
                    }
                }
                _ => None,
            },
            Root::Value(_) | Root::Conditional(_) => None,
        };
        match start {
            Some(start) => select_fields(start, qualifiers, steps),
            None => Walk::UNKNOWN,
        }
    }

    /// The text that a node gives, if it is a constant or a field; charged for if it is.
    #[inline]
    pub(super) fn text(&mut self, node: &'a Node) -> Option<&'a str> {
        match node {
            Node::Constant(Constant::String(text)) => Some(text),
            Node::Attribute(attribute) => {
                let walk = self.walk(attribute);
                match walk.node {
                    Json::String(text) if walk.end == End::Node => self
                        .meter
                        .try_charge(u64::from(walk.steps) + 1)
                        .then_some(*text),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Evaluates a condition, whose error may be absorbed.
    ///
    /// # Errors
    /// Those that end the evaluation.
    #[inline]
    pub(super) fn condition(
        &mut self,
        node: &'a Node,
    ) -> Result<Condition<'a>, EvaluationError<'a>> {
        if let Node::Equality(equality) = node
            && let Some(flag) = self.equal_texts(equality)
        {
            return Ok(flag.into());
        }
        match self.eval(node) {
            Ok(Value::Bool(flag)) => Ok(flag.into()),
            Ok(Value::Json(Json::Bool(flag))) => Ok((*flag).into()),
            Ok(_) => Ok(Condition::Other),
            Err(error) if error.is_final() => Err(error),
            Err(error) => Ok(Condition::Failed(error)),
        }
    }

    /// The value of a policy variable that is not selected from.
    #[inline]
    pub(super) fn whole_policy_variable(
        &mut self,
        attribute: &'a Attribute,
    ) -> Option<Evaluated<'a>> {
        let (
            Root::PolicyVariables,
            [
                Qualifier {
                    optional: false,
                    tested: false,
                    key: QualifierKey::PolicyVariable(index),
                },
            ],
        ) = (&attribute.root, attribute.qualifiers.as_slice())
        else {
            return None;
        };
        match self.policy_variable(*index) {
            // An optional at the start of a chain is entered.
            Err(_) | Ok(Value::Optional(_)) => None,
            value => Some(value),
        }
    }
}

#[inline]
fn select_fields<'a>(start: &'a Json<'a>, qualifiers: &'a [Qualifier], steps: u32) -> Walk<'a> {
    let mut walk = Walk {
        node: start,
        steps,
        end: End::Node,
    };
    for qualifier in qualifiers {
        let (
            Qualifier {
                optional,
                tested: false,
                key: QualifierKey::Field(name),
            },
            Json::Object(object),
        ) = (qualifier, walk.node)
        else {
            return Walk::UNKNOWN;
        };
        if *optional {
            walk.end = End::Held;
        }
        match object.get(name) {
            Some(member) => {
                walk.node = member;
                walk.steps += 1;
            }
            None if walk.end == End::Held => {
                walk.end = End::Absent;
                return walk;
            }
            None => return Walk::UNKNOWN,
        }
    }
    walk
}

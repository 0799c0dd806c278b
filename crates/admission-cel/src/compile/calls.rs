//! Calls: operators that the evaluator carries out, and library functions.

use super::node::{
    Alternative, Attribute, Call, Candidates, Conditional, Equality, Membership, MembershipCost,
    Node, Qualifier, QualifierKey, Root,
};
use super::{Compiled, Compiler, fold};
use crate::ast::{Expr, ExprKind, Literal};
use crate::authorizer::NoAuthorizer;
use crate::check::Reference;
use crate::evaluate::{Key, apply, is_uniform, may_panic};
use crate::library;
use crate::library::regex::Pattern;
use crate::overload::{Overload, Scope};
use crate::types::{Type, TypeSpec};
use crate::value::Constant;

impl<'e> Compiler<'e> {
    pub(super) fn call(
        &mut self,
        expr: &'e Expr,
        target: Option<&'e Expr>,
        arguments: &'e [Expr],
    ) -> Compiled<Node> {
        let Some(Reference::Overloads(overloads)) = self.reference(expr.id) else {
            return self.error(expr, "the call was not resolved");
        };
        let Some(first) = overloads.first() else {
            return self.error(expr, "the call has no overloads");
        };
        // The target of a namespaced function (`sets.contains`) is part of its name.
        let receiver = target.filter(|_| first.member);
        let operands: Vec<&'e Expr> = receiver.into_iter().chain(arguments).collect();
        match (first.function, operands.as_slice()) {
            ("_&&_", [left, right]) => Ok(Node::And(self.terms(first.function, left, right)?)),
            ("_||_", [left, right]) => Ok(Node::Or(self.terms(first.function, left, right)?)),
            ("!_", [operand]) => Ok(Node::Not(Box::new(self.node(operand)?))),
            ("_?_:_", [condition, then, otherwise]) => self.conditional(condition, then, otherwise),
            ("_==_", [left, right]) => self.equality(left, right, false),
            ("_!=_", [left, right]) => self.equality(left, right, true),
            ("@in", [element, container]) => self.membership(overloads, element, container),
            ("_[_]", [operand, index]) => self.index(operand, index, false),
            ("_[?_]", [operand, index]) => self.index(operand, index, true),
            ("_?._", [operand, field]) => match &field.kind {
                ExprKind::Literal(Literal::String(name)) => self.select(operand, name, true),
                _ => self.index(operand, field, true),
            },
            ("or", [optional, other]) => self.alternative(optional, other, false),
            ("orValue", [optional, other]) => self.alternative(optional, other, true),
            ("hasValue", [optional]) => Ok(Node::HasValue(Box::new(self.node(optional)?))),
            _ => self.library_call(expr, overloads, &operands),
        }
    }

    /// The terms of a chain of the same connective, in order.
    fn terms(&mut self, function: &str, left: &'e Expr, right: &'e Expr) -> Compiled<Box<[Node]>> {
        let mut terms = Vec::new();
        let mut pending = vec![right, left];
        while let Some(expr) = pending.pop() {
            match &expr.kind {
                ExprKind::Call {
                    function: inner,
                    target: None,
                    arguments,
                } if inner == function => pending.extend(arguments.iter().rev()),
                _ => terms.push(self.node(expr)?),
            }
        }
        Ok(terms.into())
    }

    fn conditional(
        &mut self,
        condition: &'e Expr,
        then: &'e Expr,
        otherwise: &'e Expr,
    ) -> Compiled<Node> {
        let conditional = Conditional {
            condition: self.node(condition)?,
            then: self.node(then)?.into_branch(),
            otherwise: self.node(otherwise)?.into_branch(),
        };
        Ok(Node::Attribute(Box::new(Attribute {
            root: Root::Conditional(Box::new(conditional)),
            qualifiers: Vec::new(),
        })))
    }

    fn equality(&mut self, left: &'e Expr, right: &'e Expr, negated: bool) -> Compiled<Node> {
        Ok(Node::Equality(Box::new(Equality {
            left: self.node(left)?,
            right: self.node(right)?,
            negated,
        })))
    }

    fn alternative(&mut self, optional: &'e Expr, other: &'e Expr, unwrap: bool) -> Compiled<Node> {
        Ok(Node::Alternative(Box::new(Alternative {
            optional: self.node(optional)?,
            other: self.node(other)?,
            unwrap,
        })))
    }

    fn membership(
        &mut self,
        overloads: &[&'static Overload],
        element: &'e Expr,
        container: &'e Expr,
    ) -> Compiled<Node> {
        let element = self.node(element)?;
        let container = self.node(container)?;
        let is_list = matches!(overloads, [overload] if overload.id == "in_list");
        let cost = match container.as_constant() {
            Some(Constant::List(items)) if is_list => {
                if items.is_empty() {
                    return Ok(Node::Constant(Constant::Bool(false)));
                }
                fold::constant_membership(items)
            }
            _ if is_list => MembershipCost::Length,
            _ => MembershipCost::One,
        };
        Ok(Node::Membership(Box::new(Membership {
            element,
            container,
            cost,
        })))
    }

    fn index(&mut self, operand: &'e Expr, index: &'e Expr, optional: bool) -> Compiled<Node> {
        let mut attribute = self.node(operand)?.into_attribute();
        let key = match self.node(index)? {
            Node::Constant(Constant::String(name)) => QualifierKey::Field(name),
            Node::Constant(constant) => {
                if let Err(error) = Key::new(&self.arena, constant.value()) {
                    return self.error(index, error.to_string());
                }
                QualifierKey::Constant(constant)
            }
            computed => QualifierKey::Computed(computed),
        };
        attribute.qualifiers.push(Qualifier {
            optional,
            tested: false,
            key,
        });
        Ok(Node::Attribute(Box::new(attribute)))
    }

    fn library_call(
        &mut self,
        expr: &'e Expr,
        overloads: &[&'static Overload],
        operands: &[&'e Expr],
    ) -> Compiled<Node> {
        let Some(first) = overloads.first() else {
            return self.error(expr, "the call has no overloads");
        };
        let arguments = operands
            .iter()
            .map(|operand| self.node(operand))
            .collect::<Compiled<Box<[_]>>>()?;
        let types = operands.iter().map(|operand| self.type_of(operand.id));
        let candidates = self.candidates(first.function, overloads, types);
        if let [Node::Constant(argument)] = &*arguments
            && fold::is_conversion(first.function)
            && let Some(constant) = self.convert(expr, first.function, &candidates, argument)?
        {
            return Ok(Node::Constant(constant));
        }
        let pattern = self.pattern(first.function, operands, &arguments)?;
        Ok(Node::Call(Box::new(Call {
            function: first.function,
            candidates,
            arguments,
            pattern,
            may_panic: may_panic(first.function),
            is_uniform: is_uniform(first.function),
        })))
    }

    /// When the checker was left with several overloads, cel-go dispatches over all that have as
    /// many parameters (`Bindings` in `common/decls/decls.go`).
    pub(super) fn candidates<'t>(
        &self,
        function: &str,
        overloads: &[&'static Overload],
        mut types: impl ExactSizeIterator<Item = Option<&'t Type>>,
    ) -> Candidates {
        let count = types.len();
        match overloads {
            [only] => {
                // Converting a value to its own type returns whatever it is given.
                let fits = !fold::is_conversion(function)
                    && only.parameters.len() == count
                    && only.parameters.iter().all(|parameter| {
                        types
                            .next()
                            .flatten()
                            .is_some_and(|known| fits(parameter, known))
                    });
                if fits {
                    Candidates::Certain(only)
                } else {
                    Candidates::One(only)
                }
            }
            _ => Candidates::Several(
                library::overloads(function, self.environment.minor)
                    .filter(|overload| overload.parameters.len() == count)
                    .collect(),
            ),
        }
    }

    /// Calls a conversion of a constant. `None` when its result is no constant.
    fn convert(
        &self,
        expr: &Expr,
        function: &str,
        candidates: &Candidates,
        argument: &Constant,
    ) -> Compiled<Option<Constant>> {
        let scope = Scope {
            arena: &self.arena,
            authorizer: &NoAuthorizer,
            regex: None,
        };
        match apply(function, candidates, scope, &[argument.value()]).0 {
            Ok(value) => Ok(Constant::from_value(value)),
            Err(error) => self.error(expr, error.to_string()),
        }
    }

    /// The compiled form of a literal pattern (`MatchesRegexOptimization` of cel-go,
    /// `FindRegexOptimization` and `FindAllRegexOptimization` of `library/regex.go`).
    fn pattern(
        &self,
        function: &str,
        operands: &[&'e Expr],
        arguments: &[Node],
    ) -> Compiled<Option<Pattern>> {
        if !matches!(function, "matches" | "find" | "findAll") {
            return Ok(None);
        }
        let (Some(Node::Constant(Constant::String(text))), Some(at)) =
            (arguments.get(1), operands.get(1))
        else {
            return Ok(None);
        };
        match Pattern::compile(text) {
            Ok(pattern) => Ok(Some(pattern)),
            Err(message) => self.error(at, message),
        }
    }
}

/// Whether every value of a static type is taken by a parameter, without a look at run time.
fn fits(parameter: &TypeSpec, known: &Type) -> bool {
    match (parameter, known) {
        (TypeSpec::Dyn | TypeSpec::Parameter(_), _) => true,
        // What items are is certain only if it does not matter: the checker infers their type from
        // what is done with them where it does not know (`object.list.reverse().isSorted()`).
        (TypeSpec::List(item), Type::List(_)) => is_any(item),
        (TypeSpec::Map(key, value), Type::Map(..)) => is_any(key) && is_any(value),
        (TypeSpec::Optional(_), Type::Optional(_)) | (TypeSpec::Type(_), Type::Type(_)) => true,
        (TypeSpec::Opaque(name), Type::Opaque(known)) => name == known,
        (TypeSpec::Null, Type::Null)
        | (TypeSpec::Bool, Type::Bool)
        | (TypeSpec::Int, Type::Int)
        | (TypeSpec::Uint, Type::Uint)
        | (TypeSpec::Double, Type::Double)
        | (TypeSpec::String, Type::String)
        | (TypeSpec::Bytes, Type::Bytes)
        | (TypeSpec::Duration, Type::Duration)
        | (TypeSpec::Timestamp, Type::Timestamp) => true,
        _ => false,
    }
}

fn is_any(parameter: &TypeSpec) -> bool {
    matches!(parameter, TypeSpec::Dyn | TypeSpec::Parameter(_))
}

//! The types of names, selections and literals.

use super::names::qualified_name;
use super::structs::Field;
use super::{Checker, Reference, infer, place, unwrap_optional};
use crate::ast::{Element, Expr, ExprKind, Literal, MapEntry};
use crate::error::Place;
use crate::types::Type;

impl Checker<'_> {
    pub(super) fn check(&mut self, expr: &Expr) {
        if !self.inference.visit() {
            return self.set_type(expr, Type::Error);
        }
        match &expr.kind {
            ExprKind::Literal(literal) => self.set_type(expr, literal_type(literal)),
            ExprKind::Ident(name) => self.check_name(expr, name),
            ExprKind::Select { operand, field } => self.check_select(expr, operand, field),
            ExprKind::Has { operand, field } => {
                self.select(place(expr), operand, field, false);
                self.set_type(expr, Type::Bool);
            }
            ExprKind::Call {
                function,
                target,
                arguments,
            } => self.check_call(expr, function, target.as_deref(), arguments),
            ExprKind::List(elements) => self.check_list(expr, elements),
            ExprKind::Map(entries) => self.check_map(expr, entries),
            ExprKind::Struct { type_name, fields } => self.check_struct(expr, type_name, fields),
            ExprKind::Macro(call) => self.check_macro(expr, call),
        }
    }

    fn check_name(&mut self, expr: &Expr, name: &str) {
        if !self.resolve_name(expr, name) {
            self.set_type(expr, Type::Error);
            self.undeclared(expr, name);
        }
    }

    /// Annotates a name, or a selection that spells one, if it denotes something.
    fn resolve_name(&mut self, expr: &Expr, name: &str) -> bool {
        let Some((declared, mut reference)) = self.lookup(name) else {
            return false;
        };
        if let Reference::Type(denoted) = &reference
            && let name = name.strip_prefix('.').unwrap_or(name)
            && (matches!(denoted, Type::Object(_)) || denoted.name() != name)
        {
            reference = Reference::UndefinedType;
        }
        self.set_type(expr, declared);
        self.set_reference(expr.id, reference);
        true
    }

    /// `undeclared reference to '…'`
    pub(super) fn undeclared(&mut self, expr: &Expr, name: &str) {
        self.errors.report(
            place(expr),
            format!("undeclared reference to '{name}' (in container '')"),
        );
    }

    fn check_select(&mut self, expr: &Expr, operand: &Expr, field: &str) {
        if let Some(name) = qualified_name(expr)
            && self.resolve_name(expr, &name)
        {
            return;
        }
        let selected = self.select(place(expr), operand, field, false);
        let selected = self.inference.substitute(&selected, false);
        self.set_type(expr, selected);
    }

    /// The type of a field of an operand, which is checked too.
    pub(super) fn select(
        &mut self,
        at: Place,
        operand: &Expr,
        field: &str,
        optional: bool,
    ) -> Type {
        self.check(operand);
        let operand = self.type_of(operand);
        let operand = self.inference.substitute(&operand, false);
        let (subject, was_optional) = unwrap_optional(&operand);
        let selected = match &subject {
            Type::Map(_, value) => (**value).clone(),
            Type::Object(name) => self.field_or_error(at, name, field),
            Type::Opaque(name) if !infer::is_abstract(name) => self.field_or_error(at, name, field),
            Type::Parameter(_) => {
                self.inference.assignable(&Type::Dyn, &subject);
                Type::Dyn
            }
            Type::Dyn | Type::Error => Type::Dyn,
            _ => {
                self.errors.report(
                    at,
                    format!(
                        "type '{}' does not support field selection",
                        subject.in_errors()
                    ),
                );
                Type::Dyn
            }
        };
        if was_optional || optional {
            Type::optional(selected)
        } else {
            selected
        }
    }

    fn field_or_error(&mut self, at: Place, object: &str, field: &str) -> Type {
        match self.field(at, object, field) {
            Field::Known(declared) => declared,
            Field::Untyped => Type::Dyn,
            Field::Missing => Type::Error,
        }
    }

    fn check_list(&mut self, expr: &Expr, elements: &[Element]) {
        let mut joined = None;
        for Element { optional, value } in elements {
            self.check(value);
            let element = self.unwrapped(value, *optional);
            joined = Some(self.join(joined, element));
        }
        let item = joined.unwrap_or_else(|| self.inference.fresh());
        self.set_type(expr, Type::list(item));
    }

    fn check_map(&mut self, expr: &Expr, entries: &[MapEntry]) {
        let mut joined = None;
        for entry in entries {
            let (keys, values) = joined.unzip();
            self.check(&entry.key);
            let key = self.type_of(&entry.key);
            let key = self.join(keys, key);
            self.check(&entry.value);
            let value = self.unwrapped(&entry.value, entry.optional);
            joined = Some((key, self.join(values, value)));
        }
        let (key, value) =
            joined.unwrap_or_else(|| (self.inference.fresh(), self.inference.fresh()));
        self.set_type(expr, Type::map(key, value));
    }

    /// The type of a value, or what is inside it if it was written with `?`.
    pub(super) fn unwrapped(&mut self, value: &Expr, optional: bool) -> Type {
        let inferred = self.type_of(value);
        if !optional {
            return inferred;
        }
        let (inside, was_optional) = unwrap_optional(&inferred);
        if !was_optional && inside != Type::Dyn {
            self.mismatch(place(value), &Type::optional(inside.clone()), &inside);
        }
        inside
    }

    /// The type of both what came before and another element, `dyn` if they differ.
    fn join(&mut self, before: Option<Type>, current: Type) -> Type {
        match before {
            None => current,
            Some(before) if self.inference.assignable(&before, &current) => {
                infer::most_general(&before, &current)
            }
            Some(_) => Type::Dyn,
        }
    }
}

fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Uint(_) => Type::Uint,
        Literal::Double(_) => Type::Double,
        Literal::String(_) => Type::String,
        Literal::Bytes(_) => Type::Bytes,
    }
}

//! Function, method and operator calls: which overloads their arguments fit.

use super::functions::signatures;
use super::names::qualified_name;
use super::{Checker, Reference, place};
use crate::ast::{Expr, ExprKind, Literal};
use crate::error::Place;
use crate::overload::Overload;
use crate::types::Type;

/// A call to be resolved.
pub(super) struct Call<'c> {
    /// Where errors are reported.
    pub(super) place: Place,
    pub(super) function: &'c str,
    /// Whether the first argument is the receiver.
    pub(super) member: bool,
    /// The types of the arguments, receiver included.
    pub(super) arguments: Vec<Type>,
}

/// What a call resolved to.
pub(super) struct Resolution {
    pub(super) result: Type,
    pub(super) overloads: Vec<&'static Overload>,
}

impl Checker<'_> {
    pub(super) fn check_call(
        &mut self,
        expr: &Expr,
        function: &str,
        target: Option<&Expr>,
        arguments: &[Expr],
    ) {
        if let ("_?._", [operand, field]) = (function, arguments) {
            return self.check_optional_select(expr, operand, field);
        }
        for argument in arguments {
            self.check(argument);
        }
        match target {
            None => self.check_global_call(expr, function, arguments),
            Some(target) => self.check_method_call(expr, function, target, arguments),
        }
    }

    fn check_optional_select(&mut self, expr: &Expr, operand: &Expr, field: &Expr) {
        let ExprKind::Literal(Literal::String(name)) = &field.kind else {
            return;
        };
        let selected = self.select(place(expr), operand, name, true);
        let selected = self.inference.substitute(&selected, false);
        self.set_type(expr, selected);
        self.set_type(field, Type::String);
        let overloads = signatures(self.environment, "_?._");
        self.set_reference(
            expr.id,
            Reference::Overloads(overloads.iter().map(|one| one.overload).collect()),
        );
    }

    fn check_global_call(&mut self, expr: &Expr, function: &str, arguments: &[Expr]) {
        let name = function.strip_prefix('.').unwrap_or(function);
        if signatures(self.environment, name).is_empty() {
            self.set_type(expr, Type::Error);
            return self.undeclared(expr, function);
        }
        if let "_&&_" | "_||_" = name {
            return self.check_logic(expr, name, arguments);
        }
        self.resolve_call(expr, name, None, arguments);
    }

    fn check_method_call(
        &mut self,
        expr: &Expr,
        function: &str,
        target: &Expr,
        arguments: &[Expr],
    ) {
        if let Some(prefix) = qualified_name(target) {
            let name = format!("{}.{function}", prefix.strip_prefix('.').unwrap_or(&prefix));
            if !signatures(self.environment, &name).is_empty() {
                return self.resolve_call(expr, &name, None, arguments);
            }
        }
        self.check(target);
        if signatures(self.environment, function).is_empty() {
            self.set_type(expr, Type::Error);
            return self.undeclared(expr, function);
        }
        self.resolve_call(expr, function, Some(target), arguments);
    }

    /// `&&` and `||`, whose operands are reported one by one.
    fn check_logic(&mut self, expr: &Expr, function: &str, arguments: &[Expr]) {
        let mut result = Type::Bool;
        for argument in arguments {
            if !self.check_operand_of_logic(argument) {
                result = Type::Error;
            }
        }
        self.set_type(expr, result);
        let overloads = signatures(self.environment, function);
        self.set_reference(
            expr.id,
            Reference::Overloads(overloads.iter().map(|one| one.overload).collect()),
        );
    }

    /// Whether an operand of `&&` or `||` is a boolean; reported if not.
    pub(super) fn check_operand_of_logic(&mut self, operand: &Expr) -> bool {
        let inferred = self.type_of(operand);
        let fits = self.inference.assignable(&inferred, &Type::Bool);
        if !fits {
            self.mismatch(place(operand), &Type::Bool, &inferred);
        }
        fits
    }

    fn resolve_call(
        &mut self,
        expr: &Expr,
        function: &str,
        target: Option<&Expr>,
        arguments: &[Expr],
    ) {
        let arguments = target
            .into_iter()
            .chain(arguments)
            .map(|argument| self.type_of(argument))
            .collect();
        let resolution = self.resolve(Call {
            place: place(expr),
            function,
            member: target.is_some(),
            arguments,
        });
        let Some(Resolution { result, overloads }) = resolution else {
            return self.set_type(expr, Type::Error);
        };
        self.set_type(expr, result);
        self.set_reference(expr.id, Reference::Overloads(overloads));
    }

    /// The overloads that fit; reported if there are none.
    pub(super) fn resolve(&mut self, call: Call<'_>) -> Option<Resolution> {
        let mut resolution: Option<Resolution> = None;
        for signature in signatures(self.environment, call.function) {
            if signature.overload.member != call.member {
                continue;
            }
            let (parameters, result) = signature.instantiate(|| self.inference.fresh());
            if !self.inference.arguments_fit(&call.arguments, &parameters) {
                continue;
            }
            let result = self.inference.substitute(&result, false);
            match &mut resolution {
                None => {
                    resolution = Some(Resolution {
                        result,
                        overloads: vec![signature.overload],
                    });
                }
                Some(resolution) => {
                    resolution.overloads.push(signature.overload);
                    if resolution.result != result {
                        resolution.result = Type::Dyn;
                    }
                }
            }
        }
        if resolution.is_none() {
            self.no_matching_overload(&call);
        }
        resolution
    }

    fn no_matching_overload(&mut self, call: &Call<'_>) {
        let arguments: Vec<String> = call
            .arguments
            .iter()
            .map(|argument| {
                let argument = self.inference.substitute(argument, true);
                argument.in_errors().to_string()
            })
            .collect();
        let signature = match arguments.split_first() {
            Some((receiver, arguments)) if call.member => {
                format!("{receiver}.({})", arguments.join(", "))
            }
            _ => format!("({})", arguments.join(", ")),
        };
        let function = call.function;
        self.errors.report(
            call.place,
            format!("found no matching overload for '{function}' applied to '{signature}'"),
        );
    }
}

//! Macros: each is checked as cel-go checks its expansion, without being expanded.

use super::calls::{Call, Resolution};
use super::{Checker, Reference, place};
use crate::ast::{Expr, Macro, MacroKind};
use crate::error::Place;
use crate::types::Type;

impl Checker<'_> {
    pub(super) fn check_macro(&mut self, expr: &Expr, call: &Macro) {
        let inferred = match call.kind {
            MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne => {
                self.check_quantifier(place(expr), call)
            }
            MacroKind::Map | MacroKind::Filter | MacroKind::TransformList => {
                self.check_target(call);
                let target = self.type_of(&call.target);
                self.check_list_of(place(expr), call, &target, place(&call.target))
            }
            MacroKind::TransformMap | MacroKind::TransformMapEntry => {
                self.check_map_of(place(expr), call)
            }
            MacroKind::OptMap | MacroKind::OptFlatMap => self.check_optional(place(expr), call),
            MacroKind::SortBy => self.check_sort(expr, call),
        };
        let inferred = self.inference.substitute(&inferred, false);
        self.set_type(expr, inferred);
    }

    fn check_target(&mut self, call: &Macro) {
        self.check(&call.target);
    }

    /// The types of the iteration variables; a range that cannot be iterated over is reported.
    fn variables_of(&mut self, range: &Type, range_place: Place, two: bool) -> (Type, Type) {
        let range = self.inference.substitute(range, false);
        match &range {
            Type::List(item) if two => (Type::Int, (**item).clone()),
            Type::List(item) => ((**item).clone(), Type::Error),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Dyn | Type::Error | Type::Parameter(_) => {
                self.inference.assignable(&Type::Dyn, &range);
                (Type::Dyn, Type::Dyn)
            }
            _ => {
                self.errors.report(
                    range_place,
                    format!(
                        "expression of type '{}' cannot be range of a comprehension (must be \
                         list, map, or dynamic)",
                        range.in_errors()
                    ),
                );
                (Type::Error, Type::Error)
            }
        }
    }

    /// Runs `body` with the iteration variables declared.
    fn iterate<T>(
        &mut self,
        call: &Macro,
        range: &Type,
        range_place: Place,
        body: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let two = call.variable2.is_some();
        let (first, second) = self.variables_of(range, range_place, two);
        let outside = self.locals.len();
        self.locals.push((call.variable.clone(), first));
        if let Some(variable2) = &call.variable2 {
            self.locals.push((variable2.clone(), second));
        }
        let result = body(self);
        self.locals.truncate(outside);
        result
    }

    fn check_quantifier(&mut self, at: Place, call: &Macro) -> Type {
        self.check_target(call);
        let range = self.type_of(&call.target);
        self.iterate(call, &range, place(&call.target), |checker| {
            let Some(predicate) = &call.predicate else {
                return;
            };
            checker.check(predicate);
            if call.kind == MacroKind::ExistsOne {
                let predicate = checker.type_of(predicate);
                checker.count(at, "_+_");
                checker.conditional(at, predicate, Type::Int, Type::Int);
                checker.count(at, "_==_");
            } else {
                checker.check_operand_of_logic(predicate);
            }
        });
        Type::Bool
    }

    /// A call with the number of matches and a constant. It cannot fail, but takes numbers of types.
    fn count(&mut self, at: Place, function: &str) {
        self.resolve_or_error(at, function, vec![Type::Int, Type::Int]);
    }

    /// `accumulator + [transform]`, or that on condition.
    fn check_list_of(&mut self, at: Place, call: &Macro, range: &Type, range_place: Place) -> Type {
        let accumulator = Type::list(self.inference.fresh());
        self.iterate(call, range, range_place, |checker| {
            let condition = checker.check_condition(call);
            let item = match &call.transform {
                Some(transform) => {
                    checker.check(transform);
                    checker.type_of(transform)
                }
                None => checker.read(at, call),
            };
            let arguments = vec![accumulator.clone(), Type::list(item)];
            let step = checker.resolve_or_error(at, "_+_", arguments);
            checker.check_step(at, condition, step, &accumulator);
        });
        accumulator
    }

    fn check_map_of(&mut self, at: Place, call: &Macro) -> Type {
        self.check_target(call);
        let accumulator = Type::map(self.inference.fresh(), self.inference.fresh());
        let range = self.type_of(&call.target);
        self.iterate(call, &range, place(&call.target), |checker| {
            let condition = checker.check_condition(call);
            let mut arguments = vec![accumulator.clone()];
            if call.kind == MacroKind::TransformMap {
                arguments.push(checker.read(at, call));
            }
            if let Some(transform) = &call.transform {
                checker.check(transform);
                arguments.push(checker.type_of(transform));
            }
            let step = checker.resolve_or_error(at, "cel.@mapInsert", arguments);
            checker.check_step(at, condition, step, &accumulator);
        });
        accumulator
    }

    fn check_condition(&mut self, call: &Macro) -> Option<Type> {
        let predicate = call.predicate.as_ref()?;
        self.check(predicate);
        Some(self.type_of(predicate))
    }

    /// The type of the iteration variable, which the macro reads of itself.
    fn read(&mut self, at: Place, call: &Macro) -> Type {
        let declared = self.variable(at, &call.variable);
        let read = (call.target.id, declared.clone());
        self.checked.read_by_macros.push(read);
        declared
    }

    /// The type of an iteration variable. One that is written with a leading dot cannot be found.
    fn variable(&mut self, at: Place, name: &str) -> Type {
        match self.lookup(name) {
            Some((declared, _)) => declared,
            None => {
                self.errors.report(
                    at,
                    format!("undeclared reference to '{name}' (in container '')"),
                );
                Type::Error
            }
        }
    }

    /// Checks that what an iteration makes is of the accumulator's type.
    fn check_step(&mut self, at: Place, condition: Option<Type>, step: Type, accumulator: &Type) {
        let step = match condition {
            Some(condition) => self.conditional(at, condition, step, accumulator.clone()),
            None => step,
        };
        if !self.inference.assignable(accumulator, &step) {
            self.mismatch(at, accumulator, &step);
        }
    }

    fn conditional(&mut self, at: Place, condition: Type, yes: Type, no: Type) -> Type {
        self.resolve_or_error(at, "_?_:_", vec![condition, yes, no])
    }

    fn resolve_or_error(&mut self, at: Place, function: &str, arguments: Vec<Type>) -> Type {
        self.resolve(Call {
            place: at,
            function,
            member: false,
            arguments,
        })
        .map_or(Type::Error, |resolution| resolution.result)
    }

    fn resolve_member(
        &mut self,
        at: Place,
        function: &str,
        arguments: Vec<Type>,
    ) -> Option<Resolution> {
        self.resolve(Call {
            place: at,
            function,
            member: true,
            arguments,
        })
    }

    /// `target.hasValue() ? optional.of(transform) : optional.none()`, with the variable bound to
    /// `target.value()`, of a copy of the target; `optFlatMap` without the `optional.of`.
    fn check_optional(&mut self, at: Place, call: &Macro) -> Type {
        let before = (self.errors.mark(), self.inference.variables());
        self.check_target(call);
        // Where nothing is reported and no type is numbered, the copy makes no difference.
        let copy_shows = before != (self.errors.mark(), self.inference.variables());
        let target = self.type_of(&call.target);
        let has_value = self
            .resolve_member(at, "hasValue", vec![target])
            .map_or(Type::Error, |resolution| resolution.result);
        self.empty_range();
        if copy_shows {
            self.check_copy(at, &call.target);
        }
        let target = self.type_of(&call.target);
        let value = self
            .resolve_member(at, "value", vec![target])
            .map_or(Type::Error, |resolution| resolution.result);
        self.locals.push((call.variable.clone(), value));
        self.read(at, call);
        let mut mapped = Type::Error;
        if let Some(transform) = &call.transform {
            self.check(transform);
            mapped = self.type_of(transform);
        }
        self.locals.pop();
        mapped = self.inference.substitute(&mapped, false);
        if call.kind == MacroKind::OptMap {
            mapped = self.resolve_or_error(at, "optional.of", vec![mapped]);
        }
        let none = self.resolve_or_error(at, "optional.none", Vec::new());
        self.conditional(at, has_value, mapped, none)
    }

    /// Checks what a macro copies. The copy's fields of struct literals are at the macro's place,
    /// that of the outermost one if they are copied several times.
    fn check_copy(&mut self, at: Place, copied: &Expr) {
        let outer = self.copied_by;
        self.copied_by = outer.or(Some(at));
        self.check(copied);
        self.copied_by = outer;
    }

    /// cel-go binds a variable by a comprehension over an empty list, whose type takes a number.
    fn empty_range(&mut self) {
        self.inference.fresh();
    }

    /// `target.@sortByAssociatedKeys(target.map(variable, transform))`
    fn check_sort(&mut self, expr: &Expr, call: &Macro) -> Type {
        let at = place(expr);
        self.empty_range();
        self.check_target(call);
        let target = self.type_of(&call.target);
        let keys = self.check_list_of(at, call, &target, at);
        let keys = self.inference.substitute(&keys, false);
        let resolution = self.resolve_member(at, "@sortByAssociatedKeys", vec![target, keys]);
        let Some(Resolution { result, overloads }) = resolution else {
            return Type::Error;
        };
        self.set_reference(expr.id, Reference::Overloads(overloads));
        result
    }
}

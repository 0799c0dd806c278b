//! What the API server checks besides types: elements of one type in list and map literals, and
//! literals of durations, timestamps, patterns and format strings, after cel-go's `cel/validator.go`
//! and `ext/formatting.go`.

use super::{Checked, format, literals, mismatch, place};
use crate::ast::{Element, Expr, ExprKind, MacroKind, MapEntry};
use crate::environment::Environment;
use crate::error::Collector;
use crate::types::Type;

/// The first Kubernetes minor version (1.x) that checks literals.
const LITERALS_SINCE_MINOR: u8 = 29;

pub(super) fn validate(
    environment: &Environment,
    tree: &Expr,
    checked: &Checked,
    errors: &mut Collector,
) {
    // Format strings come last: of two errors at one place, that is the order.
    for pass in [Pass::TypesAndLiterals, Pass::Formats] {
        let mut validator = Validator {
            pass,
            literals: environment.minor >= LITERALS_SINCE_MINOR,
            checked,
            errors,
        };
        validator.visit(tree, false);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    TypesAndLiterals,
    Formats,
}

struct Validator<'v> {
    pass: Pass,
    literals: bool,
    checked: &'v Checked,
    errors: &'v mut Collector,
}

impl Validator<'_> {
    /// Visits the nodes bottom up. The arguments of `format` may be of several types.
    fn visit(&mut self, expr: &Expr, mixed: bool) {
        let formats = matches!(&expr.kind, ExprKind::Call { function, .. } if function == "format");
        let copied = matches!(&expr.kind, ExprKind::Macro(call)
            if matches!(call.kind, MacroKind::OptMap | MacroKind::OptFlatMap));
        for (position, child) in expr.children().into_iter().enumerate() {
            let mark = self.errors.mark();
            self.visit(child, mixed || formats);
            if copied && position == 0 {
                self.errors.repeat(mark, self.errors.mark());
            }
        }
        match (&expr.kind, self.pass) {
            (ExprKind::List(elements), Pass::TypesAndLiterals) if !mixed => {
                self.visit_list(elements);
            }
            (ExprKind::Map(entries), Pass::TypesAndLiterals) if !mixed => self.visit_map(entries),
            (ExprKind::Call { .. }, Pass::TypesAndLiterals) if self.literals => {
                literals::validate(expr, self.checked, self.errors);
            }
            (ExprKind::Call { .. }, Pass::Formats) if self.literals => {
                format::validate(expr, self.checked, self.errors);
            }
            _ => {}
        }
    }

    fn visit_list(&mut self, elements: &[Element]) {
        let mut first = None;
        for element in elements {
            if !self.same_type(&mut first, &element.value, element.optional) {
                return;
            }
        }
    }

    fn visit_map(&mut self, entries: &[MapEntry]) {
        let (mut first_key, mut first_value) = (None, None);
        for entry in entries {
            self.same_type(&mut first_key, &entry.key, false);
            self.same_type(&mut first_value, &entry.value, entry.optional);
        }
    }

    /// Whether a value has the type of the first one; reported if not.
    fn same_type(&mut self, first: &mut Option<Type>, value: &Expr, optional: bool) -> bool {
        let Some(inferred) = self.checked.type_of(value.id) else {
            return true;
        };
        let found = match inferred {
            Type::Optional(inside) if optional => inside,
            // The API server panics when what is written with `?` is not known to be optional.
            other if optional => {
                let expected = Type::optional(other.clone());
                self.errors.report(place(value), mismatch(&expected, other));
                return false;
            }
            other => other,
        };
        let expected = first.get_or_insert_with(|| found.clone());
        let same = expected == found;
        if !same {
            self.errors.report(place(value), mismatch(expected, found));
        }
        same
    }
}

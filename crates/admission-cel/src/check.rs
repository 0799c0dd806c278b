//! Type inference and overload resolution, as cel-go's `checker` package does it, followed by the
//! validators that `k8s.io/apiserver` enables (`pkg/cel/environment/base.go`).

use crate::ast::{Expr, ExprId};
use crate::environment::Environment;
use crate::error::{Collector, CompileErrors, Place};
use crate::overload::Overload;
use crate::types::Type;

mod calls;
mod expression;
mod format;
mod functions;
mod infer;
mod literals;
mod macros;
mod names;
mod structs;
#[cfg(test)]
mod tests;
mod validate;

use infer::Inference;
pub(crate) use names::{is_dynamic_object, qualified_name};

/// What the checker found out about each node, indexed by
/// [`ExprId`](crate::ast::ExprId).
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The type of each node.
    pub types: Vec<Option<Type>>,
    /// What names and calls refer to. A selection that spells a qualified name (`a.b`) has the
    /// reference itself, and its operand none. A method call that spells a qualified function
    /// (`sets.contains(a, b)`) refers to overloads that are no methods, and its target to nothing.
    /// A `sortBy` macro refers to the overloads of `@sortByAssociatedKeys`.
    pub references: Vec<Option<Reference>>,
    /// The types of the iteration variables that macros read of themselves, with the macros' targets.
    pub read_by_macros: Vec<(ExprId, Type)>,
    /// The type of the whole expression.
    pub result: Option<Type>,
}

/// What a name or call refers to.
#[derive(Clone, Debug)]
pub enum Reference {
    /// A variable of the environment, by slot.
    Variable(usize),
    /// A variable of the enclosing macros, by name (the innermost of that name).
    Local,
    /// The `variables` map as a whole.
    PolicyVariables,
    /// A type's name used as a value.
    Type(Type),
    /// The same, of a type that cel-go's checker knows, but its planner does not.
    UndefinedType,
    /// A call's possible overloads; one when the argument types were known.
    Overloads(Vec<&'static Overload>),
    /// A struct literal's resolved type.
    Struct(Type),
}

impl Checked {
    /// The type of a node.
    pub fn type_of(&self, id: ExprId) -> Option<&Type> {
        self.types.get(id as usize)?.as_ref()
    }

    /// What a node refers to.
    pub fn reference(&self, id: ExprId) -> Option<&Reference> {
        self.references.get(id as usize)?.as_ref()
    }
}

/// Checks a syntax tree.
///
/// # Errors
/// The type and declaration errors, in source order; if there are none, what the validators found.
pub fn check(
    environment: &Environment,
    source: &str,
    tree: &Expr,
) -> Result<Checked, CompileErrors> {
    let mut checker = Checker {
        environment,
        inference: Inference::new(),
        locals: Vec::new(),
        checked: Checked::default(),
        copied_by: None,
        errors: Collector::default(),
    };
    checker.check(tree);
    let (checked, mut errors) = checker.finish(tree);
    if errors.is_empty() {
        validate::validate(environment, tree, &checked, &mut errors);
    }
    if errors.is_empty() {
        Ok(checked)
    } else {
        Err(errors.finish(source))
    }
}

struct Checker<'e> {
    environment: &'e Environment,
    inference: Inference,
    /// The variables of the macros around the current node, innermost last.
    locals: Vec<(String, Type)>,
    checked: Checked,
    /// The place of the outermost macro of which the copy is being checked.
    copied_by: Option<Place>,
    errors: Collector,
}

impl Checker<'_> {
    fn set_type(&mut self, expr: &Expr, inferred: Type) {
        set(&mut self.checked.types, expr.id, inferred);
    }

    /// The type of a checked node, as far as it was known then.
    fn type_of(&self, expr: &Expr) -> Type {
        self.checked
            .type_of(expr.id)
            .cloned()
            .unwrap_or(Type::Error)
    }

    fn set_reference(&mut self, id: ExprId, reference: Reference) {
        set(&mut self.checked.references, id, reference);
    }

    /// `expected type '…' but found '…'`
    fn mismatch(&mut self, place: Place, expected: &Type, found: &Type) {
        self.errors.report(place, mismatch(expected, found));
    }

    fn finish(mut self, tree: &Expr) -> (Checked, Collector) {
        let types = std::mem::take(&mut self.checked.types);
        self.checked.types = types
            .into_iter()
            .map(|inferred| Some(self.inference.substitute(&inferred?, true)))
            .collect();
        let read = std::mem::take(&mut self.checked.read_by_macros);
        self.checked.read_by_macros = read
            .into_iter()
            .map(|(target, inferred)| (target, self.inference.substitute(&inferred, true)))
            .collect();
        self.checked.result = self.checked.type_of(tree.id).cloned();
        if self.inference.exhausted() {
            // Whatever was reported since may be wrong.
            self.errors = Collector::default();
            self.errors
                .report_whole("the expression's types are too large to be inferred");
        }
        (self.checked, self.errors)
    }
}

fn set<T>(annotations: &mut Vec<Option<T>>, id: ExprId, value: T) {
    let index = id as usize;
    if annotations.len() <= index {
        annotations.resize_with(index + 1, || None);
    }
    if let Some(annotation) = annotations.get_mut(index) {
        *annotation = Some(value);
    }
}

/// `expected type '…' but found '…'`
fn mismatch(expected: &Type, found: &Type) -> String {
    format!(
        "expected type '{}' but found '{}'",
        expected.in_errors(),
        found.in_errors()
    )
}

/// Where errors of a node are reported.
fn place(expr: &Expr) -> Place {
    Place {
        start: expr.position,
        end: expr.span.1.max(expr.position),
    }
}

/// The type inside an optional, or the type itself.
fn unwrap_optional(subject: &Type) -> (Type, bool) {
    match subject {
        Type::Optional(inner) => ((**inner).clone(), true),
        other => (other.clone(), false),
    }
}

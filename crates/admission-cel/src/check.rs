//! Type inference and overload resolution, as cel-go's `checker` package does it.

use crate::ast::Expr;
use crate::environment::Environment;
use crate::error::CompileErrors;
use crate::overload::Overload;
use crate::types::Type;

/// What the checker found out about each node, indexed by
/// [`ExprId`](crate::ast::ExprId).
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The type of each node.
    pub types: Vec<Option<Type>>,
    /// What names and calls refer to.
    pub references: Vec<Option<Reference>>,
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
    /// A call's possible overloads; one when the argument types were known.
    Overloads(Vec<&'static Overload>),
    /// A struct literal's resolved type.
    Struct(Type),
}

/// Checks a syntax tree.
///
/// # Errors
/// The type and declaration errors, in source order.
pub fn check(
    _environment: &Environment,
    source: &str,
    _tree: &Expr,
) -> Result<Checked, CompileErrors> {
    Err(CompileErrors {
        source: source.to_owned(),
        errors: Vec::new(),
    })
}

//! Source text to syntax tree, through the parser of the `cel` crate.

use crate::ast::Expr;
use crate::error::CompileErrors;

/// Parses an expression.
///
/// # Errors
/// The syntax errors.
pub fn parse(source: &str) -> Result<Expr, CompileErrors> {
    Err(CompileErrors {
        source: source.to_owned(),
        errors: Vec::new(),
    })
}

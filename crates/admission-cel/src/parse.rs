//! Source text to syntax tree.
//!
//! A recursive-descent parser of the grammar of cel-go (`parser/gen/CEL.g4`), which keeps what
//! checker and error messages need: the position at which cel-go reports each node, and its limits.
//! Macros are recognised as `k8s.io/apiserver` enables them (`pkg/cel/environment/base.go`), but not
//! expanded. Syntax errors have cel-go's positions and our own words.

use crate::ast::Expr;
use crate::error::{Collector, CompileErrors};

mod grammar;
mod lexer;
mod literal;
mod macros;
#[cfg(test)]
mod tests;

/// The longest expression, in code points; `expressionSizeCodePointLimit` of cel-go.
pub const CODE_POINTS_MAX: usize = 100_000;

/// How deep an expression may nest; `maxRecursionDepth` of cel-go. Every recursion over a syntax
/// tree is bounded by it.
pub const DEPTH_MAX: u16 = 250;

/// Parses an expression.
///
/// # Errors
/// The syntax errors: at least the first one, and every misused macro, reserved word and invalid
/// literal before it.
pub fn parse(source: &str) -> Result<Expr, CompileErrors> {
    let mut errors = Collector::default();
    let code_points = source.chars().count();
    if code_points > CODE_POINTS_MAX {
        errors.report_whole(format!(
            "expression code point size exceeds limit: size: {code_points}, limit {CODE_POINTS_MAX}"
        ));
        return Err(errors.finish(source));
    }
    let tokens = lexer::tokens(source, &mut errors);
    match grammar::tree(source, tokens, &mut errors) {
        Some(tree) if errors.is_empty() => Ok(tree),
        _ => Err(errors.finish(source)),
    }
}

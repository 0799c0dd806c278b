//! Which calls are macros and what is wrong with their arguments, after cel-go's `parser/macro.go`,
//! `cel/library.go`, `ext/comprehensions.go` and `ext/lists.go`.

use crate::ast::{Expr, ExprKind, Macro, MacroKind};
use crate::error::Place;

/// What is wrong with a macro call.
type Misuse = (Place, String);

/// The iteration variable that would overwrite cel-go's own, in its traditional spelling.
const ACCUMULATOR: &str = "__result__";

/// The arguments that a macro takes, in this order.
struct Shape {
    kind: MacroKind,
    two_variables: bool,
    predicate: bool,
    transform: bool,
}

/// Makes the node of a call, which is a macro if its name, receiver and number of arguments say so.
pub(super) fn call(
    function: String,
    target: Option<Box<Expr>>,
    arguments: Vec<Expr>,
) -> Result<ExprKind, Misuse> {
    match (target, shape(&function, arguments.len())) {
        (Some(target), Some(shape)) => expand(&function, &shape, *target, arguments),
        (None, _) if function == "has" && arguments.len() == 1 => has(arguments),
        (target, _) => Ok(ExprKind::Call {
            function,
            target,
            arguments,
        }),
    }
}

fn shape(function: &str, arguments: usize) -> Option<Shape> {
    let test = |kind, two_variables| Shape {
        kind,
        two_variables,
        predicate: true,
        transform: false,
    };
    let transform = |kind, two_variables, predicate| Shape {
        kind,
        two_variables,
        predicate,
        transform: true,
    };
    Some(match (function, arguments) {
        ("all", 2 | 3) => test(MacroKind::All, arguments == 3),
        ("exists", 2 | 3) => test(MacroKind::Exists, arguments == 3),
        ("exists_one", 2 | 3) | ("existsOne", 3) => test(MacroKind::ExistsOne, arguments == 3),
        ("filter", 2) => test(MacroKind::Filter, false),
        ("map", 2 | 3) => transform(MacroKind::Map, false, arguments == 3),
        ("transformList", 3 | 4) => transform(MacroKind::TransformList, true, arguments == 4),
        ("transformMap", 3 | 4) => transform(MacroKind::TransformMap, true, arguments == 4),
        ("transformMapEntry", 3 | 4) => {
            transform(MacroKind::TransformMapEntry, true, arguments == 4)
        }
        ("optMap", 2) => transform(MacroKind::OptMap, false, false),
        ("optFlatMap", 2) => transform(MacroKind::OptFlatMap, false, false),
        ("sortBy", 2) => transform(MacroKind::SortBy, false, false),
        _ => return None,
    })
}

fn has(arguments: Vec<Expr>) -> Result<ExprKind, Misuse> {
    let mut misuse = Place { start: 0, end: 0 };
    for argument in arguments {
        misuse = place(&argument);
        // A presence test is a selection in cel-go, hence `has(has(a.b))` is accepted.
        if let ExprKind::Select { operand, field } | ExprKind::Has { operand, field } =
            argument.kind
        {
            return Ok(ExprKind::Has { operand, field });
        }
    }
    Err((misuse, "invalid argument to has() macro".to_owned()))
}

fn expand(
    function: &str,
    shape: &Shape,
    target: Expr,
    arguments: Vec<Expr>,
) -> Result<ExprKind, Misuse> {
    if shape.kind == MacroKind::SortBy && !sortable(&target.kind) {
        return Err((
            place(&target),
            "sortBy can only be applied to a list, identifier, comprehension, call or select \
             expression"
                .to_owned(),
        ));
    }
    let mut arguments = arguments.into_iter();
    let (variable, variable2) = variables(function, shape, &mut arguments)?;
    let predicate = shape.predicate.then(|| arguments.next()).flatten();
    let transform = shape.transform.then(|| arguments.next()).flatten();
    Ok(ExprKind::Macro(Box::new(Macro {
        kind: shape.kind,
        target,
        variable,
        variable2,
        predicate,
        transform,
    })))
}

fn sortable(target: &ExprKind) -> bool {
    !matches!(
        target,
        ExprKind::Literal(_) | ExprKind::Map(_) | ExprKind::Struct { .. }
    )
}

/// The names of the iteration variables, from the first arguments.
fn variables(
    function: &str,
    shape: &Shape,
    arguments: &mut impl Iterator<Item = Expr>,
) -> Result<(String, Option<String>), Misuse> {
    let not_a_name = match shape.kind {
        MacroKind::OptMap | MacroKind::OptFlatMap => {
            format!("{function}() variable name must be a simple identifier")
        }
        MacroKind::Map | MacroKind::Filter | MacroKind::SortBy => {
            "argument is not an identifier".to_owned()
        }
        _ => "argument must be a simple name".to_owned(),
    };
    let count = if shape.two_variables { 2 } else { 1 };
    let mut names = Vec::with_capacity(count);
    for argument in arguments.take(count) {
        let at = place(&argument);
        match argument.kind {
            ExprKind::Ident(name) => names.push((name, at)),
            _ => return Err((at, not_a_name)),
        }
    }
    if let [(first, _), (second, at)] = names.as_slice()
        && first == second
    {
        return Err((*at, format!("duplicate variable name: {first}")));
    }
    let accumulates = !matches!(shape.kind, MacroKind::OptMap | MacroKind::OptFlatMap);
    if let Some((_, at)) = names
        .iter()
        .find(|(name, _)| accumulates && name == ACCUMULATOR)
    {
        return Err((
            *at,
            "iteration variable overwrites accumulator variable".to_owned(),
        ));
    }
    let mut names = names.into_iter().map(|(name, _)| name);
    Ok((names.next().unwrap_or_default(), names.next()))
}

fn place(expr: &Expr) -> Place {
    Place {
        start: expr.position,
        end: expr.span.1.max(expr.position),
    }
}

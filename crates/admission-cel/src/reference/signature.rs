//! How a call is written.

use crate::overload::Overload;
use crate::types::Type;

/// Operators that are written in another way than cel-go names them.
const OPERATORS: &[(&str, &str)] = &[
    ("@in", "in"),
    ("_?._", "e.?f"),
    ("_[?_]", "e[?k]"),
    ("_[_]", "o[k]"),
];

/// A call with types in place of values, and the type of its result: `string.contains(string) ->
/// bool`.
pub(super) fn signature(overload: &Overload) -> String {
    let parameters: Vec<String> = overload
        .parameters
        .iter()
        .map(|parameter| Type::from(*parameter).in_errors().to_string())
        .collect();
    let result = Type::from(overload.result);
    format!("{} -> {}", call(overload, &parameters), result.in_errors())
}

/// The name of a function without the marks of cel-go's operators.
pub(super) fn plain_name(function: &str) -> &str {
    OPERATORS
        .iter()
        .find(|(name, _)| *name == function)
        .map_or(function, |(_, written)| written)
}

fn call(overload: &Overload, parameters: &[String]) -> String {
    let function = plain_name(overload.function);
    match (overload.function, parameters) {
        ("_?_:_", [condition, then, otherwise]) => format!("{condition} ? {then} : {otherwise}"),
        ("_[_]", [operand, key]) => format!("{operand}[{key}]"),
        ("_[?_]", [operand, key]) => format!("{operand}[?{key}]"),
        ("_?._", [operand, _]) => format!("{operand}.?field"),
        ("@in", [item, range]) => format!("{item} in {range}"),
        (_, [operand]) if function.ends_with('_') => {
            format!("{}{operand}", function.trim_end_matches('_'))
        }
        (_, [left, right]) if function.starts_with('_') => {
            format!("{left} {} {right}", function.trim_matches('_'))
        }
        (_, [receiver, arguments @ ..]) if overload.member => {
            format!("{receiver}.{function}({})", arguments.join(", "))
        }
        _ => format!("{function}({})", parameters.join(", ")),
    }
}

//! Whether two answers are the same.

use crate::question::Answer;

/// What differs first between our answer and the oracle's, if anything does.
pub fn difference(ours: &Answer, theirs: &Answer) -> Option<&'static str> {
    match (&ours.compile_error, &theirs.compile_error) {
        (None, None) => {}
        (Some(ours), Some(theirs)) => {
            return (!same_compile_error(ours, theirs)).then_some("compile error");
        }
        _ => return Some("whether it compiles"),
    }
    if theirs.input_error.is_some() {
        return Some("whether it can be asked");
    }
    if ours.error != theirs.error {
        return Some("error");
    }
    if ours.value_text != theirs.value_text {
        return Some("value");
    }
    let parts = [
        ("type", ours.value_type == theirs.value_type),
        ("checked type", ours.checked_type == theirs.checked_type),
        ("cost", theirs.cost.is_none() || ours.cost == theirs.cost),
        (
            "cost of variables",
            ours.variables_cost == theirs.variables_cost,
        ),
    ];
    parts.iter().find(|(_, same)| !same).map(|(part, _)| *part)
}

/// Type and declaration errors must be the same to the letter. Of syntax errors only the place of
/// the first one counts: their wording is ANTLR's there.
fn same_compile_error(ours: &str, theirs: &str) -> bool {
    if theirs.contains("Syntax error: ") {
        return first_place(ours).is_some() && first_place(ours) == first_place(theirs);
    }
    ours == theirs
}

fn first_place(errors: &str) -> Option<&str> {
    let (_, rest) = errors.split_once("ERROR: <input>:")?;
    rest.split_once(": ").map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wording_of_syntax_errors_does_not_count() {
        let ours = "compilation failed: ERROR: <input>:1:3: no operand\n | 1 +\n | ..^";
        let theirs = "compilation failed: ERROR: <input>:1:3: Syntax error: mismatched";
        assert!(same_compile_error(ours, theirs));
        assert!(!same_compile_error(&ours.replace("1:3", "1:4"), theirs));
    }
}

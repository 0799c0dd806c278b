//! Whether two answers are the same.

use admission_cel::program::COST_MAX_PER_CALL;

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
    let value = |answer: &Answer| answer.value_text.as_deref().map(without_objects);
    if value(ours) != value(theirs) {
        return Some("value");
    }
    let parts = [
        ("type", ours.value_type == theirs.value_type),
        ("checked type", ours.checked_type == theirs.checked_type),
        ("cost", same_cost(ours, theirs)),
        (
            "cost of variables",
            ours.variables_cost == theirs.variables_cost,
        ),
    ];
    parts.iter().find(|(_, same)| !same).map(|(part, _)| *part)
}

/// Where cel-go's code panics there is no cost; beyond the limit, how far beyond says nothing.
fn same_cost(ours: &Answer, theirs: &Answer) -> bool {
    let beyond = |answer: &Answer| answer.cost.is_some_and(|cost| cost > COST_MAX_PER_CALL);
    theirs.cost.is_none() || ours.cost == theirs.cost || (beyond(ours) && beyond(theirs))
}

/// Type and declaration errors must be the same to the letter. Of syntax errors only the place of
/// the first one counts: their wording is ANTLR's there.
fn same_compile_error(ours: &str, theirs: &str) -> bool {
    match (syntax_error(theirs), syntax_error(ours)) {
        (Some(theirs), ours_first) => ours_first.or_else(|| first_place(ours)) == Some(theirs),
        (None, _) => ours == theirs,
    }
}

/// The place of the first syntax error. Others that come with it depend on how a parser recovers.
fn syntax_error(errors: &str) -> Option<&str> {
    let mut lines = errors.lines();
    first_place(lines.find(|line| line.contains(": Syntax error: "))?)
}

fn first_place(errors: &str) -> Option<&str> {
    let (_, rest) = errors.split_once("ERROR: <input>:")?;
    rest.split_once(": ").map(|(place, _)| place)
}

/// A value without the content of objects under construction (`Object.spec:{…}`), of which the oracle
/// shows only what Go's JSON makes of them; what counts is the object to which they are applied.
fn without_objects(text: &str) -> String {
    let mut kept = String::new();
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for character in text.chars() {
        let opens = character == '{' && !quoted && (depth > 0 || ends_with_object(&kept));
        if depth == 0 && opens {
            kept.pop();
        } else if depth == 0 {
            kept.push(character);
        }
        match character {
            '"' if !escaped => quoted = !quoted,
            '{' if opens => depth += 1,
            '}' if depth > 0 && !quoted => depth -= 1,
            _ => {}
        }
        escaped = quoted && !escaped && character == '\\';
    }
    kept
}

fn ends_with_object(text: &str) -> bool {
    let name = text
        .strip_suffix(':')
        .and_then(|text| text.rsplit([' ', '[', '(']).next());
    name.is_some_and(|name| name == "Object" || name.starts_with("Object."))
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

    #[test]
    fn the_content_of_objects_under_construction_does_not_count() {
        assert_eq!(
            without_objects(
                r#"list:[Object.a:{"b":{"c":"}\""}}, string:"Object:{", map:{int:1: int:2}]"#
            ),
            r#"list:[Object.a, string:"Object:{", map:{int:1: int:2}]"#
        );
    }
}

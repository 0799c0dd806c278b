//! Making an expression small that still differs.

use crate::expression::Expression;

/// What any expression may be replaced with.
const LEAVES: &[&str] = &["1", "'a'", "true", "[]", "{}", "null", "object"];

/// How often the comparison is asked at most.
const ATTEMPTS_MAX: usize = 3_000;

/// The smallest expression found that `differs`, starting from one that does.
pub fn shrink(start: &Expression, mut differs: impl FnMut(&Expression) -> bool) -> Expression {
    let mut smallest = start.clone();
    let mut attempts = 0;
    while let Some(smaller) = smaller(&smallest, &mut attempts, &mut differs) {
        smallest = smaller;
    }
    smallest
}

/// The first candidate that still differs, the boldest first.
fn smaller(
    expression: &Expression,
    attempts: &mut usize,
    differs: &mut impl FnMut(&Expression) -> bool,
) -> Option<Expression> {
    let mut attempt = |candidate: Expression| {
        *attempts += 1;
        (*attempts <= ATTEMPTS_MAX && differs(&candidate)).then_some(candidate)
    };
    let all = expression.all();
    for (position, part) in all.iter().enumerate() {
        // A part in the place of the whole that holds it.
        for inner in part.all().into_iter().skip(1) {
            if let Some(found) = attempt(expression.replaced(position, inner)) {
                return Some(found);
            }
        }
    }
    for (position, part) in all.iter().enumerate() {
        let written = part.to_string();
        for leaf in LEAVES {
            let is_leaf = LEAVES.contains(&written.as_str());
            if is_leaf || leaf.len() > written.len() {
                continue;
            }
            let candidate = Expression::text(&part.symbol, *leaf);
            if let Some(found) = attempt(expression.replaced(position, &candidate)) {
                return Some(found);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Part;

    #[test]
    fn what_does_not_matter_goes() {
        let guilty = Expression::text("int", "x / 0");
        let wrapped = |inner: Expression| Expression {
            symbol: "int".to_owned(),
            parts: vec![
                Part::Text("(".to_owned()),
                Part::Hole(inner),
                Part::Text(" + ".to_owned()),
                Part::Hole(Expression::text("int", "12345")),
                Part::Text(")".to_owned()),
            ],
        };
        let shrunk = shrink(&wrapped(wrapped(guilty)), |candidate| {
            candidate.to_string().contains("x / 0")
        });
        assert_eq!(shrunk.to_string(), "x / 0");
    }
}

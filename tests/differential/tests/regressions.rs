//! What differed once must not differ again. Needs no Go.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use differential::compare::difference;
use differential::ours;
use differential::regressions::regressions;

#[test]
fn what_differed_once_is_answered_as_the_api_server_answers_it() {
    let mut wrong = Vec::new();
    for regression in regressions().unwrap() {
        let ours = ours::answer(&regression.question);
        if let Some(part) = difference(&ours, &regression.answer) {
            wrong.push(format!(
                "{:?} `{}`: the {part} differs\n  ours   {ours:?}\n  theirs {:?}",
                regression.question.kind, regression.question.expression, regression.answer
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

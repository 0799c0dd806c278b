//! The oracle is built, answers, and answers several tests at once.

#![allow(
    clippy::unwrap_used,
    reason = "a helper of a test may fail as the test does"
)]

use std::thread;

use control_plane::Oracle;
use serde_json::json;

#[test]
fn questions_of_several_threads_get_their_own_answers() {
    let oracle = Oracle::start().unwrap();
    thread::scope(|scope| {
        for number in 0..4 {
            let oracle = &oracle;
            scope.spawn(move || {
                let question = json!({
                    "id": number,
                    "kind": "bare",
                    "expression": "object.number + 1",
                    "object": { "number": number },
                });
                let answer = oracle.ask(&question).unwrap();
                assert_eq!(answer["id"], number);
                assert_eq!(answer["value"], number + 1);
                assert_eq!(answer["cost"], 3);
            });
        }
    });
}

#[test]
fn a_refused_question_is_answered() {
    let oracle = Oracle::start().unwrap();
    let answer = oracle.ask(&json!({ "kind": "no such kind" })).unwrap();
    assert_eq!(answer["input_error"], "unknown kind \"no such kind\"");
}

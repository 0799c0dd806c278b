//! How messages read: what is wrong, a semicolon, what to do; one line.

use cattlegrid::policy::cases::Expectation;

use crate::folders;

/// Longer ones are cut by terminals, and by the API server's warnings.
const CHARACTERS_MAX: usize = 200;

fn problem(message: &str) -> Option<&'static str> {
    if message.contains('\n') {
        Some("is more than one line")
    } else if message.chars().count() > CHARACTERS_MAX {
        Some("is longer than 200 characters")
    } else if !message.contains("; ") {
        Some("does not say what to do behind a semicolon")
    } else if message.ends_with('.') || message.trim() != message {
        Some("ends like a paragraph")
    } else {
        None
    }
}

#[test]
fn every_validation_has_a_fixed_message_of_one_line_that_says_what_to_do() {
    let mut problems = Vec::new();
    for folder in folders::all() {
        for (index, validation) in folder.validations().iter().enumerate() {
            let place = format!("{}: validations[{index}]", folder.id);
            match validation["message"].as_str() {
                Some(message) => {
                    problems.extend(problem(message).map(|p| format!("{place}: `{message}` {p}")));
                }
                None => problems.push(format!("{place} has no message to fall back to")),
            }
            if validation["reason"] != "Forbidden" {
                problems.push(format!("{place}: reason is {}", validation["reason"]));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn computed_messages_follow_the_same_rules() {
    let mut problems = Vec::new();
    for folder in folders::all() {
        for case in &folder.cases {
            let Expectation::Deny(findings) = &case.expectation else {
                continue;
            };
            for finding in findings {
                let message = &finding.message;
                problems
                    .extend(problem(message).map(|p| format!("{}: `{message}` {p}", folder.id)));
                if let Some(path) = &finding.path
                    && message.contains(path.as_str())
                    && path.contains('.')
                {
                    problems.push(format!("{}: `{message}` repeats the path", folder.id));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

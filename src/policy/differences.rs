//! How what came out of a case differs from what it expects.

use std::fmt;

use admission_cel::library::quantity::Quantity;
use bumpalo::Bump;
use serde_json::Value;

use super::cases::{Case, Expectation, ExpectedFinding};
use super::run::{Outcome, expected_object, normalised};

/// One difference. Printed as in a diff: `-` is expected and missing, `+` was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// A finding that is expected and did not come up.
    Missing(ExpectedFinding),
    /// A finding that came up and is not expected.
    Unexpected(ExpectedFinding),
    /// Something that could not be evaluated, and why.
    NotEvaluated(String),
    /// A field of the completed object.
    Field(FieldDifference),
}

/// A place where two objects differ.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDifference {
    /// Where, such as `.spec.containers[0].name`.
    pub path: String,
    /// What is expected; `None` where there should be nothing.
    pub expected: Option<Value>,
    /// What is there; `None` where there is nothing.
    pub found: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(finding) => write!(formatter, "- {}", show(finding)),
            Self::Unexpected(finding) => write!(formatter, "+ {}", show(finding)),
            Self::NotEvaluated(why) => write!(formatter, "+ {why}"),
            Self::Field(field) => {
                let line = |sign: char, value: &Value| format!("{sign} {}: {value}", field.path);
                let expected = field.expected.iter().map(|value| line('-', value));
                let found = field.found.iter().map(|value| line('+', value));
                formatter.write_str(&expected.chain(found).collect::<Vec<_>>().join("\n"))
            }
        }
    }
}

/// How an outcome differs from what the case expects; empty when it does not.
pub fn differences(case: &Case, outcome: &Outcome) -> Vec<Difference> {
    let not_evaluated = outcome.not_evaluated.iter().cloned();
    let mut differences: Vec<Difference> = not_evaluated.map(Difference::NotEvaluated).collect();
    let mut missing = case.expectation.findings().to_vec();
    let mut unexpected = Vec::new();
    for finding in &outcome.findings {
        match missing.iter().position(|expected| expected == finding) {
            Some(position) => drop(missing.remove(position)),
            None => unexpected.push(Difference::Unexpected(finding.clone())),
        }
    }
    differences.extend(missing.into_iter().map(Difference::Missing));
    differences.extend(unexpected);
    if let Expectation::Patched(patch) = &case.expectation {
        let actual = outcome.object.as_ref().map(normalised).unwrap_or_default();
        let mut fields = Vec::new();
        collect(
            Some(&expected_object(case, patch)),
            Some(&actual),
            String::new(),
            &mut fields,
        );
        differences.extend(fields.into_iter().map(Difference::Field));
    }
    differences
}

/// Notes every place where two objects differ, a line each; quantities are compared by value.
pub fn compare(expected: &Value, actual: &Value, path: String, lines: &mut Vec<String>) {
    let mut fields = Vec::new();
    collect(Some(expected), Some(actual), path, &mut fields);
    let text = |value: &Option<Value>| value.as_ref().map_or("nothing".into(), Value::to_string);
    lines.extend(fields.iter().map(|field| {
        let (expected, found) = (text(&field.expected), text(&field.found));
        format!("{}: expected {expected}, found {found}", field.path)
    }));
}

fn collect(
    expected: Option<&Value>,
    actual: Option<&Value>,
    path: String,
    fields: &mut Vec<FieldDifference>,
) {
    match (expected, actual) {
        (Some(Value::Object(expected)), Some(Value::Object(actual))) => {
            let added = actual.keys().filter(|key| !expected.contains_key(*key));
            for key in expected.keys().chain(added) {
                let path = format!("{path}.{key}");
                collect(expected.get(key), actual.get(key), path, fields);
            }
        }
        (Some(Value::Array(expected)), Some(Value::Array(actual))) => {
            for index in 0..expected.len().max(actual.len()) {
                let path = format!("{path}[{index}]");
                collect(expected.get(index), actual.get(index), path, fields);
            }
        }
        _ if is_same(expected, actual) => {}
        _ => fields.push(FieldDifference {
            path,
            expected: expected.cloned(),
            found: actual.cloned(),
        }),
    }
}

/// What is absent is the same as null. Quantities are a matter of value: `1` and `1000m` are the
/// same.
fn is_same(a: Option<&Value>, b: Option<&Value>) -> bool {
    let (a, b) = (a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null));
    let arena = Bump::new();
    let parse = |value: &Value| Quantity::parse(&arena, value.as_str()?);
    a == b || matches!((parse(a), parse(b)), (Some(a), Some(b)) if a == b)
}

fn show(finding: &ExpectedFinding) -> String {
    match &finding.path {
        Some(path) => format!("{path}: {}", finding.message),
        None => finding.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lines(expected: &Value, actual: &Value) -> Vec<String> {
        let mut fields = Vec::new();
        collect(Some(expected), Some(actual), String::new(), &mut fields);
        fields
            .into_iter()
            .map(|field| Difference::Field(field).to_string())
            .collect()
    }

    #[test]
    fn fields_that_differ_are_told_with_both_values() {
        for (expected, actual, told) in [
            (json!({"a": 1}), json!({"a": 1}), vec![]),
            (json!({"a": 1}), json!({"a": 2}), vec!["- .a: 1\n+ .a: 2"]),
            (json!({"a": 1}), json!({}), vec!["- .a: 1"]),
            (json!({}), json!({"a": {"b": 1}}), vec![r#"+ .a: {"b":1}"#]),
            (json!({}), json!({"a": null}), vec![]),
            (
                json!({"cpu": "1", "memory": "1Gi"}),
                json!({"cpu": "1000m", "memory": "1024Mi"}),
                vec![],
            ),
            (
                json!({"l": [1, 2]}),
                json!({"l": [1, 3, 4]}),
                vec!["- .l[1]: 2\n+ .l[1]: 3", "+ .l[2]: 4"],
            ),
        ] {
            assert_eq!(lines(&expected, &actual), told, "{expected} {actual}");
        }
    }
}

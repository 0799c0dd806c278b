//! Tables of expressions and what they give, for the tests of the libraries.

use bumpalo::Bump;

use crate::authorizer::{Answer, Authorizer, AuthorizerValue, Question};
use crate::environment::Environment;
use crate::error::EvaluationError;
use crate::program::{Activation, COST_MAX_PER_CALL, Evaluator, Outcome, VariableValue};
use crate::types::Type;
use crate::value::{Value, runtime_name};

/// Declares one variable, `authorizer`.
struct OneAuthorizer<'a>(Value<'a>);

impl<'a> Activation<'a> for OneAuthorizer<'a> {
    fn variable(&self, _slot: usize) -> Option<Value<'a>> {
        Some(self.0)
    }

    fn policy_variable(&self, _index: usize) -> (&'a VariableValue<'a>, u64) {
        (&Err(EvaluationError::NoSuchOverload), 0)
    }
}

/// Allows what has the verb `allow`, fails on `fail`, cannot be asked about `unknown`, and gives the
/// question as its reason.
struct Echo;

impl Authorizer for Echo {
    fn answer(&self, question: &Question<'_>) -> Answer {
        match question.verb {
            "fail" => Answer::Failed("the authorizer failed".to_owned()),
            "unknown" => Answer::Unavailable("nobody to ask".to_owned()),
            verb => Answer::Decided {
                allowed: verb == "allow",
                reason: format!("{question:?}"),
            },
        }
    }
}

/// What an expression gives: its value, or `error: …`.
pub(crate) fn result_of(expression: &str) -> String {
    evaluate(expression, |outcome| match outcome.value {
        Ok(value) => text(value),
        Err(error) => format!("error: {error}"),
    })
    .unwrap_or_else(|error| error)
}

/// What evaluating an expression costs, if it compiles.
pub(crate) fn cost_of(expression: &str) -> Option<u64> {
    evaluate(expression, |outcome| outcome.cost).ok()
}

fn evaluate<T>(expression: &str, read: impl for<'a> FnOnce(Outcome<'a>) -> T) -> Result<T, String> {
    let mut environment = Environment::new(36);
    environment.declare(
        "authorizer",
        Type::Opaque("kubernetes.authorization.Authorizer"),
    );
    environment.declare_mutation_types();
    let program = environment.compile(expression).map_err(|errors| {
        let messages: Vec<String> = errors
            .errors
            .into_iter()
            .map(|error| error.message)
            .collect();
        format!("error: {}", messages.join("; "))
    })?;
    let arena = Bump::new();
    let root = AuthorizerValue::Authorizer(Question::default());
    let activation = OneAuthorizer(Value::Authorizer(arena.alloc(root)));
    Ok(read(program.evaluate(&Evaluator {
        arena: &arena,
        activation: &activation,
        authorizer: &Echo,
        cost_max: COST_MAX_PER_CALL,
    })))
}

fn text(value: Value<'_>) -> String {
    match value.plain() {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(integer) => integer.to_string(),
        Value::Uint(integer) => format!("{integer}u"),
        Value::Double(number) => format!("{number:?}"),
        Value::String(text) => format!("'{text}'"),
        Value::Bytes(bytes) => format!("b'{}'", bytes.escape_ascii()),
        Value::Duration(nanoseconds) => super::time::duration_text(nanoseconds),
        Value::Timestamp(timestamp) => super::time::rfc3339(timestamp),
        Value::Optional(None) => "optional.none()".to_owned(),
        Value::Optional(Some(inner)) => format!("optional.of({})", text(*inner)),
        Value::Quantity(quantity) => quantity.to_string(),
        Value::Ip(address) => address.to_string(),
        Value::Cidr(range) => range.to_string(),
        Value::Format(format) => format.name().to_owned(),
        Value::Type(named) => runtime_name(named).to_owned(),
        other => collection_text(other),
    }
}

fn collection_text(value: Value<'_>) -> String {
    if let Some(list) = value.as_list() {
        let items: Vec<String> = list.iter().map(text).collect();
        return format!("[{}]", items.join(", "));
    }
    if let Some(map) = value.as_map() {
        let entries: Vec<String> = map
            .iter()
            .map(|(key, value)| format!("{}: {}", text(key), text(value)))
            .collect();
        return format!("{{{}}}", entries.join(", "));
    }
    value.type_name().to_owned()
}

/// Checks every row and reports all that differ.
pub(crate) fn check(table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(expression, expected)| {
            let actual = result_of(expression);
            (actual != *expected)
                .then(|| format!("{expression}\n  expected {expected}\n  got      {actual}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! The messages of failed validations.

use admission_cel::value::Value;

use super::Call;
use crate::finding::Verdict;
use crate::pass::{Budget, OutOfBudget, Pass};
use crate::set::compiled::Validation;

/// The longest message that a `messageExpression` may give:
/// `MaxEvaluatedMessageExpressionSizeBytes` of `k8s.io/apiserver/pkg/apis/cel/config.go`.
const MESSAGE_BYTES_MAX: usize = 5 * 1024;

impl<'a> Call<'a, '_> {
    /// Evaluates every `messageExpression` with what the validations left of the budget, as the API
    /// server does: whether a validation passed plays no part, since running out of budget here
    /// refuses the request. The messages are those of failed validations that can be used.
    pub(super) fn messages(
        &self,
        validations_pass: &Pass<'a, '_>,
        verdicts: &[Verdict],
        mut budget: Budget,
    ) -> Result<Vec<Option<String>>, OutOfBudget> {
        let validations = &self.policy.validations;
        if validations.iter().all(|v| v.message_program.is_none()) {
            return Ok(Vec::new());
        }
        let pass = validations_pass.again_without_authorizer();
        let mut messages = Vec::with_capacity(validations.len());
        for (validation, verdict) in validations.iter().zip(verdicts) {
            let value = match &validation.message_program {
                None => None,
                Some(program) => pass.value(program, &mut budget)?,
            };
            let shown = value.filter(|_| *verdict == Verdict::Fail);
            messages.push(shown.and_then(Value::as_str).and_then(usable));
        }
        Ok(messages)
    }
}

/// A message in the form in which it can be shown.
fn usable(message: &str) -> Option<String> {
    let message = message.trim();
    let usable =
        !message.is_empty() && message.len() <= MESSAGE_BYTES_MAX && !message.contains('\n');
    usable.then(|| message.to_owned())
}

/// The message of a failed validation: the evaluated one, else `message`, else the expression.
pub(super) fn native(validation: &Validation, evaluated: Option<&str>) -> String {
    match evaluated {
        Some(message) => message.to_owned(),
        None if !validation.message.is_empty() => validation.message.clone(),
        None => format!("failed expression: {}", validation.program.source().trim()),
    }
}

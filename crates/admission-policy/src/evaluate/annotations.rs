//! `auditAnnotations`.

use admission_cel::value::Value;

use super::Call;
use crate::pass::{Budget, COST_BUDGET, Failure, OutOfBudget, Pass};

/// The longest value of an audit annotation, `maxAuditAnnotationValueLength` of
/// `pkg/admission/plugin/policy/validating/dispatcher.go`.
const VALUE_BYTES_MAX: usize = 10 * 1024;

/// What the audit annotations of one call gave.
#[derive(Default)]
pub(super) struct Annotations {
    /// Keys and values.
    pub(super) published: Vec<(String, String)>,
    /// What could not be evaluated.
    pub(super) failures: Vec<Failure>,
}

impl<'a> Call<'a, '_> {
    /// Evaluates the audit annotations, which have a budget of their own.
    pub(super) fn annotate(
        &self,
        validations_pass: &Pass<'a, '_>,
    ) -> Result<Annotations, OutOfBudget> {
        let mut annotations = Annotations::default();
        if self.policy.audit_annotations.is_empty() {
            return Ok(annotations);
        }
        let pass = validations_pass.again();
        let mut budget = Budget::new(COST_BUDGET);
        for annotation in &self.policy.audit_annotations {
            match pass.evaluate(&annotation.program, &mut budget)? {
                Ok(value) => {
                    if let Some(text) = published(value) {
                        annotations.published.push((annotation.key.clone(), text));
                    }
                }
                Err(failure) => annotations.failures.push(failure),
            }
        }
        Ok(annotations)
    }
}

/// The text to publish; `null` and blank texts are not published.
fn published(value: Value<'_>) -> Option<String> {
    let text = value.as_str()?.trim();
    let mut end = text.len().min(VALUE_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

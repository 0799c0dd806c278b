//! `ValidatingAdmissionPolicy`.

use std::collections::HashSet;

use super::compiled::{AuditAnnotation, ValidatingPolicy, Validation};
use super::decode::{Faults, Fields};
use super::definition::definition;
use super::expressions::Expressions;
use super::metadata::Metadata;
use super::names;

/// What a validation may give as its reason: `supportedValidationPolicyReason` of
/// `pkg/apis/admissionregistration/validation/validation.go` of Kubernetes.
const REASONS: &[(&str, &str)] = &[
    ("Forbidden", "Forbidden"),
    ("Invalid", "Invalid"),
    ("RequestEntityTooLarge", "RequestEntityTooLarge"),
];

const AUDIT_ANNOTATIONS_MAX: usize = 20;
const VALUE_EXPRESSION_BYTES_MAX: usize = 5 * 1024;

/// Reads and compiles `spec`. What is returned is complete only if no fault was found.
pub(super) fn policy(
    mut spec: Fields<'_>,
    metadata: &Metadata,
    faults: &mut Faults<'_>,
) -> ValidatingPolicy {
    let (definition, expressions) = definition(&mut spec, metadata, false, faults);
    let validations = spec.objects("validations", faults);
    let annotations = spec.objects("auditAnnotations", faults);
    if validations.is_empty() && annotations.is_empty() {
        let path = spec.path("validations");
        faults.add(path, "is required, unless there are auditAnnotations");
    }
    let validations = validations
        .into_iter()
        .filter_map(|fields| validation(fields, &expressions, faults))
        .collect();
    if annotations.len() > AUDIT_ANNOTATIONS_MAX {
        let reason = format!("at most {AUDIT_ANNOTATIONS_MAX} are allowed");
        faults.add(spec.path("auditAnnotations"), reason);
    }
    let mut keys = HashSet::new();
    let mut audit_annotations = Vec::new();
    for fields in annotations {
        let path = fields.path("key");
        if let Some(annotation) = annotation(fields, metadata, &expressions, faults) {
            if !keys.insert(annotation.key.clone()) {
                faults.add(path, format!("`{}` is there already", annotation.key));
            }
            audit_annotations.push(annotation);
        }
    }
    spec.close(faults);
    ValidatingPolicy {
        definition,
        validations,
        audit_annotations,
        bindings: Vec::new(),
    }
}

fn validation(
    mut fields: Fields<'_>,
    expressions: &Expressions,
    faults: &mut Faults<'_>,
) -> Option<Validation> {
    let path = fields.path("expression");
    let program = fields
        .required("expression", faults)
        .and_then(|source| expressions.validation(source, path, faults));
    let message = fields.string("message", faults).map(|message| {
        let trimmed = message.trim();
        if !message.is_empty() && trimmed.is_empty() {
            faults.add(fields.path("message"), "must not be blank");
        } else if trimmed.contains(['\n', '\r']) {
            faults.add(fields.path("message"), "must not contain line breaks");
        }
        trimmed
    });
    let path = fields.path("messageExpression");
    let message_program = match fields.string("messageExpression", faults) {
        None | Some("") => None,
        Some(source) if source.trim().is_empty() => {
            faults.add(path, "must not be blank");
            None
        }
        Some(source) => expressions.message(source, path, faults),
    };
    let reason = fields
        .choice("reason", REASONS, faults)
        .unwrap_or("Invalid");
    fields.close(faults);
    Some(Validation {
        program: program?,
        message: message.unwrap_or_default().to_owned(),
        message_program,
        reason: reason.to_owned(),
    })
}

fn annotation(
    mut fields: Fields<'_>,
    metadata: &Metadata,
    expressions: &Expressions,
    faults: &mut Faults<'_>,
) -> Option<AuditAnnotation> {
    let key = fields.required("key", faults);
    if let Some(key) = key
        && !metadata.name.is_empty()
        && let Some(reason) = names::qualified_name(&format!("{}/{key}", metadata.name))
    {
        faults.add(fields.path("key"), format!("`{key}` {reason}"));
    }
    let path = fields.path("valueExpression");
    let program = match fields.required("valueExpression", faults) {
        Some(source) if source.trim().len() > VALUE_EXPRESSION_BYTES_MAX => {
            let reason = format!("must not exceed {VALUE_EXPRESSION_BYTES_MAX} bytes");
            faults.add(path, reason);
            None
        }
        Some(source) => expressions.annotation(source, path, faults),
        None => None,
    };
    fields.close(faults);
    Some(AuditAnnotation {
        key: key?.to_owned(),
        program: program?,
    })
}

//! Authorization checks, after `k8s.io/apiserver/pkg/cel/library/authz.go`.

mod overloads;
#[cfg(test)]
mod tests;

pub use overloads::OVERLOADS;

use super::arguments::{Outcome, string, value};
use super::format::{is_dns1123_label, is_dns1123_subdomain};
use crate::authorizer::{Answer, AuthorizerValue, Question};
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::Value;

fn receiver<'a>(arguments: &[Value<'a>]) -> Result<&'a AuthorizerValue<'a>, EvaluationError<'a>> {
    match value(arguments, 0)? {
        Value::Authorizer(authorizer) => Ok(authorizer),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

fn authorizer<'a>(arguments: &[Value<'a>]) -> Result<Question<'a>, EvaluationError<'a>> {
    match receiver(arguments)? {
        AuthorizerValue::Authorizer(question) => Ok(*question),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

fn resource_check<'a>(arguments: &[Value<'a>]) -> Result<Question<'a>, EvaluationError<'a>> {
    match receiver(arguments)? {
        AuthorizerValue::ResourceCheck(question) => Ok(*question),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

fn result<'a>(scope: Scope<'a, '_>, authorizer: AuthorizerValue<'a>) -> Outcome<'a> {
    Ok(Value::Authorizer(scope.arena.alloc(authorizer)))
}

fn path<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (question, path) = (authorizer(arguments)?, string(arguments, 1)?);
    if path.trim().is_empty() {
        return Err(EvaluationError::Message("path must not be empty"));
    }
    result(
        scope,
        AuthorizerValue::PathCheck(Question {
            path: Some(path),
            ..question
        }),
    )
}

fn group<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let (question, group) = (authorizer(arguments)?, string(arguments, 1)?);
    result(
        scope,
        AuthorizerValue::GroupCheck(Question { group, ..question }),
    )
}

fn service_account<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let question = authorizer(arguments)?;
    let (namespace, name) = (string(arguments, 1)?, string(arguments, 2)?);
    if !is_dns1123_subdomain(name) {
        return Err(EvaluationError::Message("Invalid service account name"));
    }
    if !is_dns1123_label(namespace) {
        return Err(EvaluationError::Message(
            "Invalid service account namespace",
        ));
    }
    result(
        scope,
        AuthorizerValue::Authorizer(Question {
            service_account: Some((namespace, name)),
            ..question
        }),
    )
}

fn resource<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let AuthorizerValue::GroupCheck(question) = *receiver(arguments)? else {
        return Err(EvaluationError::NoSuchOverload);
    };
    let resource = string(arguments, 1)?;
    if resource.trim().is_empty() {
        return Err(EvaluationError::Message("resource must not be empty"));
    }
    result(
        scope,
        AuthorizerValue::ResourceCheck(Question {
            resource,
            ..question
        }),
    )
}

macro_rules! narrowing {
    ($($field:ident)*) => {$(
        fn $field<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
            let (question, $field) = (resource_check(arguments)?, string(arguments, 1)?);
            result(
                scope,
                AuthorizerValue::ResourceCheck(Question { $field, ..question }),
            )
        }
    )*};
}

narrowing! { subresource namespace name field_selector label_selector }

fn check_path<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let AuthorizerValue::PathCheck(question) = *receiver(arguments)? else {
        return Err(EvaluationError::NoSuchOverload);
    };
    decide(scope, question, string(arguments, 1)?)
}

fn check_resource<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    decide(scope, resource_check(arguments)?, string(arguments, 1)?)
}

/// Asks. An authorizer that cannot be asked fails the expression, one that fails is a decision.
fn decide<'a>(scope: Scope<'a, '_>, question: Question<'a>, verb: &'a str) -> Outcome<'a> {
    let decision = match scope.authorizer.answer(&Question { verb, ..question }) {
        Answer::Decided { allowed, reason } => AuthorizerValue::Decision {
            allowed,
            reason: scope.arena.alloc_str(&reason),
            error: None,
        },
        Answer::Failed(error) => AuthorizerValue::Decision {
            allowed: false,
            reason: "",
            error: Some(scope.arena.alloc_str(&error)),
        },
        Answer::Unavailable(text) => return scope.fail(text),
    };
    result(scope, decision)
}

fn allowed<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match receiver(arguments)? {
        AuthorizerValue::Decision { allowed, .. } => Ok(Value::Bool(*allowed)),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

fn reason<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match receiver(arguments)? {
        AuthorizerValue::Decision { reason, .. } => Ok(Value::String(reason)),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

fn errored<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match receiver(arguments)? {
        AuthorizerValue::Decision { error, .. } => Ok(Value::Bool(error.is_some())),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

fn error<'a>(_scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    match receiver(arguments)? {
        AuthorizerValue::Decision { error, .. } => Ok(Value::String(error.unwrap_or_default())),
        _ => Err(EvaluationError::NoSuchOverload),
    }
}

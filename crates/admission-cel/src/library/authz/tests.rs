//! What authorization checks ask and what they give.

use crate::library::testing::{check, result_of};

#[test]
fn decisions_are_read() {
    check(&[
        (
            "authorizer.group('').resource('pods').check('allow').allowed()",
            "true",
        ),
        (
            "authorizer.group('').resource('pods').check('deny').allowed()",
            "false",
        ),
        (
            "authorizer.group('').resource('pods').check('deny').errored()",
            "false",
        ),
        (
            "authorizer.group('').resource('pods').check('deny').error()",
            "''",
        ),
        (
            "authorizer.path('/healthz').check('allow').allowed()",
            "true",
        ),
    ]);
}

#[test]
fn a_failing_authorizer_is_a_decision() {
    check(&[
        (
            "authorizer.group('').resource('pods').check('fail').allowed()",
            "false",
        ),
        (
            "authorizer.group('').resource('pods').check('fail').errored()",
            "true",
        ),
        (
            "authorizer.group('').resource('pods').check('fail').error()",
            "'the authorizer failed'",
        ),
        (
            "authorizer.group('').resource('pods').check('fail').reason()",
            "''",
        ),
    ]);
}

#[test]
fn an_unavailable_authorizer_fails_the_expression() {
    check(&[(
        "authorizer.group('').resource('pods').check('unknown').allowed()",
        "error: nobody to ask",
    )]);
}

#[test]
fn questions_carry_everything_that_was_said() {
    let reason = result_of(
        "authorizer.serviceAccount('ns', 'robot').group('apps').resource('deployments')\
         .subresource('scale').namespace('prod').name('web').fieldSelector('a=b')\
         .labelSelector('c=d').check('use').reason()",
    );
    for part in [
        "service_account: Some((\"ns\", \"robot\"))",
        "path: None",
        "group: \"apps\"",
        "resource: \"deployments\"",
        "subresource: \"scale\"",
        "namespace: \"prod\"",
        "name: \"web\"",
        "field_selector: \"a=b\"",
        "label_selector: \"c=d\"",
        "verb: \"use\"",
    ] {
        assert!(reason.contains(part), "{part} is missing in {reason}");
    }
}

#[test]
fn empty_and_invalid_names_are_refused() {
    check(&[
        ("authorizer.path(' ')", "error: path must not be empty"),
        (
            "authorizer.group('').resource('')",
            "error: resource must not be empty",
        ),
        (
            "authorizer.serviceAccount('ns', 'No')",
            "error: Invalid service account name",
        ),
        (
            "authorizer.serviceAccount('a.b', 'robot')",
            "error: Invalid service account namespace",
        ),
    ]);
}

use admission_cel::environment::{Environment, KUBERNETES_MINOR};
use admission_cel::types::Type;
use fuzz::corpus::expressions;
use fuzz::fuzz;
use fuzz::mutate::mutated;
use proptest::prelude::*;
use serde_json::json;

use crate::input::evaluate;

fn environment() -> Environment {
    let mut environment = Environment::new(KUBERNETES_MINOR);
    for name in [
        "object",
        "oldObject",
        "params",
        "namespaceObject",
        "request",
    ] {
        environment.declare(name, Type::Dyn);
    }
    environment.declare(
        "authorizer",
        Type::Opaque("kubernetes.authorization.Authorizer"),
    );
    environment.declare_policy_variables();
    for name in [
        "podSpec",
        "containers",
        "volumes",
        "phase",
        "metadataLevels",
    ] {
        environment.declare_policy_variable(name, Type::Dyn);
    }
    environment.declare_mutation_types();
    environment
}

/// Compiles, and evaluates what compiles; places of errors must be within the source.
fn judge(environment: &Environment, source: &str) -> Result<(), String> {
    match environment.compile(source) {
        Ok(program) => evaluate(&program, &object()),
        Err(errors) => {
            let _ = errors.to_string();
            Ok(())
        }
    }
}

fn object() -> serde_json::Value {
    json!({
        "kind": "Job",
        "text": "bananas",
        "list": [3, 1, 2, 2],
        "map": {"a": "x", "b": "y"},
        "metadata": {"name": "n", "labels": {"cattlegrid.dev/phase": "shadow"}},
        "spec": {
            "backoffLimit": 0,
            "template": {"metadata": {}, "spec": {
                "volumes": [{"name": "v", "emptyDir": {}}],
                "containers": [
                    {"name": "a", "image": "i@sha256:0", "resources": {"limits": {"cpu": "1"}}},
                    {"name": "b", "image": "j", "env": [{"name": "x", "value": null}]},
                ],
            }},
            "phases": {"shadow": {"rank": 0}},
        },
    })
}

#[test]
fn mutated_expressions_compile_or_fail_and_evaluate_within_their_limit() {
    let corpus = expressions().expect("the repository is readable");
    let environment = environment();
    fuzz("expressions", 2000, mutated(corpus), |source| {
        judge(&environment, source)
    });
}

#[test]
fn arbitrary_text_compiles_or_fails() {
    let environment = environment();
    let texts = prop_oneof![
        any::<String>(),
        "[a-c0-9.'\"\\\\()\\[\\]{}?:,+*/<>=!&| -]{0,60}",
    ];
    fuzz("text", 1000, texts, |source| judge(&environment, source));
}

#[test]
fn nested_text_compiles_or_fails() {
    let environment = environment();
    let nested = (
        prop::sample::select(vec![
            ("(", ")"),
            ("[", "]"),
            ("{1: ", "}"),
            ("!", ""),
            ("-", ""),
            ("1 + ", ""),
            ("true ? 1 : ", ""),
            ("object.", "a"),
            ("[1].map(x, ", ")"),
            ("object[", "]"),
            ("a && (b || ", ")"),
        ]),
        1..5000usize,
    );
    fuzz("nesting", 60, nested, |((open, close), depth)| {
        let source = format!("{}1{}", open.repeat(*depth), close.repeat(*depth));
        judge(&environment, &source)
    });
}

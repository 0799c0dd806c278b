//! Expressions that were written to exhaust time or memory end at a limit.

use admission_cel::authorizer::NoAuthorizer;
use admission_cel::environment::{Environment, KUBERNETES_MINOR};
use admission_cel::error::EvaluationError;
use admission_cel::json::Json;
use admission_cel::program::{Activation, COST_MAX_PER_CALL, Evaluator, VariableValue};
use admission_cel::types::Type;
use admission_cel::value::Value;
use bumpalo::Bump;
use serde_json::json;

struct Inputs<'a>(&'a Json<'a>);

impl<'a> Activation<'a> for Inputs<'a> {
    fn variable(&self, _slot: usize) -> Option<Value<'a>> {
        Some(Value::Json(self.0))
    }

    fn policy_variable(&self, _index: usize) -> (&'a VariableValue<'a>, u64) {
        (&Err(EvaluationError::NoSuchAttribute("variables")), 0)
    }
}

/// What becomes of an expression.
#[derive(Debug, PartialEq)]
enum End {
    CostLimit,
    Error,
    Refused,
    Value,
}

fn end_of(source: &str) -> End {
    let mut environment = Environment::new(KUBERNETES_MINOR);
    environment.declare("object", Type::Dyn);
    let Ok(program) = environment.compile(source) else {
        return End::Refused;
    };
    let arena = Bump::new();
    let items: Vec<u32> = (0..1000).collect();
    let object = json!({
        "items": items,
        "text": "a".repeat(100_000),
        "pattern": "(a*)*(a*)*(a*)*$b",
        "large": "((((((a{1,100}){1,100}){1,100}){1,100}){1,100}){1,100})",
    });
    let object = arena.alloc(Json::from_serde(&object, &arena));
    let outcome = program.evaluate(&Evaluator {
        arena: &arena,
        activation: &Inputs(object),
        authorizer: &NoAuthorizer,
        cost_max: COST_MAX_PER_CALL,
    });
    match outcome.value {
        Ok(_) => End::Value,
        Err(EvaluationError::CostLimitExceeded) => End::CostLimit,
        Err(_) => End::Error,
    }
}

#[test]
fn hostile_expressions_end_at_a_limit() {
    let doubling = "object.text".to_owned() + &" + object.text".repeat(64);
    let concatenated = format!("[{doubling}].map(a, a + a).map(a, a + a).map(a, a + a)[0] != ''");
    let deep = "[".repeat(1000) + &"]".repeat(1000);
    let long = format!("size('{}') > 0", "x".repeat(200_000));
    let table: &[(&str, End)] = &[
        (
            "object.items.all(a, object.items.all(b, object.items.all(c, a + b + c >= 0)))",
            End::CostLimit,
        ),
        (
            "object.items.map(a, object.items.map(b, object.items.map(c, [a, b, c]))).size() > 0",
            End::CostLimit,
        ),
        (
            "object.items.filter(a, object.items.exists(b, object.items.exists_one(c, a == c)))\
             .size() == 0",
            End::CostLimit,
        ),
        (
            "object.items.transformMap(i, a, object.items.transformList(j, b, object.items.sum()))\
             .size() > 0",
            End::CostLimit,
        ),
        // The work of one call is bounded by what it costs, or by the object.
        (
            "object.items.all(a, !object.text.matches(object.pattern))",
            End::CostLimit,
        ),
        (
            "object.items.all(a, object.text.contains(object.text))",
            End::CostLimit,
        ),
        (
            "object.items.map(a, object.text.replace('a', object.text)).size() > 0",
            End::CostLimit,
        ),
        ("'a'.matches(object.large)", End::Error),
        (
            "'a'.matches('((((((a{1,100}){1,100}){1,100}){1,100}){1,100}){1,100})')",
            End::Refused,
        ),
        // Go keeps eight bits of the precision.
        ("'%.1000000000f'.format([1.0]).size() < 300", End::Value),
        (&concatenated, End::CostLimit),
        (&deep, End::Refused),
        (&long, End::Refused),
    ];
    for (source, expected) in table {
        let shown: String = source.chars().take(90).collect();
        assert_eq!(&end_of(source), expected, "{shown}");
    }
}

#[test]
fn ranges_and_repetitions_beyond_all_memory_end_at_a_limit() {
    for source in [
        "lists.range(9223372036854775807).size() > 0",
        "lists.range(1000000000).map(i, i).size() > 0",
        "'%1000000000d'.format([1]) == ''",
        "quantity('1e999999999').add(quantity('1e-999999999')).sign() == 1",
        "object.text.split('').map(a, object.text.split('')).size() > 0",
        "object.items.map(a, object.items).flatten().map(b, object.items).flatten().size() > 0",
    ] {
        let end = end_of(source);
        assert_ne!(end, End::Value, "{source}");
    }
}

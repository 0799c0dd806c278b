//! Our answer to a question.

use std::cell::Cell;

use admission_cel::authorizer::{AuthorizerValue, Question as AuthorizerQuestion};
use admission_cel::environment::{Environment, KUBERNETES_MINOR};
use admission_cel::error::CompileErrors;
use admission_cel::json::Json;
use admission_cel::library::typed_text;
use admission_cel::program::{COST_MAX_PER_CALL, Evaluator, Program};
use admission_cel::types::Type;
use admission_cel::value::Value;
use admission_policy::pass::{Input, declare};
use admission_policy::set::declare_objects;
use bumpalo::Bump;

use crate::activation::{Compiled, Inputs, Orders};
use crate::authorizer::AllowList;
use crate::question::{Answer, Kind, Question};

/// Compiles and evaluates.
pub fn answer(question: &Question) -> Answer {
    match compile(question) {
        Ok(compiled) => evaluate(question, &compiled, &Orders::written()),
        Err(compile_error) => Answer {
            compile_error: Some(compile_error),
            ..Answer::default()
        },
    }
}

/// How many orders are tried at most.
const ORDERS_MAX: u64 = 4_000;

/// What all orders that are tried may cost together.
const ORDERS_COST_MAX: u64 = 100_000_000;

/// Whether we give an answer that is `accepted` when the entries of maps are visited in another order
/// than that in which they were written. Nothing else changes, so the order is all that such an answer
/// differs by from [`answer`].
pub fn answers_in_some_order(question: &Question, accepted: impl Fn(&Answer) -> bool) -> bool {
    let Ok(compiled) = compile(question) else {
        return false;
    };
    let written = Orders::written();
    let cost = evaluate(question, &compiled, &written).cost.unwrap_or(0);
    let tried = (ORDERS_COST_MAX / cost.max(1)).min(ORDERS_MAX);
    written.matter.get()
        && (0..tried).any(|seed| accepted(&evaluate(question, &compiled, &Orders::random(seed))))
}

struct CompiledQuestion {
    program: Program,
    variables: Vec<Compiled>,
}

fn compile(question: &Question) -> Result<CompiledQuestion, String> {
    let mut environment = environment(question);
    let mut variables = Vec::new();
    if question.kind != Kind::Bare {
        // The environment of the variables has the authorizer, whatever the expression may use.
        let mut full = environment_with(question, true);
        environment.declare_policy_variables();
        full.declare_policy_variables();
        for variable in &question.variables {
            let program = full.compile(&variable.expression).map_err(|errors| {
                format!("variable {:?}: compilation failed: {errors}", variable.name)
            })?;
            let found = program.result_type().clone();
            full.declare_policy_variable(&variable.name, found.clone());
            environment.declare_policy_variable(&variable.name, found);
            let name = variable.name.clone();
            variables.push(Compiled { name, program });
        }
        if matches!(question.kind, Kind::MatchCondition) {
            environment = environment_with(question, true);
        }
    }
    if matches!(question.kind, Kind::JsonPatch | Kind::ApplyConfiguration) {
        environment.declare_mutation_types();
    }
    let found = environment
        .check(&question.expression)
        .map_err(|errors| format!("compilation failed: {errors}"))?;
    accept(question.kind, &found)?;
    let program = environment
        .compile(&question.expression)
        .map_err(|errors| instantiation_failed(&errors))?;
    Ok(CompiledQuestion { program, variables })
}

/// What fails while constants are folded and patterns compiled has no place in Go.
fn instantiation_failed(errors: &CompileErrors) -> String {
    let first = errors.errors.first();
    let message = first.map_or("", |error| error.message.as_str());
    format!("program instantiation failed: {message}")
}

fn environment(question: &Question) -> Environment {
    environment_with(question, question.kind != Kind::MessageExpression)
}

fn environment_with(question: &Question, has_authorizer: bool) -> Environment {
    let mut environment = Environment::new(KUBERNETES_MINOR);
    if question.kind == Kind::Bare {
        environment.declare("object", Type::Dyn);
        environment.declare("params", Type::Dyn);
    } else {
        declare_objects(&mut environment);
        declare(&mut environment, question.params.is_some(), has_authorizer);
    }
    environment
}

/// The types that the API server accepts as a result (`ReturnTypes` of its expression accessors).
fn accept(kind: Kind, found: &Type) -> Result<(), String> {
    let allowed = match kind {
        Kind::Bare | Kind::Variable => return Ok(()),
        Kind::Validation | Kind::MatchCondition => vec![Type::Bool],
        Kind::MessageExpression => vec![Type::String],
        Kind::AuditAnnotation => vec![Type::String, Type::Null],
        Kind::JsonPatch => vec![Type::list(Type::Object("JSONPatch".into()))],
        Kind::ApplyConfiguration => vec![Type::Object("Object".into())],
    };
    if allowed.contains(found) {
        return Ok(());
    }
    let names: Vec<String> = allowed.iter().map(Type::to_string).collect();
    Err(match names.as_slice() {
        [only] => format!("must evaluate to {only} but got {found}"),
        several => format!(
            "must evaluate to one of [{}] but got {found}",
            several.join(" ")
        ),
    })
}

fn evaluate(question: &Question, compiled: &CompiledQuestion, orders: &Orders) -> Answer {
    let arena = Bump::new();
    let authorizer = AllowList {
        accesses: &question.allow,
        user: text_at(&question.request, "/userInfo/username"),
    };
    let inputs = Inputs {
        slots: slots(question, &arena),
        variables: &compiled.variables,
        known: compiled.variables.iter().map(|_| Cell::new(None)).collect(),
        authorizer: &authorizer,
        arena: &arena,
        orders,
    };
    let outcome = compiled.program.evaluate(&Evaluator {
        arena: &arena,
        activation: &inputs,
        authorizer: &authorizer,
        cost_max: COST_MAX_PER_CALL,
    });
    let mut answer = Answer {
        checked_type: Some(compiled.program.result_type().to_string()),
        cost: Some(outcome.cost.saturating_sub(outcome.variables_cost)),
        variables_cost: (!question.variables.is_empty()).then_some(outcome.variables_cost),
        ..Answer::default()
    };
    match outcome.value {
        Ok(value) => {
            answer.value_type = Some(value.type_name().to_owned());
            answer.value_text = Some(typed_text(value));
        }
        Err(error) => answer.error = Some(error.to_string()),
    }
    answer
}

/// The values in the order in which [`environment_with`] declares them.
fn slots<'a>(question: &'a Question, arena: &'a Bump) -> Vec<Value<'a>> {
    let json =
        |value: &'a serde_json::Value| Value::Json(arena.alloc(Json::from_serde(value, arena)));
    let params = question.params.as_ref().map_or(Value::Null, json);
    if question.kind == Kind::Bare {
        return vec![json(&question.object), params];
    }
    Input::in_order(question.params.is_some())
        .iter()
        .map(|input| match input {
            Input::Object => json(&question.object),
            Input::OldObject => json(&question.old_object),
            Input::NamespaceObject if question.kind == Kind::MatchCondition => Value::Null,
            Input::NamespaceObject => json(&question.namespace_object),
            Input::Request => json(&question.request),
            Input::Params => params,
            Input::Authorizer => Value::Authorizer(
                arena.alloc(AuthorizerValue::Authorizer(AuthorizerQuestion::default())),
            ),
            Input::RequestResource => Value::Authorizer(arena.alloc(
                AuthorizerValue::ResourceCheck(request_resource(&question.request)),
            )),
        })
        .collect()
}

fn request_resource(request: &serde_json::Value) -> AuthorizerQuestion<'_> {
    AuthorizerQuestion {
        group: text_at(request, "/requestResource/group"),
        resource: text_at(request, "/requestResource/resource"),
        subresource: text_at(request, "/requestSubResource"),
        namespace: text_at(request, "/namespace"),
        name: text_at(request, "/name"),
        ..AuthorizerQuestion::default()
    }
}

fn text_at<'a>(value: &'a serde_json::Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(|found| found.as_str())
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_order_of_maps_is_varied() {
        let question = |expression: &str| Question {
            expression: expression.to_owned(),
            object: json!({"a": 1, "b": 2, "c": 3, "list": [1, 2]}),
            ..Question::default()
        };
        let gives = |expression: &str, text: &str| {
            answers_in_some_order(&question(expression), |answer| {
                answer.value_text.as_deref() == Some(text)
            })
        };
        assert!(gives("object.map(k, k).isSorted()", "bool:false"));
        assert!(gives("{1: 'x', 2: 'y'}.map(k, k)", "list:[int:2, int:1]"));
        assert!(!gives("{1: 'x'}.map(k, k)", "list:[int:1]"));
        assert!(!gives("object.map(k, k).size()", "int:3000"));
        assert!(!gives("object.list.map(k, k)", "list:[int:2, int:1]"));
    }
}

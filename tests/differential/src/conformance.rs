//! The simple conformance tests of the CEL specification: cases, and whether we pass them.

mod excluded;
mod types;
mod values;

use admission_cel::authorizer::NoAuthorizer;
use admission_cel::environment::{Environment, KUBERNETES_MINOR};
use admission_cel::error::EvaluationError;
use admission_cel::library::typed_text;
use admission_cel::program::{Activation, COST_MAX_PER_CALL, Evaluator, Program, VariableValue};
use admission_cel::value::Value;
use bumpalo::Bump;
use serde::Deserialize;
use serde_json::Value as JsonValue;

pub use excluded::{Exclusion, exclusions};

/// One case; `test` is protobuf's JSON form of `cel.expr.conformance.test.SimpleTest`.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// The file without its extension.
    pub file: String,
    /// The section.
    pub section: String,
    /// The case itself.
    pub test: Test,
}

/// The members of a test that we look at.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Test {
    /// Its name.
    pub name: String,
    /// The expression.
    pub expr: String,
    #[serde(default)]
    disable_macros: bool,
    #[serde(default)]
    disable_check: bool,
    #[serde(default)]
    check_only: bool,
    #[serde(default)]
    container: String,
    #[serde(default)]
    type_env: Vec<JsonValue>,
    #[serde(default)]
    bindings: serde_json::Map<String, JsonValue>,
    value: Option<JsonValue>,
    typed_result: Option<TypedResult>,
    eval_error: Option<JsonValue>,
    any_eval_errors: Option<JsonValue>,
    unknown: Option<JsonValue>,
    any_unknowns: Option<JsonValue>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypedResult {
    result: Option<JsonValue>,
    deduced_type: JsonValue,
}

impl Case {
    /// `file/section/test`
    pub fn name(&self) -> String {
        format!("{}/{}/{}", self.file, self.section, self.test.name)
    }

    /// Whether the expression needs nothing but itself, so that the oracle can be asked as well.
    pub fn stands_alone(&self) -> bool {
        self.test.bindings.is_empty()
            && self.test.type_env.is_empty()
            && self.test.container.is_empty()
            && !self.test.disable_macros
    }

    /// Compiles and evaluates.
    ///
    /// # Errors
    /// What differs from the expectation.
    pub fn check(&self) -> Result<(), String> {
        let test = &self.test;
        if test.unknown.is_some() || test.any_unknowns.is_some() {
            return Err("unknown values are a matter of partial evaluation".to_owned());
        }
        if test.disable_macros || test.disable_check {
            return Err("the API server never disables macros or the checker".to_owned());
        }
        let expects_error = test.eval_error.is_some() || test.any_eval_errors.is_some();
        let (environment, names) = self.environment()?;
        let program = match environment.compile(&test.expr) {
            Ok(program) => program,
            // What fails while constants are folded fails here.
            Err(errors) => {
                let folded = errors
                    .errors
                    .iter()
                    .all(|error| is_of_evaluation(&error.message));
                return if expects_error && folded {
                    Ok(())
                } else {
                    Err(errors.to_string())
                };
            }
        };
        if let Some(typed) = &test.typed_result {
            let expected = types::read(&typed.deduced_type)?.to_string();
            let found = program.result_type().to_string();
            if found != expected {
                return Err(format!("has type {found}, not {expected}"));
            }
        }
        if test.check_only {
            return Ok(());
        }
        self.check_value(&program, &names, expects_error)
    }

    fn check_value(
        &self,
        program: &Program,
        names: &[String],
        expects_error: bool,
    ) -> Result<(), String> {
        let arena = Bump::new();
        let slots = names
            .iter()
            .map(|name| match self.test.bindings.get(name) {
                Some(bound) => values::read(bound.get("value").unwrap_or(bound), &arena).map(Some),
                None => Ok(None),
            })
            .collect::<Result<Vec<_>, String>>()?;
        let outcome = program.evaluate(&Evaluator {
            arena: &arena,
            activation: &Bindings(slots),
            authorizer: &NoAuthorizer,
            cost_max: COST_MAX_PER_CALL,
        });
        let value = match outcome.value {
            Ok(_) if expects_error => return Err("gives a value, not an error".to_owned()),
            Err(_) if expects_error => return Ok(()),
            Ok(value) => typed_text(value),
            Err(error) => return Err(format!("fails: {error}")),
        };
        let typed = self.test.typed_result.as_ref();
        let expected = match self
            .test
            .value
            .as_ref()
            .or(typed.and_then(|typed| typed.result.as_ref()))
        {
            Some(expected) => typed_text(values::read(expected, &arena)?),
            // Without an expectation, `true` is expected.
            None if typed.is_none() => "bool:true".to_owned(),
            None => return Ok(()),
        };
        if value == expected {
            Ok(())
        } else {
            Err(format!("gives {value}, not {expected}"))
        }
    }

    /// The variables of the case, and their names by slot.
    fn environment(&self) -> Result<(Environment, Vec<String>), String> {
        if !self.test.container.is_empty() {
            return Err("expressions of the API server are in no container".to_owned());
        }
        let mut environment = Environment::new(KUBERNETES_MINOR);
        let mut names = Vec::new();
        for declaration in &self.test.type_env {
            let name = declaration
                .get("name")
                .and_then(JsonValue::as_str)
                .unwrap_or("");
            let Some(declared) = declaration.pointer("/ident/type") else {
                return Err("a case cannot declare functions".to_owned());
            };
            environment.declare(name, types::read(declared)?);
            names.push(name.to_owned());
        }
        Ok((environment, names))
    }
}

/// Whether a compile error is one of evaluation, of an expression that was folded.
fn is_of_evaluation(message: &str) -> bool {
    !message.starts_with("undeclared reference")
        && !message.starts_with("found no matching overload")
        && !message.starts_with("expected type")
}

struct Bindings<'a>(Vec<Option<Value<'a>>>);

impl<'a> Activation<'a> for Bindings<'a> {
    fn variable(&self, slot: usize) -> Option<Value<'a>> {
        self.0.get(slot).copied().flatten()
    }

    fn policy_variable(&self, _index: usize) -> (&'a VariableValue<'a>, u64) {
        (&Err(EvaluationError::NoSuchOverload), 0)
    }
}

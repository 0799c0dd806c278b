//! The variables of a validation, as far as they are known here.

use std::cell::Cell;

use admission_cel::authorizer::{Answer, Authorizer, AuthorizerValue, Question};
use admission_cel::error::EvaluationError;
use admission_cel::json::Json;
use admission_cel::program::{Activation, VariableValue};
use admission_cel::value::Value;
use admission_policy::pass::Input;

// Nobody answers, so it does not matter what is asked.
static AUTHORIZER: AuthorizerValue<'static> = AuthorizerValue::Authorizer(Question::EMPTY);
static REQUEST_RESOURCE: AuthorizerValue<'static> = AuthorizerValue::ResourceCheck(Question::EMPTY);

/// What the files said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Inputs<'a> {
    pub(super) object: Option<&'a Json<'a>>,
    pub(super) old_object: Option<&'a Json<'a>>,
    pub(super) request: Option<&'a Json<'a>>,
    pub(super) params: Option<&'a Json<'a>>,
    pub(super) namespace: Option<&'a Json<'a>>,
}

/// The variables, and which of the unknown ones was read last.
pub(super) struct Variables<'a> {
    inputs: Inputs<'a>,
    unknown: Cell<Option<Input>>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(inputs: Inputs<'a>) -> Self {
        Self {
            inputs,
            unknown: Cell::new(None),
        }
    }

    /// How to supply the variable whose absence was met.
    pub(super) fn unknown_read(&self) -> Option<&'static str> {
        self.unknown.get().map(|input| match input {
            Input::Params => "`params` is known with `--params FILE`",
            Input::NamespaceObject => "`namespaceObject` is known with `--namespace-object FILE`",
            Input::Request => "`request` is known with `-f OBJECT` or `--request FILE`",
            _ => "`object` is known with `-f OBJECT`",
        })
    }

    fn node(&self, input: Input, node: Option<&'a Json<'a>>) -> Option<Value<'a>> {
        if node.is_none() {
            self.unknown.set(Some(input));
        }
        node.map(Value::Json)
    }
}

impl<'a> Activation<'a> for Variables<'a> {
    fn variable(&self, slot: usize) -> Option<Value<'a>> {
        let input = *Input::in_order(true).get(slot)?;
        let inputs = &self.inputs;
        match input {
            // Of a request without objects, both are null.
            Input::Object if inputs.object.is_none() && inputs.request.is_some() => {
                Some(Value::Null)
            }
            Input::Object => self.node(input, inputs.object),
            Input::OldObject => Some(inputs.old_object.map_or(Value::Null, Value::Json)),
            Input::NamespaceObject => self.node(input, inputs.namespace),
            Input::Request => self.node(input, inputs.request),
            Input::Params => self.node(input, inputs.params),
            Input::Authorizer => Some(Value::Authorizer(&AUTHORIZER)),
            Input::RequestResource => Some(Value::Authorizer(&REQUEST_RESOURCE)),
        }
    }

    fn policy_variable(&self, _index: usize) -> (&'a VariableValue<'a>, u64) {
        // None is declared, so nothing compiles that asks for one.
        (&Err(EvaluationError::NoSuchAttribute("variables")), 0)
    }
}

/// No cluster is there to answer.
pub(super) struct Offline;

impl Authorizer for Offline {
    fn answer(&self, _question: &Question<'_>) -> Answer {
        Answer::Unavailable(
            "the authorizer cannot be asked offline: only a cluster knows".to_owned(),
        )
    }
}

//! The variables that every policy expression may read.

use admission_cel::authorizer::{AuthorizerValue, Question};
use admission_cel::environment::Environment;
use admission_cel::json::Json;
use admission_cel::types::Type;
use admission_cel::value::Value;
use bumpalo::Bump;

use crate::context::{Context, Namespace};
use crate::request::Request;
use crate::set::compiled::Definition;

static AUTHORIZER: AuthorizerValue<'static> = AuthorizerValue::Authorizer(Question::EMPTY);

/// A variable that kube-apiserver declares for admission policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// `object`
    Object,
    /// `oldObject`
    OldObject,
    /// `namespaceObject`
    NamespaceObject,
    /// `request`
    Request,
    /// `params`
    Params,
    /// `authorizer`
    Authorizer,
    /// `authorizer.requestResource`
    RequestResource,
}

/// The order in which variables are declared; their slots follow from it. What is not always
/// declared comes last, so that all expressions of one policy share their slots.
const WITHOUT_PARAMS: &[Input] = &[
    Input::Object,
    Input::OldObject,
    Input::NamespaceObject,
    Input::Request,
    Input::Authorizer,
    Input::RequestResource,
];
const WITH_PARAMS: &[Input] = &[
    Input::Object,
    Input::OldObject,
    Input::NamespaceObject,
    Input::Request,
    Input::Params,
    Input::Authorizer,
    Input::RequestResource,
];

impl Input {
    /// The variables of a policy with or without `paramKind`, in the order of their slots.
    pub fn in_order(has_params: bool) -> &'static [Input] {
        if has_params {
            WITH_PARAMS
        } else {
            WITHOUT_PARAMS
        }
    }

    /// The variable's name.
    pub fn name(self) -> &'static str {
        match self {
            Input::Object => "object",
            Input::OldObject => "oldObject",
            Input::NamespaceObject => "namespaceObject",
            Input::Request => "request",
            Input::Params => "params",
            Input::Authorizer => "authorizer",
            Input::RequestResource => "authorizer.requestResource",
        }
    }

    /// Whether it asks the authorizer.
    pub fn is_authorizer(self) -> bool {
        matches!(self, Input::Authorizer | Input::RequestResource)
    }
}

/// The values of these variables for one request and parameter object.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    object: Option<&'a Json<'a>>,
    old_object: Option<&'a Json<'a>>,
    old_object_unknown: Option<&'a str>,
    request: &'a Json<'a>,
    request_namespace: &'a str,
    namespace: Namespace<'a>,
    params: Option<&'a Json<'a>>,
    request_resource: &'a AuthorizerValue<'a>,
    slots: &'static [Input],
}

impl<'a> Inputs<'a> {
    /// The values for one policy and parameter object (`None`: `params` is null).
    pub fn new(
        definition: &Definition,
        request: &Request<'a>,
        context: &Context<'a, '_>,
        params: Option<&'a Json<'a>>,
        arena: &'a Bump,
    ) -> Self {
        let is_namespace = (request.kind.group, request.kind.version, request.kind.kind)
            == ("", "v1", "Namespace");
        Self {
            object: request.object,
            old_object: request.old_object,
            old_object_unknown: request.old_object_unknown,
            request: request.variable,
            request_namespace: request.namespace,
            // A Namespace object is not in a namespace, whatever the request's attributes say.
            namespace: if is_namespace || request.namespace.is_empty() {
                Namespace::None
            } else {
                context.namespace
            },
            params,
            request_resource: arena.alloc(AuthorizerValue::ResourceCheck(Question {
                group: request.resource.group,
                resource: request.resource.resource,
                subresource: request.subresource,
                namespace: request.namespace,
                name: request.name,
                ..Question::default()
            })),
            slots: Input::in_order(definition.param_kind.is_some()),
        }
    }

    /// The same, about another object (the result of earlier mutations).
    pub fn with_object(self, object: &'a Json<'a>) -> Self {
        Self {
            object: Some(object),
            ..self
        }
    }

    /// The same, with `namespaceObject` null, as match conditions see it.
    pub fn without_namespace(self) -> Self {
        Self {
            namespace: Namespace::None,
            ..self
        }
    }

    pub(super) fn slot(&self, slot: usize) -> Option<Input> {
        self.slots.get(slot).copied()
    }

    /// The value of a variable; `None` when nobody knows it.
    pub(super) fn value(&self, input: Input) -> Option<Value<'a>> {
        let node = |node: Option<&'a Json<'a>>| Some(node.map_or(Value::Null, Value::Json));
        match input {
            Input::Object => node(self.object),
            Input::OldObject if self.old_object_unknown.is_some() => None,
            Input::OldObject => node(self.old_object),
            Input::NamespaceObject => match self.namespace {
                Namespace::None => Some(Value::Null),
                Namespace::Known(namespace) => Some(Value::Json(namespace)),
                Namespace::Unknown => None,
            },
            Input::Request => Some(Value::Json(self.request)),
            Input::Params => node(self.params),
            Input::Authorizer => Some(Value::Authorizer(&AUTHORIZER)),
            Input::RequestResource => Some(Value::Authorizer(self.request_resource)),
        }
    }

    /// What the reader is told when a variable has no value.
    pub(super) fn why_unknown(&self, input: Input) -> String {
        match (input, self.old_object_unknown) {
            (Input::OldObject, Some(why)) => why.to_owned(),
            // Nothing else can be unknown.
            _ => unknown_namespace(self.request_namespace),
        }
    }
}

/// Why something about a namespace is not evaluated, and what to do.
pub fn unknown_namespace(name: &str) -> String {
    format!("namespace `{name}` is not known; give its manifest as well, or a cluster to ask")
}

/// Declares the variables of policies with or without parameters.
pub fn declare(environment: &mut Environment, has_params: bool, has_authorizer: bool) {
    for input in Input::in_order(has_params) {
        if has_authorizer || !input.is_authorizer() {
            environment.declare(input.name(), type_of(*input));
        }
    }
}

fn type_of(input: Input) -> Type {
    match input {
        Input::Object | Input::OldObject | Input::Params => Type::Dyn,
        Input::NamespaceObject => Type::Object("kubernetes.Namespace".into()),
        Input::Request => Type::Object("kubernetes.AdmissionRequest".into()),
        Input::Authorizer => Type::Opaque("kubernetes.authorization.Authorizer"),
        Input::RequestResource => Type::Opaque("kubernetes.authorization.ResourceCheck"),
    }
}

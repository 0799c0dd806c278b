//! What the tests of this crate share: small policies, requests and worlds around them.

use admission_cel::authorizer::{Answer, Authorizer, Question};
use admission_cel::json::Json;
use bumpalo::Bump;
use serde_json::{Value, json};

use crate::context::{Context, Namespace, Params};
use crate::evaluate::evaluate;
use crate::finding::Evaluation;
use crate::request::{GroupVersionKind, GroupVersionResource, Operation, Request};
use crate::set::{Document, LoadError, PolicySet};

/// Compiles documents that are all of one source.
pub fn compile(documents: &[Value]) -> Result<PolicySet, Vec<LoadError>> {
    let arena = Bump::new();
    let documents: Vec<Document<'_>> = documents
        .iter()
        .enumerate()
        .map(|(index, document)| Document {
            source: "policies.yaml",
            index,
            json: parse(document, &arena),
        })
        .collect();
    PolicySet::compile(&documents)
}

/// The set, or a panic that lists the errors.
pub fn set_of(documents: &[Value]) -> PolicySet {
    compile(documents).unwrap_or_else(|errors| {
        let lines: Vec<String> = errors.iter().map(LoadError::to_string).collect();
        panic!("{}", lines.join("\n"))
    })
}

/// `path: reason` of each error.
pub fn errors_of(documents: &[Value]) -> Vec<String> {
    compile(documents)
        .expect_err("the documents are faulty")
        .iter()
        .map(|error| format!("{}: {}", error.path, error.reason))
        .collect()
}

pub fn parse<'a>(value: &Value, arena: &'a Bump) -> &'a Json<'a> {
    arena.alloc(Json::from_serde(value, arena))
}

/// A policy named `p` for Pods, with this spec besides.
pub fn policy(spec: Value) -> Value {
    let mut whole = json!({"matchConstraints": {"resourceRules": [{
        "apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["pods"]
    }]}});
    merge(&mut whole, spec);
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "p"},
        "spec": whole
    })
}

/// A binding named `b` of policy `p` that denies, with this spec besides.
pub fn binding(spec: Value) -> Value {
    let mut whole = json!({"policyName": "p", "validationActions": ["Deny"]});
    merge(&mut whole, spec);
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "b"},
        "spec": whole
    })
}

/// Policy and binding of one spec.
pub fn bound(spec: Value) -> PolicySet {
    set_of(&[policy(spec), binding(json!({}))])
}

fn merge(into: &mut Value, from: Value) {
    let (Value::Object(into), Value::Object(from)) = (into, from) else {
        panic!("specs are objects");
    };
    into.extend(from);
}

/// What is around a request. Every field can be changed before asking.
pub struct World {
    pub operation: Operation,
    pub resource: (&'static str, &'static str, &'static str),
    pub kind: &'static str,
    pub subresource: &'static str,
    pub name: &'static str,
    pub namespace: &'static str,
    pub object: Option<Value>,
    pub old_object: Option<Value>,
    pub old_object_unknown: Option<&'static str>,
    /// `Err`: nobody knows it.
    pub namespace_object: Result<Value, ()>,
    /// Parameter objects of the one parameter kind there is.
    pub params: Vec<Value>,
    pub params_namespaced: Option<bool>,
    pub allowed: Answer,
}

impl World {
    /// A Pod is created in namespace `agents`.
    pub fn creating(object: Value) -> Self {
        Self {
            operation: Operation::Create,
            resource: ("", "v1", "pods"),
            kind: "Pod",
            subresource: "",
            name: "",
            namespace: "agents",
            object: Some(object),
            old_object: None,
            old_object_unknown: None,
            namespace_object: Ok(json!({"metadata": {"name": "agents"}})),
            params: Vec::new(),
            params_namespaced: Some(false),
            allowed: Answer::Decided {
                allowed: true,
                reason: String::new(),
            },
        }
    }

    /// Hands request and context to a test.
    pub fn ask<R>(&self, test: impl FnOnce(&Request<'_>, &Context<'_, '_>) -> R) -> R {
        let arena = Bump::new();
        self.ask_in(&arena, |request, context| test(request, context))
    }

    /// Hands request and context to a test that needs the arena as well.
    pub fn ask_in<'a, R>(
        &self,
        arena: &'a Bump,
        test: impl FnOnce(&Request<'a>, &Context<'a, '_>) -> R,
    ) -> R {
        let namespace = match &self.namespace_object {
            Ok(_) if self.namespace.is_empty() => Namespace::None,
            Ok(object) => Namespace::Known(parse(object, arena)),
            Err(()) => Namespace::Unknown,
        };
        let params = Known {
            objects: self.params.iter().map(|p| parse(p, arena)).collect(),
            namespaced: self.params_namespaced,
        };
        let authorizer = Always(self.allowed.clone());
        let context = Context {
            namespace,
            params: &params,
            authorizer: &authorizer,
        };
        test(&self.request(arena), &context)
    }

    /// Judges the request.
    pub fn judge(&self, set: &PolicySet) -> Evaluation {
        let arena = Bump::new();
        self.ask_in(&arena, |request, context| {
            evaluate(set, request, context, &|_| false, &arena)
        })
    }

    fn request<'a>(&self, arena: &'a Bump) -> Request<'a> {
        let (group, version, resource) = self.resource;
        let variable = json!({
            "kind": {"group": group, "version": version, "kind": self.kind},
            "resource": {"group": group, "version": version, "resource": resource},
            "operation": "CREATE",
            "name": self.name,
            "namespace": self.namespace,
            "userInfo": {"username": "ann", "groups": ["dev"]},
        });
        let node = |value: &Option<Value>| value.as_ref().map(|value| parse(value, arena));
        Request {
            uid: "1",
            operation: self.operation,
            kind: GroupVersionKind {
                group,
                version,
                kind: self.kind,
            },
            resource: GroupVersionResource {
                group,
                version,
                resource,
            },
            subresource: self.subresource,
            name: self.name,
            namespace: self.namespace,
            user: Default::default(),
            object: node(&self.object),
            old_object: node(&self.old_object),
            old_object_unknown: self.old_object_unknown,
            dry_run: false,
            variable: parse(&variable, arena),
        }
    }
}

struct Known<'a> {
    objects: Vec<&'a Json<'a>>,
    namespaced: Option<bool>,
}

impl<'a> Params<'a> for Known<'a> {
    fn list(
        &self,
        _api_version: &str,
        _kind: &str,
        namespace: Option<&str>,
    ) -> Result<Vec<&'a Json<'a>>, String> {
        let in_namespace = |object: &&&'a Json<'a>| {
            namespace.is_none()
                || object
                    .at(&["metadata", "namespace"])
                    .and_then(|name| name.as_str())
                    == namespace
        };
        Ok(self.objects.iter().filter(in_namespace).copied().collect())
    }

    fn namespaced(&self, _api_version: &str, _kind: &str) -> Option<bool> {
        self.namespaced
    }
}

/// Gives one answer to every question.
struct Always(Answer);

impl Authorizer for Always {
    fn answer(&self, _question: &Question<'_>) -> Answer {
        self.0.clone()
    }
}

/// The messages of all findings.
pub fn messages(evaluation: &Evaluation) -> Vec<&str> {
    evaluation
        .policies
        .iter()
        .flat_map(|policy| &policy.findings)
        .map(|finding| finding.message.as_str())
        .collect()
}

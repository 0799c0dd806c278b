//! The Kubernetes objects that expressions are about, with everything else that a policy can read.

use serde_json::{Value, json};

use crate::question::{Access, Kind, Question, Variable};

const OBJECTS: &[(&str, &str, &str)] = &[
    ("", "pods", include_str!("../objects/pod.json")),
    ("batch", "jobs", include_str!("../objects/job.json")),
    ("batch", "cronjobs", include_str!("../objects/cronjob.json")),
    (
        "rbac.authorization.k8s.io",
        "rolebindings",
        include_str!("../objects/rolebinding.json"),
    ),
    (
        "example.com",
        "widgets",
        include_str!("../objects/widget.json"),
    ),
];

/// The values of all variables.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// `object`
    pub object: Value,
    /// `oldObject`; null for the first objects.
    pub old_object: Value,
    /// `params`
    pub params: Value,
    /// `request`
    pub request: Value,
    /// `namespaceObject`
    pub namespace_object: Value,
}

/// All fixtures: each object once created and once updated.
pub fn fixtures() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    for (group, resource, text) in OBJECTS {
        let object: Value = serde_json::from_str(text).unwrap_or(Value::Null);
        let mut old_object = object.clone();
        if let Some(metadata) = old_object.pointer_mut("/metadata") {
            *metadata = json!({"name": "old", "labels": {"app": "old"}, "generation": 2});
        }
        for (operation, old_object) in [("CREATE", Value::Null), ("UPDATE", old_object)] {
            fixtures.push(Fixture {
                request: request(group, resource, operation, &object),
                params: params(),
                namespace_object: namespace(),
                object: object.clone(),
                old_object,
            });
        }
    }
    fixtures
}

impl Fixture {
    /// A question about this fixture. `bare` and every other use without parameters differ in what
    /// is declared.
    pub fn question(&self, kind: Kind, expression: String) -> Question {
        let is_update = !self.old_object.is_null();
        let mut question = Question {
            kind,
            expression,
            object: self.object.clone(),
            old_object: Value::Null,
            params: is_update.then(|| self.params.clone()),
            request: Value::Null,
            namespace_object: Value::Null,
            variables: Vec::new(),
            allow: Vec::new(),
        };
        if kind != Kind::Bare {
            question.old_object = self.old_object.clone();
            question.request = self.request.clone();
            question.namespace_object = self.namespace_object.clone();
            question.variables = variables();
            question.allow = allowed();
        }
        question
    }
}

fn request(group: &str, resource: &str, operation: &str, object: &Value) -> Value {
    let kind = json!({"group": group, "version": "v1", "kind": object["kind"]});
    let resource = json!({"group": group, "version": "v1", "resource": resource});
    json!({
        "uid": "", "object": null, "oldObject": null,
        "kind": kind, "requestKind": kind, "resource": resource, "requestResource": resource,
        "name": object.pointer("/metadata/name"), "namespace": "agents", "operation": operation,
        "userInfo": {
            "username": "alice", "uid": "u-1", "groups": ["dev", "system:authenticated"],
            "extra": {"scopes": ["a", "b"]},
        },
        "dryRun": false,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
    })
}

fn params() -> Value {
    json!({
        "apiVersion": "cattlegrid.dev/v1alpha1", "kind": "AgentBaseline", "metadata": {"name": "default"},
        "spec": {
            "profiles": {
                "small": {"memory": "200Mi", "deadlineSeconds": 90},
                "large": {"memory": "4Gi", "deadlineSeconds": 900},
            },
            "registries": ["registry.example.com/", "ghcr.io/"], "strict": true, "share": 0.25,
        },
    })
}

fn namespace() -> Value {
    json!({
        "metadata": {
            "name": "agents", "labels": {"cattlegrid.dev/agents": "enforce"},
            "creationTimestamp": "2024-01-01T00:00:00Z",
        },
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    })
}

fn variables() -> Vec<Variable> {
    let variable = |name: &str, expression: &str| Variable {
        name: name.to_owned(),
        expression: expression.to_owned(),
    };
    vec![
        variable("name", "object.metadata.name"),
        variable("flag", "has(object.spec) && variables.name != ''"),
        variable("number", "size(variables.name) * 2"),
        variable(
            "names",
            "object.?spec.containers.orValue([]).map(c, c.name)",
        ),
        variable("broken", "object.no.such.field"),
    ]
}

fn allowed() -> Vec<Access> {
    let access = |verb: &str, group: &str, resource: &str, namespace: &str, name: &str| Access {
        verb: verb.to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        ..Access::default()
    };
    vec![
        Access {
            reason: "by role".to_owned(),
            ..access("get", "apps", "deployments", "*", "*")
        },
        access("create", "*", "*", "agents", "*"),
        Access {
            error: "the authorizer is down".to_owned(),
            ..access("use", "cattlegrid.dev", "trustphases", "", "autonomous")
        },
        Access {
            verb: "get".to_owned(),
            path: "/healthz".to_owned(),
            ..Access::default()
        },
    ]
}

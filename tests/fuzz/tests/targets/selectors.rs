use admission_cel::authorizer::NoAuthorizer;
use admission_cel::json::Json;
use admission_policy::context::{Context, Namespace, Params};
use admission_policy::evaluate::evaluate;
use admission_policy::request::{GroupVersionKind, GroupVersionResource, Operation, Request, User};
use admission_policy::set::{Document, PolicySet};
use bumpalo::Bump;
use fuzz::fuzz;
use proptest::prelude::*;
use serde_json::{Value, json};

struct NoParams;

impl<'a> Params<'a> for NoParams {
    fn list(&self, _: &str, _: &str, _: Option<&str>) -> Result<Vec<&'a Json<'a>>, String> {
        Ok(Vec::new())
    }

    fn namespaced(&self, _: &str, _: &str) -> Option<bool> {
        None
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ab](/[ab])?",
        1 => "[a-zA-Z0-9._/-]{0,70}",
        1 => any::<String>(),
    ]
}

fn selector() -> impl Strategy<Value = Value> {
    let operator = prop_oneof![
        6 => prop::sample::select(vec!["In", "NotIn", "Exists", "DoesNotExist"])
            .prop_map(str::to_owned),
        1 => word(),
    ];
    let expression = (
        word(),
        operator,
        prop::option::of(prop::collection::vec(word(), 0..3)),
    )
        .prop_map(
            |(key, operator, values)| json!({"key": key, "operator": operator, "values": values}),
        );
    let labels = prop::collection::hash_map(word(), word(), 0..3);
    (labels, prop::collection::vec(expression, 0..3)).prop_map(
        |(labels, expressions)| json!({"matchLabels": labels, "matchExpressions": expressions}),
    )
}

fn policy(object_selector: &Value, namespace_selector: &Value) -> [Value; 2] {
    let api_version = "admissionregistration.k8s.io/v1";
    [
        json!({
            "apiVersion": api_version,
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": "p"},
            "spec": {
                "matchConstraints": {
                    "resourceRules": [{
                        "apiGroups": ["*"], "apiVersions": ["*"],
                        "operations": ["*"], "resources": ["*"],
                    }],
                    "objectSelector": object_selector,
                    "namespaceSelector": namespace_selector,
                },
                "validations": [{"expression": "false"}],
            },
        }),
        json!({
            "apiVersion": api_version,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": "b"},
            "spec": {"policyName": "p", "validationActions": ["Deny"]},
        }),
    ]
}

#[test]
fn selectors_are_refused_or_select() {
    let labels = prop::option::of(prop::collection::hash_map(word(), word(), 0..4));
    let input = (selector(), selector(), labels);
    fuzz(
        "selectors",
        400,
        input,
        |(of_object, of_namespace, labels)| {
            let arena = Bump::new();
            let parse =
                |value: &Value| -> &Json<'_> { arena.alloc(Json::from_serde(value, &arena)) };
            let documents = policy(of_object, of_namespace);
            let documents = [0, 1].map(|index: usize| Document {
                source: "fuzz.yaml",
                index,
                json: parse(&documents[index]),
            });
            let Ok(set) = PolicySet::compile(&documents) else {
                return Ok(());
            };
            let object = parse(&json!({"metadata": {"labels": labels}}));
            let request = Request {
                uid: "u",
                operation: Operation::Create,
                kind: GroupVersionKind {
                    group: "",
                    version: "v1",
                    kind: "Pod",
                },
                resource: GroupVersionResource {
                    group: "",
                    version: "v1",
                    resource: "pods",
                },
                subresource: "",
                name: "n",
                namespace: "a",
                user: User::default(),
                object: Some(object),
                old_object: None,
                old_object_unknown: None,
                dry_run: false,
                variable: &Json::Null,
            };
            let context = Context {
                namespace: Namespace::Known(object),
                params: &NoParams,
                authorizer: &NoAuthorizer,
            };
            let evaluation = evaluate(&set, &request, &context, &|_| false, &arena);
            if evaluation.policies.len() > 1 {
                return Err("one binding was called more than once".to_owned());
            }
            Ok(())
        },
    );
}

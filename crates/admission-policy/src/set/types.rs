//! The object types of `request` and `namespaceObject`, field by field as
//! `pkg/admission/plugin/cel/compile.go` of `k8s.io/apiserver` declares them.

use admission_cel::environment::{Environment, ObjectType};
use admission_cel::types::Type;

/// Declares the types of `request` and `namespaceObject`.
pub fn declare_objects(environment: &mut Environment) {
    for (name, fields) in request_types().into_iter().chain(namespace_types()) {
        environment.declare_object(ObjectType {
            name: name.into(),
            fields: fields
                .into_iter()
                .map(|(field, declared)| (field.to_owned(), declared))
                .collect(),
        });
    }
}

type Declared = (&'static str, Vec<(&'static str, Type)>);

fn object(name: &str) -> Type {
    Type::Object(name.into())
}

fn strings() -> Type {
    Type::list(Type::String)
}

fn request_types() -> Vec<Declared> {
    let kind = || object("kubernetes.GroupVersionKind");
    let resource = || object("kubernetes.GroupVersionResource");
    vec![
        (
            "kubernetes.GroupVersionKind",
            vec![
                ("group", Type::String),
                ("version", Type::String),
                ("kind", Type::String),
            ],
        ),
        (
            "kubernetes.GroupVersionResource",
            vec![
                ("group", Type::String),
                ("version", Type::String),
                ("resource", Type::String),
            ],
        ),
        (
            "kubernetes.UserInfo",
            vec![
                ("username", Type::String),
                ("uid", Type::String),
                ("groups", strings()),
                ("extra", Type::map(Type::String, strings())),
            ],
        ),
        (
            "kubernetes.AdmissionRequest",
            vec![
                ("kind", kind()),
                ("resource", resource()),
                ("subResource", Type::String),
                ("requestKind", kind()),
                ("requestResource", resource()),
                ("requestSubResource", Type::String),
                ("name", Type::String),
                ("namespace", Type::String),
                ("operation", Type::String),
                ("userInfo", object("kubernetes.UserInfo")),
                ("dryRun", Type::Bool),
                ("options", Type::Dyn),
            ],
        ),
    ]
}

fn namespace_types() -> Vec<Declared> {
    let string_map = || Type::map(Type::String, Type::String);
    vec![
        ("kubernetes.NamespaceSpec", vec![("finalizers", strings())]),
        (
            "kubernetes.NamespaceCondition",
            vec![
                ("status", Type::String),
                ("type", Type::String),
                ("lastTransitionTime", Type::Timestamp),
                ("message", Type::String),
                ("reason", Type::String),
            ],
        ),
        (
            "kubernetes.NamespaceStatus",
            vec![
                (
                    "conditions",
                    Type::list(object("kubernetes.NamespaceCondition")),
                ),
                ("phase", Type::String),
            ],
        ),
        (
            "kubernetes.NamespaceMetadata",
            vec![
                ("name", Type::String),
                ("generateName", Type::String),
                ("namespace", Type::String),
                ("labels", string_map()),
                ("annotations", string_map()),
                ("UID", Type::String),
                ("creationTimestamp", Type::Timestamp),
                ("deletionGracePeriodSeconds", Type::Int),
                ("deletionTimestamp", Type::Timestamp),
                ("generation", Type::Int),
                ("resourceVersion", Type::String),
                ("finalizers", strings()),
            ],
        ),
        (
            "kubernetes.Namespace",
            vec![
                ("metadata", object("kubernetes.NamespaceMetadata")),
                ("spec", object("kubernetes.NamespaceSpec")),
                ("status", object("kubernetes.NamespaceStatus")),
            ],
        ),
    ]
}

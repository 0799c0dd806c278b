//! The overload tables, indexed by function.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::environment::Environment;
use crate::library;
use crate::overload::{Overload, intrinsic};
use crate::types::{Type, TypeSpec};

/// An overload with its types in the form in which inference needs them.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) overload: &'static Overload,
    pub(super) parameters: Vec<Type>,
    pub(super) result: Type,
    /// The names of type parameters, in the order in which they are met.
    pub(super) type_parameters: Vec<Arc<str>>,
}

static SIGNATURES: LazyLock<HashMap<&'static str, Vec<Signature>>> = LazyLock::new(|| {
    let mut signatures: HashMap<&'static str, Vec<Signature>> = HashMap::new();
    let tables = library::ALL.iter().copied();
    for overload in tables.chain([MAP_INSERTIONS]).flatten() {
        signatures
            .entry(overload.function)
            .or_default()
            .push(Signature::new(overload));
    }
    signatures
});

/// What `transformMap` and `transformMapEntry` expand to in cel-go (`ext/comprehensions.go`); the
/// macros are checked against it.
const MAP_INSERTIONS: &[Overload] = &[
    intrinsic(
        "@mapInsert_map_key_value",
        "cel.@mapInsert",
        &[
            TypeSpec::Map(&TypeSpec::Parameter("K"), &TypeSpec::Parameter("V")),
            TypeSpec::Parameter("K"),
            TypeSpec::Parameter("V"),
        ],
        TypeSpec::Map(&TypeSpec::Parameter("K"), &TypeSpec::Parameter("V")),
    ),
    intrinsic(
        "@mapInsert_map_map",
        "cel.@mapInsert",
        &[
            TypeSpec::Map(&TypeSpec::Parameter("K"), &TypeSpec::Parameter("V")),
            TypeSpec::Map(&TypeSpec::Parameter("K"), &TypeSpec::Parameter("V")),
        ],
        TypeSpec::Map(&TypeSpec::Parameter("K"), &TypeSpec::Parameter("V")),
    ),
];

/// The overloads of a function in an environment; empty when it has no such function.
pub(super) fn signatures(environment: &Environment, function: &str) -> Vec<&'static Signature> {
    let in_mutations_only = function.starts_with("jsonpatch.");
    if in_mutations_only && !environment.mutation_types {
        return Vec::new();
    }
    SIGNATURES
        .get(function)
        .into_iter()
        .flatten()
        .filter(|signature| signature.overload.since_minor <= environment.minor)
        .collect()
}

impl Signature {
    fn new(overload: &'static Overload) -> Self {
        let parameters: Vec<Type> = overload
            .parameters
            .iter()
            .map(|&spec| spec.into())
            .collect();
        let result = Type::from(overload.result);
        let mut type_parameters = Vec::new();
        for part in std::iter::once(&result).chain(&parameters) {
            collect(part, &mut type_parameters);
        }
        Self {
            overload,
            parameters,
            result,
            type_parameters,
        }
    }

    /// The parameters and the result, with type parameters of their own.
    pub(super) fn instantiate(&self, mut fresh: impl FnMut() -> Type) -> (Vec<Type>, Type) {
        let fresh: Vec<(&Arc<str>, Type)> = self
            .type_parameters
            .iter()
            .map(|name| (name, fresh()))
            .collect();
        let parameters = self
            .parameters
            .iter()
            .map(|parameter| rename(parameter, &fresh))
            .collect();
        (parameters, rename(&self.result, &fresh))
    }
}

fn collect(part: &Type, names: &mut Vec<Arc<str>>) {
    match part {
        Type::Parameter(name) if !names.contains(name) => names.push(Arc::clone(name)),
        Type::List(inner) | Type::Optional(inner) | Type::Type(inner) => collect(inner, names),
        Type::Map(key, value) => {
            collect(key, names);
            collect(value, names);
        }
        _ => {}
    }
}

fn rename(part: &Type, names: &[(&Arc<str>, Type)]) -> Type {
    let inside = |inner: &Type| Arc::new(rename(inner, names));
    match part {
        Type::Parameter(name) => names
            .iter()
            .find(|(parameter, _)| *parameter == name)
            .map_or_else(|| part.clone(), |(_, fresh)| fresh.clone()),
        Type::List(inner) => Type::List(inside(inner)),
        Type::Optional(inner) => Type::Optional(inside(inner)),
        Type::Type(inner) => Type::Type(inside(inner)),
        Type::Map(key, value) => Type::Map(inside(key), inside(value)),
        _ => part.clone(),
    }
}

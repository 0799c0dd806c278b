//! What names denote: variables, then types, after `LookupIdent` of cel-go's `checker/env.go`.

use super::{Checker, Reference};
use crate::ast::{Expr, ExprKind};
use crate::environment::Environment;
use crate::types::Type;

/// The type of the `variables` of a policy.
pub(super) const POLICY_VARIABLES: &str = "kubernetes.variables";

impl Checker<'_> {
    /// The type of a possibly qualified name and what it refers to.
    pub(super) fn lookup(&self, name: &str) -> Option<(Type, Reference)> {
        let name = name.strip_prefix('.').unwrap_or(name);
        let local = self.locals.iter().rev().find(|(local, _)| local == name);
        if let Some((_, declared)) = local {
            return Some((declared.clone(), Reference::Local));
        }
        if let Some(variable) = variable(self.environment, name) {
            return Some(variable);
        }
        let denoted = named_type(self.environment, name)?;
        let type_of_type = Type::Type(denoted.clone().into());
        Some((type_of_type, Reference::Type(denoted)))
    }
}

fn variable(environment: &Environment, name: &str) -> Option<(Type, Reference)> {
    let slot = environment
        .variables
        .iter()
        .rposition(|(declared, _)| declared == name);
    if let Some(slot) = slot {
        let (_, declared) = environment.variables.get(slot)?;
        return Some((declared.clone(), Reference::Variable(slot)));
    }
    (name == "variables" && environment.policy_variables.is_some()).then(|| {
        (
            Type::Object(POLICY_VARIABLES.into()),
            Reference::PolicyVariables,
        )
    })
}

fn named_type(environment: &Environment, name: &str) -> Option<Type> {
    let parameter = |name: &str| Type::Parameter(name.into());
    Some(match name {
        "bool" => Type::Bool,
        "bytes" => Type::Bytes,
        "double" => Type::Double,
        "google.protobuf.Duration" => Type::Duration,
        "google.protobuf.Timestamp" => Type::Timestamp,
        "int" => Type::Int,
        "list" => Type::list(parameter("A")),
        "map" => Type::map(parameter("A"), parameter("B")),
        "null_type" => Type::Null,
        "string" => Type::String,
        "type" => Type::TYPE,
        "uint" => Type::Uint,
        "optional_type" if environment.minor >= 28 => Type::OPTIONAL,
        "net.IP" if environment.minor >= 30 => Type::Opaque("net.IP"),
        "net.CIDR" if environment.minor >= 30 => Type::Opaque("net.CIDR"),
        // The names of these types in schemas, which are there when object types are.
        "duration" if !environment.objects.is_empty() => Type::Duration,
        "timestamp" if !environment.objects.is_empty() => Type::Timestamp,
        _ if is_object(environment, name) => Type::Object(name.into()),
        _ => return None,
    })
}

/// Whether a name is that of an object type.
fn is_object(environment: &Environment, name: &str) -> bool {
    environment.objects.contains_key(name)
        || name == POLICY_VARIABLES && environment.policy_variables.is_some()
        || environment.mutation_types && (name == "JSONPatch" || is_dynamic_object(name))
}

/// Whether a name is that of a part of an object under construction, `Object.spec`, whose fields may
/// have any name.
pub(crate) fn is_dynamic_object(name: &str) -> bool {
    name == "Object" || name.starts_with("Object.")
}

/// The dotted name that an expression spells, if it does.
pub(crate) fn qualified_name(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Ident(name) => Some(name.clone()),
        ExprKind::Select { operand, field } => {
            let mut name = qualified_name(operand)?;
            name.push('.');
            name.push_str(field);
            Some(name)
        }
        _ => None,
    }
}

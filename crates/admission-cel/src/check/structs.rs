//! Struct literals and the fields of objects.

use super::names::{POLICY_VARIABLES, is_dynamic_object};
use super::{Checker, Reference, infer, place};
use crate::ast::{Expr, StructField};
use crate::error::Place;
use crate::types::Type;

/// What is known of a field.
pub(super) enum Field {
    Known(Type),
    /// The field is accepted, but has no type: `JSONPatch` answers so for a name that it lacks.
    Untyped,
    /// There is none; reported.
    Missing,
}

impl Checker<'_> {
    pub(super) fn check_struct(&mut self, expr: &Expr, name: &str, fields: &[StructField]) {
        let Some((declared, _)) = self.lookup(name) else {
            self.set_type(expr, Type::Error);
            if is_message(name) {
                return self.errors.report(place(expr), not_a_literal(name));
            }
            return self.undeclared(expr, name);
        };
        let constructed = self.constructed(expr, declared);
        self.set_type(expr, constructed.clone());
        self.set_reference(expr.id, Reference::Struct(constructed.clone()));
        let name = match &constructed {
            Type::Object(name) => name,
            _ => name.strip_prefix('.').unwrap_or(name),
        };
        for field in fields {
            self.check_field(name, field);
        }
    }

    /// The type that a struct literal makes, given the type of its name.
    fn constructed(&mut self, expr: &Expr, declared: Type) -> Type {
        let problem = match &declared {
            Type::Error => return Type::Error,
            Type::Type(denoted) => match &**denoted {
                Type::Object(_) => return (**denoted).clone(),
                Type::Duration | Type::Timestamp => not_a_literal(denoted.name()),
                other => format!("'{}' is not a message type", other.name()),
            },
            other => format!("'{}' is not a type", other.name()),
        };
        self.errors.report(place(expr), problem);
        Type::Error
    }

    fn check_field(&mut self, object: &str, field: &StructField) {
        self.check(&field.value);
        let at = self.copied_by.unwrap_or(Place {
            start: field.position,
            end: field.value.span.1,
        });
        let expected = self.field(at, object, &field.name);
        let found = self.unwrapped(&field.value, field.optional);
        let (fits, expected) = match expected {
            Field::Missing => (true, String::new()),
            Field::Untyped => (infer::is_dyn_or_error(&found), String::new()),
            Field::Known(expected) => (
                self.inference.assignable(&expected, &found),
                expected.in_errors().to_string(),
            ),
        };
        if !fits {
            self.errors.report(
                at,
                format!(
                    "expected type of field '{}' is '{expected}' but provided type is '{}'",
                    field.name,
                    found.in_errors()
                ),
            );
        }
    }

    /// Looks up a field of an object type.
    pub(super) fn field(&mut self, at: Place, object: &str, field: &str) -> Field {
        match lookup(self, object, field) {
            Some(Some(found)) => found,
            Some(None) => {
                self.errors.report(at, format!("undefined field '{field}'"));
                Field::Missing
            }
            None => {
                self.errors
                    .report(at, format!("unexpected failed resolution of '{object}'"));
                Field::Missing
            }
        }
    }
}

/// Whether a name is that of a message which cel-go knows and can make, unlike us.
fn is_message(name: &str) -> bool {
    name.strip_prefix("google.protobuf.").is_some_and(|name| {
        matches!(
            name,
            "Any"
                | "BoolValue"
                | "BytesValue"
                | "DoubleValue"
                | "Empty"
                | "FloatValue"
                | "Int32Value"
                | "Int64Value"
                | "ListValue"
                | "StringValue"
                | "Struct"
                | "UInt32Value"
                | "UInt64Value"
                | "Value"
        )
    })
}

fn not_a_literal(name: &str) -> String {
    format!("the protocol buffer message '{name}' cannot be made here: write its value instead")
}

/// The field of an object type, if the type is known and has it.
fn lookup(checker: &Checker<'_>, object: &str, field: &str) -> Option<Option<Field>> {
    let environment = checker.environment;
    if environment.mutation_types && object == "JSONPatch" {
        return Some(Some(match field {
            "op" | "path" | "from" => Field::Known(Type::String),
            "value" => Field::Known(Type::Dyn),
            _ => Field::Untyped,
        }));
    }
    if environment.mutation_types && is_dynamic_object(object) {
        return Some(Some(Field::Known(Type::Dyn)));
    }
    if !environment.objects.is_empty() {
        // `findScalar` of `k8s.io/apiserver/pkg/cel/types.go`: types without fields, or with any.
        match object {
            "bool" | "bytes" | "double" | "duration" | "int" | "list" | "null_type" | "string"
            | "timestamp" | "uint" => return Some(None),
            "map" => return Some(Some(Field::Known(Type::Dyn))),
            _ => {}
        }
    }
    let fields = match &environment.policy_variables {
        Some(variables) if object == POLICY_VARIABLES => variables,
        _ => &environment.objects.get(object)?.fields,
    };
    let declared = fields.iter().rev().find(|(name, _)| name == field);
    Some(declared.map(|(_, declared)| Field::Known(declared.clone())))
}

//! One mutation: an expression evaluated, and its result applied to the object.

use admission_cel::json::Json;
use admission_cel::program::Program;
use admission_cel::value::{StructValue, Value};
use bumpalo::Bump;

use super::values::{check_type_names, json_value, object_content};
use crate::pass::{Budget, COST_BUDGET, Failure, Pass};
use crate::patch::apply::apply_configuration;
use crate::patch::schema::schema_of;
use crate::patch::{Operation, PatchError, apply_operations, without_nulls};
use crate::request::GroupVersionKind;
use crate::set::compiled::Mutation;

/// Applies one mutation to `object`. The very same node comes back when nothing changes.
///
/// # Errors
/// The text of the API server's error, or what is unknown here.
pub(super) fn apply<'a>(
    mutation: &'a Mutation,
    kind: GroupVersionKind<'_>,
    object: &'a Json<'a>,
    pass: &Pass<'a, '_>,
    arena: &'a Bump,
) -> Result<&'a Json<'a>, Failure> {
    let patched = match mutation {
        Mutation::JsonPatch(program) => {
            let value = evaluate(program, pass)?;
            json_patch(object, value, kind, arena)
        }
        Mutation::ApplyConfiguration(program) => {
            let value = evaluate(program, pass)?;
            configure(object, value, kind, arena)
        }
    };
    patched.map_err(Failure::Error)
}

/// Each mutation has a budget of its own.
fn evaluate<'a>(program: &'a Program, pass: &Pass<'a, '_>) -> Result<Value<'a>, Failure> {
    pass.evaluate(program, &mut Budget::new(COST_BUDGET))?
}

fn configure<'a>(
    object: &'a Json<'a>,
    value: Value<'a>,
    kind: GroupVersionKind<'_>,
    arena: &'a Bump,
) -> Result<&'a Json<'a>, String> {
    let Value::Struct(configuration) = value else {
        let name = match value.as_map() {
            Some(_) => "map(dyn, dyn)",
            None => value.type_name(),
        };
        return Err(format!(
            "unsupported return type from ApplyConfiguration expression: {name}"
        ));
    };
    check_type_names(configuration, "Object")?;
    let schema = schema_of(kind.group, kind.version, kind.kind).ok_or_else(|| {
        format!(
            "error applying patch: it is not known how the lists of kind {} in {}/{} merge; use a \
             JSONPatch mutation for it",
            kind.kind, kind.group, kind.version
        )
    })?;
    let configuration = object_content(configuration, arena).map_err(|reason| {
        format!("error applying patch: failed to convert patch object to typed object: {reason}")
    })?;
    apply_configuration(schema, object, arena.alloc(configuration), arena)
        .map_err(|error| format!("error applying patch: {error}"))
}

/// What a list of `JSONPatch{…}` asks for, up to the first item that is no operation.
struct Requested<'a> {
    operations: Vec<Operation<'a>>,
    /// Why the item after them is none; counts only once they have been applied.
    fault: Option<String>,
}

fn json_patch<'a>(
    object: &'a Json<'a>,
    value: Value<'a>,
    kind: GroupVersionKind<'_>,
    arena: &'a Bump,
) -> Result<&'a Json<'a>, String> {
    let requested = operations(value, arena)?;
    let patched = match apply_operations(object, &requested.operations, arena) {
        // The author's way to say "only if".
        Err(PatchError::TestFailed(_)) => return Ok(object),
        Err(PatchError::Failed(reason)) => return Err(format!("JSON Patch: {reason}")),
        Ok(patched) => patched,
    };
    if let Some(fault) = requested.fault {
        return Err(format!("JSON Patch: {fault}"));
    }
    if std::ptr::eq(patched, object) {
        return Ok(object);
    }
    if patched.as_object().is_none() || !has_same_type(object, patched) {
        return Err(
            "JSON Patch: the object's apiVersion and kind may not be changed or removed".to_owned(),
        );
    }
    let patched = match schema_of(kind.group, kind.version, kind.kind) {
        Some(schema) => without_nulls(schema, patched, arena),
        None => patched,
    };
    Ok(if patched == object { object } else { patched })
}

fn has_same_type(before: &Json<'_>, after: &Json<'_>) -> bool {
    ["apiVersion", "kind"]
        .iter()
        .all(|key| before.get(key) == after.get(key))
}

fn operations<'a>(value: Value<'a>, arena: &'a Bump) -> Result<Requested<'a>, String> {
    let list = value.as_list().ok_or_else(|| {
        "type mismatch: JSONPatchType.expression should evaluate to array".to_owned()
    })?;
    let mut requested = Requested {
        operations: Vec::with_capacity(list.len()),
        fault: None,
    };
    for item in list.iter() {
        let Value::Struct(item) = item else {
            return Err(format!(
                "type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch, \
                 got element of {}",
                item.type_name()
            ));
        };
        // Values are converted before anything is applied, so their errors come first.
        let item = Item::of(item, arena)?;
        if requested.fault.is_none() {
            match item.operation() {
                Ok(operation) => requested.operations.push(operation),
                Err(fault) => requested.fault = Some(fault),
            }
        }
    }
    Ok(requested)
}

/// A `JSONPatch{…}`; members that are not set are empty.
#[derive(Default)]
struct Item<'a> {
    op: &'a str,
    path: &'a str,
    from: &'a str,
    value: Option<Json<'a>>,
}

impl<'a> Item<'a> {
    fn of(fields: &StructValue<'a>, arena: &'a Bump) -> Result<Self, String> {
        let mut item = Self::default();
        for (name, value) in fields.fields {
            let text = || {
                value.as_str().ok_or_else(|| {
                    format!(
                        "unexpected type {} for JSONPatchType '{name}' field",
                        value.type_name()
                    )
                })
            };
            match *name {
                "op" => item.op = text()?,
                "path" => item.path = text()?,
                "from" => item.from = text()?,
                "value" => item.value = Some(patch_value(*value, arena)?),
                other => return Err(format!("unexpected JSONPatchType field: {other}")),
            }
        }
        Ok(item)
    }

    fn operation(self) -> Result<Operation<'a>, String> {
        let path = self.path.to_owned();
        // An operation without a value sets null.
        let value = self.value.unwrap_or(Json::Null);
        Ok(match self.op {
            "add" => Operation::Add { path, value },
            "remove" => Operation::Remove { path },
            "replace" => Operation::Replace { path, value },
            "test" => Operation::Test {
                path,
                value: self.value,
            },
            "move" | "copy" if self.from.is_empty() => {
                return Err(format!(
                    "{} operation failed to decode from: operation, missing from field: missing \
                     value",
                    self.op
                ));
            }
            "move" => Operation::Move {
                from: self.from.to_owned(),
                path,
            },
            "copy" => Operation::Copy {
                from: self.from.to_owned(),
                path,
            },
            unknown => return Err(format!("Unexpected kind: {unknown}")),
        })
    }
}

fn patch_value<'a>(value: Value<'a>, arena: &'a Bump) -> Result<Json<'a>, String> {
    if let Value::Struct(object) = value {
        check_type_names(object, object.type_name)?;
    }
    json_value(value, arena).map_err(|reason| {
        format!(
            "JSONPath valueExpression evaluated to a type that could not marshal to JSON: {reason}"
        )
    })
}

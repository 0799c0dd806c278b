//! List, map and struct literals. They are charged for whether or not they succeed.

use bumpalo::collections::Vec as ArenaVec;

use super::access::flattened;
use super::display::go_value_type;
use super::panics::unhashable;
use super::{Evaluated, Interpreter};
use crate::compile::node::{Element, Entry, Struct};
use crate::error::EvaluationError;
use crate::library::go_text;
use crate::value::key::NormalKey;
use crate::value::{MapValue, StructValue, Value};

/// What building costs (`common/cost.go` of cel-go).
pub(super) const LIST_CREATION: u64 = 10;
const MAP_CREATION: u64 = 30;
const STRUCT_CREATION: u64 = 40;

/// The type of the patches of a mutation.
pub(super) const PATCH: &str = "JSONPatch";

impl<'a> Interpreter<'a, '_> {
    #[inline(never)]
    pub fn list(&mut self, elements: &'a [Element]) -> Evaluated<'a> {
        let result = self.list_values(elements);
        self.charged(LIST_CREATION, result)
    }

    #[inline(never)]
    pub fn map(&mut self, entries: &'a [Entry]) -> Evaluated<'a> {
        let result = self.map_entries(entries);
        self.charged(MAP_CREATION, result)
    }

    #[inline(never)]
    pub fn structure(&mut self, object: &'a Struct) -> Evaluated<'a> {
        let result = self.struct_fields(object);
        self.charged(STRUCT_CREATION, result)
    }

    fn list_values(&mut self, elements: &'a [Element]) -> Evaluated<'a> {
        let mut values = ArenaVec::with_capacity_in(elements.len(), self.arena());
        for element in elements {
            let value = self.eval(&element.value)?;
            if !element.optional {
                values.push(value);
                continue;
            }
            match value {
                Value::Optional(Some(inner)) => values.push(*inner),
                Value::Optional(None) => {}
                other => {
                    return EvaluationError::message(
                        self.arena(),
                        format_args!(
                            "cannot initialize optional list element from non-optional value {}",
                            go_text(other)
                        ),
                    );
                }
            }
        }
        Ok(Value::List(values.into_bump_slice()))
    }

    fn map_entries(&mut self, entries: &'a [Entry]) -> Evaluated<'a> {
        let mut kept: ArenaVec<'a, (Value<'a>, Value<'a>)> =
            ArenaVec::with_capacity_in(entries.len(), self.arena());
        for entry in entries {
            let key = self.eval(&entry.key)?;
            let value = self.eval(&entry.value)?;
            if let Some(panic) = unhashable(key) {
                return Err(EvaluationError::Internal(panic));
            }
            // Later entries replace earlier ones, and an absent optional removes them.
            let earlier = kept.iter().position(|(other, _)| same_key(*other, key));
            let value = if entry.optional {
                self.optional_entry(format_args!("{}", go_text(key)), value)?
            } else {
                Some(value)
            };
            match (earlier, value) {
                (Some(position), Some(value)) => {
                    if let Some(slot) = kept.get_mut(position) {
                        slot.1 = value;
                    }
                }
                (Some(position), None) => {
                    kept.remove(position);
                }
                (None, Some(value)) => kept.push((key, value)),
                (None, None) => {}
            }
        }
        Ok(Value::Map(MapValue::new(self.arena(), &kept)))
    }

    fn struct_fields(&mut self, object: &'a Struct) -> Evaluated<'a> {
        let mut fields: ArenaVec<'a, (&'a str, Value<'a>)> =
            ArenaVec::with_capacity_in(object.fields.len(), self.arena());
        for field in &object.fields {
            let value = self.eval(&field.value)?;
            let name: &'a str = &field.name;
            let value = if field.optional {
                self.optional_entry(format_args!("{name}"), value)?
            } else {
                Some(value)
            };
            fields.retain(|(other, _)| *other != name);
            // Of the texts of a patch the native value is taken, also out of an optional.
            let value = match value {
                Some(value @ Value::Optional(Some(_)))
                    if &*object.type_name == PATCH && name != "value" =>
                {
                    Some(flattened(value))
                }
                // The native value of a type is its name.
                Some(Value::Type(named)) if &*object.type_name == PATCH && name != "value" => {
                    Some(Value::String(self.arena().alloc_str(named.name())))
                }
                other => other,
            };
            if let Some(value) = value {
                fields.push((name, value));
            }
        }
        if &*object.type_name == PATCH {
            self.check_patch(&fields)?;
        }
        Ok(Value::Struct(self.arena().alloc(StructValue {
            type_name: &object.type_name,
            fields: fields.into_bump_slice(),
        })))
    }

    /// Every field of a patch but its value is text (`mutation/jsonpatch.go` of
    /// `k8s.io/apiserver/pkg/cel`).
    fn check_patch(&self, fields: &[(&str, Value<'a>)]) -> Result<(), EvaluationError<'a>> {
        let wrong = fields.iter().find(|(name, value)| match *name {
            "value" => false,
            "op" | "path" | "from" => value.as_str().is_none(),
            _ => true,
        });
        match wrong {
            None => Ok(()),
            Some((name, _)) if !matches!(*name, "op" | "path" | "from") => {
                EvaluationError::message(
                    self.arena(),
                    format_args!("unexpected JSONPatchType field: {name}"),
                )
            }
            Some((name, value)) => EvaluationError::message(
                self.arena(),
                format_args!(
                    "unexpected type {} for JSONPatchType '{name}' field",
                    go_value_type(*value)
                ),
            ),
        }
    }

    fn optional_entry(
        &self,
        name: std::fmt::Arguments<'_>,
        value: Value<'a>,
    ) -> Result<Option<Value<'a>>, EvaluationError<'a>> {
        match value {
            Value::Optional(inner) => Ok(inner.copied()),
            other => EvaluationError::message(
                self.arena(),
                format_args!(
                    "cannot initialize optional entry '{name}' from non-optional value {}",
                    go_text(other)
                ),
            ),
        }
    }
}

/// Whether two keys are one key of a literal: equal and of the same type.
fn same_key(left: Value<'_>, right: Value<'_>) -> bool {
    let normal = NormalKey::new(left);
    normal != NormalKey::Other
        && normal == NormalKey::new(right)
        && std::mem::discriminant(&left.plain()) == std::mem::discriminant(&right.plain())
}

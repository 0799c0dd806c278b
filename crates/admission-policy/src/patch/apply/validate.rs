//! Whether an apply configuration conforms to its schema,
//! `sigs.k8s.io/structured-merge-diff/v6/typed/validate.go`.

use std::collections::HashSet;
use std::fmt;

use admission_cel::json::{Json, Object};

use super::go_format::{shown, shown_with_type, type_name};
use super::identity::Identity;
use super::place::Place;
use crate::patch::schema::{Key, Shape};

/// What does not conform, with paths such as `.spec.containers[name="a"].image`.
#[derive(Debug, Default)]
pub(super) struct Errors(Vec<(String, String)>);

impl Errors {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn push(&mut self, place: &Place<'_>, message: impl Into<String>) {
        self.0.push((place.to_string(), message.into()));
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = |(path, message): &(String, String)| {
            if path.is_empty() {
                message.clone()
            } else {
                format!("{path}: {message}")
            }
        };
        if let [only] = self.0.as_slice() {
            return formatter.write_str(&one(only));
        }
        formatter.write_str("errors:")?;
        for error in &self.0 {
            write!(formatter, "\n  {}", one(error))?;
        }
        Ok(())
    }
}

/// Everything in `configuration` that does not conform to `shape`.
pub(super) fn errors(shape: &Shape, configuration: &Json<'_>) -> Errors {
    let mut errors = Errors::default();
    check(shape, configuration, &Place::ROOT, &mut errors);
    errors
}

fn check(shape: &Shape, value: &Json<'_>, place: &Place<'_>, errors: &mut Errors) {
    if value.is_null() {
        return;
    }
    match shape {
        Shape::Text if value.as_str().is_none() => {
            errors.push(
                place,
                format!("expected string, got {}", shown_with_type(value)),
            );
        }
        Shape::Number if !matches!(value, Json::Int(_) | Json::Double(_)) => errors.push(
            place,
            format!("expected numeric (int or float), got {}", type_name(value)),
        ),
        Shape::Flag if value.as_bool().is_none() => {
            errors.push(place, format!("expected boolean, got {}", shown(value)));
        }
        Shape::Scalar if matches!(value, Json::Object(_) | Json::Array(_)) => {
            errors.push(place, format!("expected any scalar, got {}", shown(value)));
        }
        Shape::Text | Shape::Number | Shape::Flag | Shape::Scalar | Shape::Free => {}
        Shape::Object(structure) => {
            check_object(value, place, errors, |key| structure.field(key));
        }
        Shape::Map(values) | Shape::AtomicMap(values) => {
            check_object(value, place, errors, |_| Some(*values));
        }
        Shape::List(items) => {
            for (index, item) in array(value, place, errors).iter().enumerate() {
                check(items, item, &place.index(index), errors);
            }
        }
        Shape::Set(items) => check_items(items, None, value, place, errors),
        Shape::Keyed(structure, keys) => {
            check_items(&Shape::Object(structure), Some(*keys), value, place, errors);
        }
    }
}

fn check_object<'s>(
    value: &Json<'_>,
    place: &Place<'_>,
    errors: &mut Errors,
    shape_of: impl Fn(&str) -> Option<&'s Shape>,
) {
    let Some(object) = object(value, place, errors) else {
        return;
    };
    for entry in object.entries() {
        let place = place.field(entry.key);
        match shape_of(entry.key) {
            Some(shape) => check(shape, &entry.value, &place, errors),
            None => {
                // The first undeclared field ends it, as upstream.
                errors.push(&place, "field not declared in schema");
                return;
            }
        }
    }
}

fn check_items(
    shape: &Shape,
    keys: Option<&'static [Key]>,
    value: &Json<'_>,
    place: &Place<'_>,
    errors: &mut Errors,
) {
    let mut seen = HashSet::new();
    for (index, item) in array(value, place, errors).iter().enumerate() {
        let identity = match Identity::of(item, keys) {
            Ok(identity) => identity,
            Err(reason) => {
                errors.push(place, format!("element {index}: {reason}"));
                return;
            }
        };
        if !seen.insert(identity) {
            errors.push(place, format!("duplicate entries for key {identity}"));
        }
        check(shape, item, &place.item(&identity), errors);
    }
}

fn object<'a>(value: &Json<'a>, place: &Place<'_>, errors: &mut Errors) -> Option<Object<'a>> {
    let object = value.as_object();
    if object.is_none() {
        errors.push(place, format!("expected map, got {}", shown(value)));
    }
    object
}

fn array<'a>(value: &Json<'a>, place: &Place<'_>, errors: &mut Errors) -> &'a [Json<'a>] {
    value.as_array().unwrap_or_else(|| {
        errors.push(place, format!("expected list, got {}", shown(value)));
        &[]
    })
}

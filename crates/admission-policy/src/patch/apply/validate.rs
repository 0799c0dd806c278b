//! Whether an apply configuration conforms to its schema,
//! `sigs.k8s.io/structured-merge-diff/v6/typed/validate.go`.

use std::collections::HashSet;
use std::fmt;

use admission_cel::json::{Json, Object};

use super::go_format::{shown, shown_with_type, type_name};
use super::identity::Identity;
use crate::patch::schema::{Key, Shape};

/// What does not conform, with paths such as `.spec.containers[name="a"].image`.
#[derive(Debug, Default)]
pub(super) struct Errors(Vec<(String, String)>);

impl Errors {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn push(&mut self, path: &str, message: impl Into<String>) {
        self.0.push((path.to_owned(), message.into()));
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
    check(shape, configuration, "", &mut errors);
    errors
}

fn check(shape: &Shape, value: &Json<'_>, path: &str, errors: &mut Errors) {
    if value.is_null() {
        return;
    }
    match shape {
        Shape::Text if value.as_str().is_none() => {
            errors.push(
                path,
                format!("expected string, got {}", shown_with_type(value)),
            );
        }
        Shape::Number if !matches!(value, Json::Int(_) | Json::Double(_)) => errors.push(
            path,
            format!("expected numeric (int or float), got {}", type_name(value)),
        ),
        Shape::Flag if value.as_bool().is_none() => {
            errors.push(path, format!("expected boolean, got {}", shown(value)));
        }
        Shape::Scalar if matches!(value, Json::Object(_) | Json::Array(_)) => {
            errors.push(path, format!("expected any scalar, got {}", shown(value)));
        }
        Shape::Text | Shape::Number | Shape::Flag | Shape::Scalar | Shape::Free => {}
        Shape::Object(structure) => {
            check_object(value, path, errors, |key| structure.field(key));
        }
        Shape::Map(values) | Shape::AtomicMap(values) => {
            check_object(value, path, errors, |_| Some(*values));
        }
        Shape::List(items) => {
            for (index, item) in array(value, path, errors).iter().enumerate() {
                check(items, item, &format!("{path}[{index}]"), errors);
            }
        }
        Shape::Set(items) => check_items(items, None, value, path, errors),
        Shape::Keyed(structure, keys) => {
            check_items(&Shape::Object(structure), Some(*keys), value, path, errors);
        }
    }
}

fn check_object<'s>(
    value: &Json<'_>,
    path: &str,
    errors: &mut Errors,
    shape_of: impl Fn(&str) -> Option<&'s Shape>,
) {
    let Some(object) = object(value, path, errors) else {
        return;
    };
    for entry in object.entries() {
        let path = format!("{path}.{}", entry.key);
        match shape_of(entry.key) {
            Some(shape) => check(shape, &entry.value, &path, errors),
            None => {
                // The first undeclared field ends it, as upstream.
                errors.push(&path, "field not declared in schema");
                return;
            }
        }
    }
}

fn check_items(
    shape: &Shape,
    keys: Option<&'static [Key]>,
    value: &Json<'_>,
    path: &str,
    errors: &mut Errors,
) {
    let mut seen = HashSet::new();
    for (index, item) in array(value, path, errors).iter().enumerate() {
        let identity = match Identity::of(item, keys) {
            Ok(identity) => identity.to_string(),
            Err(reason) => {
                errors.push(path, format!("element {index}: {reason}"));
                return;
            }
        };
        let below = format!("{path}{identity}");
        if seen.contains(&identity) {
            errors.push(path, format!("duplicate entries for key {identity}"));
        }
        seen.insert(identity);
        check(shape, item, &below, errors);
    }
}

fn object<'a>(value: &Json<'a>, path: &str, errors: &mut Errors) -> Option<Object<'a>> {
    let object = value.as_object();
    if object.is_none() {
        errors.push(path, format!("expected map, got {}", shown(value)));
    }
    object
}

fn array<'a>(value: &Json<'a>, path: &str, errors: &mut Errors) -> &'a [Json<'a>] {
    value.as_array().unwrap_or_else(|| {
        errors.push(path, format!("expected list, got {}", shown(value)));
        &[]
    })
}

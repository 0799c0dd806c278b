//! Label selectors in policies and bindings.

use super::decode::{Faults, Fields, choose};
use super::names;
use crate::matching::selector::{Operator, Requirement, Selector};

#[derive(Clone, Copy)]
enum Kind {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

const KINDS: &[(&str, Kind)] = &[
    ("In", Kind::In),
    ("NotIn", Kind::NotIn),
    ("Exists", Kind::Exists),
    ("DoesNotExist", Kind::DoesNotExist),
];

/// Reads the selector in a field, as
/// `k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go` demands it; `None` when absent.
pub(super) fn selector(
    parent: &mut Fields<'_>,
    key: &'static str,
    faults: &mut Faults<'_>,
) -> Option<Selector> {
    let mut fields = parent.child(key, faults)?;
    let mut requirements = Vec::new();
    for (path, key, value) in fields.string_map("matchLabels", faults) {
        if let Some(reason) = names::qualified_name(key) {
            faults.add(path.clone(), format!("label key `{key}` {reason}"));
        }
        if let Some(reason) = names::label_value(value) {
            faults.add(path, format!("`{value}` {reason}"));
        }
        requirements.push(Requirement {
            key: key.to_owned(),
            operator: Operator::In(vec![value.to_owned()]),
        });
    }
    for expression in fields.objects("matchExpressions", faults) {
        requirements.extend(requirement(expression, faults));
    }
    fields.close(faults);
    Some(Selector { requirements })
}

fn requirement(mut fields: Fields<'_>, faults: &mut Faults<'_>) -> Option<Requirement> {
    let key = fields.required("key", faults);
    if let Some(reason) = key.and_then(names::qualified_name) {
        faults.add(fields.path("key"), format!("label key {reason}"));
    }
    let kind = fields.required("operator", faults);
    let kind = kind.and_then(|text| choose(text, fields.path("operator"), KINDS, faults));
    let mut values = Vec::new();
    for (path, value) in fields.strings("values", faults) {
        if let Some(reason) = names::label_value(value) {
            faults.add(path, format!("`{value}` {reason}"));
        }
        values.push(value.to_owned());
    }
    let values_path = fields.path("values");
    fields.close(faults);
    match kind? {
        Kind::In | Kind::NotIn if values.is_empty() => {
            faults.add(values_path, "is required with `In` and `NotIn`");
        }
        Kind::Exists | Kind::DoesNotExist if !values.is_empty() => {
            faults.add(
                values_path,
                "is not allowed with `Exists` and `DoesNotExist`",
            );
        }
        _ => {}
    }
    let operator = match kind? {
        Kind::In => Operator::In(values),
        Kind::NotIn => Operator::NotIn(values),
        Kind::Exists => Operator::Exists,
        Kind::DoesNotExist => Operator::DoesNotExist,
    };
    Some(Requirement {
        key: key?.to_owned(),
        operator,
    })
}

//! Named formats, after `k8s.io/apiserver/pkg/cel/library/format.go`.

mod names;
mod overloads;
mod strings;
#[cfg(test)]
mod tests;

pub(super) use names::{is_dns1123_label, is_dns1123_subdomain};
pub use overloads::OVERLOADS;

use super::arguments::{Outcome, string, value};
use super::url;
use crate::error::EvaluationError;
use crate::overload::Scope;
use crate::value::Value;

/// A named format.
#[derive(Debug)]
pub struct NamedFormat {
    name: &'static str,
    /// What is wrong with a string; empty when nothing is.
    validate: fn(&str) -> Vec<String>,
    /// The length of the pattern that validation is charged for.
    pattern_size: u64,
}

impl NamedFormat {
    /// Its name, which is what makes two formats equal.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn pattern_size(&self) -> u64 {
        self.pattern_size
    }
}

impl PartialEq for NamedFormat {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

macro_rules! formats {
    ($($function:ident $constant:ident $key:literal: $name:literal, $validate:expr, $size:expr;)*) => {
        $(
            static $constant: NamedFormat = NamedFormat {
                name: $name,
                validate: $validate,
                pattern_size: $size,
            };

            fn $function<'a>(_scope: Scope<'a, '_>, _arguments: &[Value<'a>]) -> Outcome<'a> {
                Ok(Value::Format(&$constant))
            }
        )*

        fn by_name(name: &str) -> Option<&'static NamedFormat> {
            match name {
                $($key => Some(&$constant),)*
                _ => None,
            }
        }
    };
}

formats! {
    constant_dns1123_label DNS1123_LABEL "dns1123Label":
        "DNS1123Label", |text| names::dns1123_label(text.as_bytes()), 30;
    constant_dns1123_subdomain DNS1123_SUBDOMAIN "dns1123Subdomain":
        "DNS1123Subdomain", |text| names::dns1123_subdomain(text.as_bytes()), 60;
    constant_dns1035_label DNS1035_LABEL "dns1035Label":
        "DNS1035Label", |text| names::dns1035_label(text.as_bytes()), 30;
    constant_qualified_name QUALIFIED_NAME "qualifiedName":
        "QualifiedName", names::qualified_name, 60;
    constant_dns1123_label_prefix DNS1123_LABEL_PREFIX "dns1123LabelPrefix":
        "DNS1123LabelPrefix", |text| names::dns1123_label(&names::without_dash(text)), 30;
    constant_dns1123_subdomain_prefix DNS1123_SUBDOMAIN_PREFIX "dns1123SubdomainPrefix":
        "DNS1123SubdomainPrefix", |text| names::dns1123_subdomain(&names::without_dash(text)), 60;
    constant_dns1035_label_prefix DNS1035_LABEL_PREFIX "dns1035LabelPrefix":
        "DNS1035LabelPrefix", |text| names::dns1035_label(&names::without_dash(text)), 30;
    constant_label_value LABEL_VALUE "labelValue": "LabelValue", names::label_value, 40;
    constant_uri URI "uri": "URI", uri, 1103;
    constant_uuid UUID "uuid":
        "uuid", |text| unless(strings::is_uuid(text), "does not match the UUID format"), 70;
    constant_byte BYTE "byte":
        "byte", |text| unless(strings::is_base64(text), "invalid base64"), 84;
    constant_date DATE "date":
        "date", |text| unless(strings::is_date(text), "invalid date"), 71;
    constant_datetime DATETIME "datetime":
        "datetime", |text| unless(strings::is_date_time(text), "invalid datetime"), 71;
}

fn unless(valid: bool, problem: &str) -> Vec<String> {
    if valid {
        Vec::new()
    } else {
        vec![problem.to_owned()]
    }
}

fn uri(text: &str) -> Vec<String> {
    match url::parse_request_uri(text) {
        Ok(()) => Vec::new(),
        Err(error) => vec![error],
    }
}

fn named<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::Optional(match by_name(string(arguments, 0)?) {
        Some(format) => Some(scope.arena.alloc(Value::Format(format))),
        None => None,
    }))
}

/// What is wrong with a string, or nothing.
fn validate<'a>(scope: Scope<'a, '_>, arguments: &[Value<'a>]) -> Outcome<'a> {
    let Value::Format(format) = value(arguments, 0)? else {
        return Err(EvaluationError::NoSuchOverload);
    };
    let problems = (format.validate)(string(arguments, 1)?);
    if problems.is_empty() {
        return Ok(Value::Optional(None));
    }
    let texts: Vec<&'a str> = problems
        .iter()
        .map(|problem| &*scope.arena.alloc_str(problem))
        .collect();
    let list = scope.list_of_text(texts.len(), texts.into_iter())?;
    Ok(Value::Optional(Some(scope.arena.alloc(list))))
}

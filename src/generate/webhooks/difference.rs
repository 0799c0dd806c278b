//! How a webhook configuration in a cluster differs from the one that it should be.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Flavour, insert};

/// What a configuration's entries have that do not say otherwise
/// (`k8s.io/kubernetes/pkg/apis/admissionregistration/v1/defaults.go`).
const MATCH_POLICY: &str = "Equivalent";
const FAILURE_POLICY: &str = "Fail";
const REINVOCATION_POLICY: &str = "Never";
const DEFAULT_TIMEOUT_SECONDS: u8 = 10;
const SERVICE_PORT: u16 = 443;
const SCOPE: &str = "*";

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The entry's name, or kind and name of a configuration that is not there at all.
    pub name: String,
    /// What is different about it.
    pub what: What,
}

/// What is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is not there.
    Missing,
    /// It should not be there.
    Added,
    /// These members are others.
    Changed(Vec<String>),
}

/// How what is installed differs from what [`super::configurations`] makes. The CA bundle does not
/// count: others fill it in. Nor does the order of entries.
pub fn differences(expected: &Value, installed: Option<&Value>) -> Vec<Difference> {
    let (expected_entries, kind) = (entries(expected), text(expected, "/kind"));
    let Some(installed) = installed else {
        let name = format!("{kind}/{}", text(expected, "/metadata/name"));
        return vec![Difference {
            name,
            what: What::Missing,
        }];
    };
    let mut installed = entries(installed);
    let mut found = Vec::new();
    for (name, expected) in expected_entries {
        let what = match installed.remove(&name) {
            None => What::Missing,
            Some(installed) => {
                let is_mutating = kind == Flavour::Mutating.kind();
                let [expected, installed] =
                    [expected, installed].map(|entry| completed(entry, is_mutating));
                let mut paths = Vec::new();
                compare("", &expected, &installed, &mut paths);
                What::Changed(paths)
            }
        };
        if what != What::Changed(Vec::new()) {
            found.push(Difference { name, what });
        }
    }
    let more = installed.into_keys().map(|name| Difference {
        name,
        what: What::Added,
    });
    found.extend(more);
    found
}

fn text<'v>(object: &'v Value, pointer: &str) -> &'v str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn entries(configuration: &Value) -> BTreeMap<String, Value> {
    let entries = configuration.get("webhooks").and_then(Value::as_array);
    let entries = entries.into_iter().flatten();
    entries
        .map(|entry| (text(entry, "/name").to_owned(), entry.clone()))
        .collect()
}

/// An entry as the API server would store it, without its CA bundle.
fn completed(mut entry: Value, is_mutating: bool) -> Value {
    let mut defaults = vec![
        ("failurePolicy", json!(FAILURE_POLICY)),
        ("matchPolicy", json!(MATCH_POLICY)),
        ("namespaceSelector", json!({})),
        ("objectSelector", json!({})),
        ("timeoutSeconds", json!(DEFAULT_TIMEOUT_SECONDS)),
    ];
    if is_mutating {
        defaults.push(("reinvocationPolicy", json!(REINVOCATION_POLICY)));
    }
    for (key, value) in defaults {
        default(&mut entry, key, value);
    }
    if let Some(service) = entry.pointer_mut("/clientConfig/service") {
        default(service, "port", json!(SERVICE_PORT));
    }
    if let Some(client) = entry.get_mut("clientConfig").and_then(Value::as_object_mut) {
        client.remove("caBundle");
    }
    let rules = entry.get_mut("rules").and_then(Value::as_array_mut);
    for rule in rules.into_iter().flatten() {
        default(rule, "scope", json!(SCOPE));
    }
    entry
}

fn default(object: &mut Value, key: &str, value: Value) {
    if object.get(key).is_none() {
        insert(object, key, value);
    }
}

/// Adds the paths at which two values differ: as deep as both have the same shape.
fn compare(path: &str, expected: &Value, installed: &Value, paths: &mut Vec<String>) {
    match (expected, installed) {
        (Value::Object(expected), Value::Object(installed)) => {
            for key in all_keys(expected, installed) {
                let dot = if path.is_empty() { "" } else { "." };
                let [expected, installed] =
                    [expected, installed].map(|object| object.get(key).unwrap_or(&Value::Null));
                compare(&format!("{path}{dot}{key}"), expected, installed, paths);
            }
        }
        (Value::Array(expected), Value::Array(installed)) if expected.len() == installed.len() => {
            for (index, (expected, installed)) in expected.iter().zip(installed).enumerate() {
                compare(&format!("{path}[{index}]"), expected, installed, paths);
            }
        }
        _ if expected != installed => paths.push(path.to_owned()),
        _ => {}
    }
}

fn all_keys<'m>(
    one: &'m Map<String, Value>,
    other: &'m Map<String, Value>,
) -> impl Iterator<Item = &'m String> {
    let more = other.keys().filter(|key| !one.contains_key(*key));
    one.keys().chain(more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::webhooks::{Address, Trust, configurations, load};

    /// Which configuration, what becomes of it, and what is found.
    type Case = (usize, fn(&mut Value), &'static [&'static str]);

    fn configuration(position: usize) -> Value {
        let (set, baseline) = load(None, None).unwrap();
        let address = Address {
            service: "cattlegrid".to_owned(),
            namespace: "cattlegrid-system".to_owned(),
            url: None,
        };
        configurations(&set, &baseline, &address, &Trust::System).remove(position)
    }

    fn lines(position: usize, change: impl FnOnce(&mut Value)) -> Vec<String> {
        let expected = configuration(position);
        let mut installed = expected.clone();
        change(&mut installed);
        let line = |Difference { name, what }: Difference| match what {
            What::Missing => format!("{name} missing"),
            What::Added => format!("{name} added"),
            What::Changed(paths) => format!("{name} {}", paths.join(" ")),
        };
        let found = differences(&expected, Some(&installed)).into_iter();
        found.map(line).collect()
    }

    #[test]
    fn what_the_api_server_and_cert_manager_fill_in_is_no_difference() {
        let found = lines(0, |installed| {
            installed["metadata"]["uid"] = json!("some");
            let entries = installed["webhooks"].as_array_mut().unwrap();
            entries.reverse();
            entries[0]["clientConfig"]["caBundle"] = json!("Q0E=");
        });
        assert_eq!(found, [""; 0]);
        let expected = configuration(1);
        let mut bare = expected.clone();
        let entry = bare["webhooks"][0].as_object_mut().unwrap();
        for default in ["failurePolicy", "matchPolicy", "objectSelector"] {
            entry.remove(default);
        }
        let service = entry["clientConfig"]["service"].as_object_mut().unwrap();
        service.remove("port");
        assert_eq!(differences(&expected, Some(&bare)), []);
    }

    #[test]
    fn every_weakening_is_named_with_its_members() {
        let table: [Case; 8] = [
            (
                0,
                |c| c["webhooks"][0]["failurePolicy"] = json!("Ignore"),
                &["enforce.validate.cattlegrid.dev failurePolicy"],
            ),
            (
                0,
                |c| c["webhooks"][0]["timeoutSeconds"] = json!(1),
                &["enforce.validate.cattlegrid.dev timeoutSeconds"],
            ),
            (
                0,
                |c| c["webhooks"][0]["clientConfig"] = json!({"url": "https://evil.example"}),
                &["enforce.validate.cattlegrid.dev clientConfig.service clientConfig.url"],
            ),
            (
                0,
                |c| {
                    c["webhooks"][0]["namespaceSelector"]["matchExpressions"][1]["values"] =
                        json!(["a"])
                },
                &["enforce.validate.cattlegrid.dev namespaceSelector.matchExpressions[1].values"],
            ),
            (
                0,
                |c| c["webhooks"][0]["rules"][0]["operations"] = json!(["DELETE"]),
                &["enforce.validate.cattlegrid.dev rules[0].operations[0]"],
            ),
            (
                1,
                |c| {
                    c["webhooks"][0]["matchConditions"] =
                        json!([{"name": "no", "expression": "false"}])
                },
                &["enforce.mutate.cattlegrid.dev matchConditions"],
            ),
            (
                1,
                |c| c["webhooks"][0]["reinvocationPolicy"] = json!("Never"),
                &["enforce.mutate.cattlegrid.dev reinvocationPolicy"],
            ),
            (
                1,
                |c| c["webhooks"][0]["name"] = json!("other.example.com"),
                &[
                    "enforce.mutate.cattlegrid.dev missing",
                    "other.example.com added",
                ],
            ),
        ];
        for (position, change, expected) in table {
            assert_eq!(lines(position, change), expected);
        }
    }

    #[test]
    fn a_configuration_that_is_gone_is_missing() {
        let found = differences(&configuration(1), None);
        let name = "MutatingWebhookConfiguration/cattlegrid".to_owned();
        assert_eq!(
            found,
            [Difference {
                name,
                what: What::Missing
            }]
        );
    }
}

//! What policies and bindings match, in words.

use admission_policy::matching::MatchResources;
use admission_policy::matching::rule::{Operations, Rule, Scope};
use admission_policy::matching::selector::{Operator, Requirement, Selector};
use admission_policy::request::Operation;
use admission_policy::set::compiled::Binding;
use serde::Serialize;

/// Some operations on some resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Such as `create`.
    pub operations: Vec<&'static str>,
    /// As kubectl names them: `jobs.batch`, `pods/exec`.
    pub resources: Vec<String>,
    /// Whether they are left out again.
    pub except: bool,
}

/// A binding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// Its name.
    pub name: String,
    /// `Deny`, `Warn`, `Audit`; none for a mutation.
    pub actions: Vec<&'static str>,
    /// Which namespaces, as kubectl writes a selector; empty for all.
    pub namespaces: String,
    /// Which objects; empty for all.
    pub objects: String,
    /// Which resources, where it is fewer than the policy judges.
    pub resources: Vec<Judged>,
}

/// The rules of a policy; resources with the same operations are told together.
pub(super) fn judged(resources: &MatchResources) -> Vec<Judged> {
    let mut judged: Vec<Judged> = Vec::new();
    let included = resources.rules.iter().map(|rule| (rule, false));
    let excluded = resources.exclude_rules.iter().map(|rule| (rule, true));
    for (rule, except) in included.chain(excluded) {
        let operations = operations(rule.operations);
        let resources = names(rule);
        let same = |known: &&mut Judged| known.operations == operations && known.except == except;
        match judged.iter_mut().find(same) {
            Some(known) => known.resources.extend(resources),
            None => judged.push(Judged {
                operations,
                resources,
                except,
            }),
        }
    }
    judged
}

pub(super) fn bound(binding: &Binding) -> Bound {
    let actions = [
        (binding.actions.deny, "Deny"),
        (binding.actions.warn, "Warn"),
        (binding.actions.audit, "Audit"),
    ];
    let resources = binding.resources.as_deref();
    let selector = |of: fn(&MatchResources) -> &Selector| {
        resources
            .map(|resources| written(of(resources)))
            .unwrap_or_default()
    };
    Bound {
        name: binding.name.to_string(),
        actions: actions
            .into_iter()
            .filter_map(|(wanted, name)| wanted.then_some(name))
            .collect(),
        namespaces: selector(|resources| &resources.namespace_selector),
        objects: selector(|resources| &resources.object_selector),
        resources: resources.map(judged).unwrap_or_default(),
    }
}

fn operations(operations: Operations) -> Vec<&'static str> {
    let name = |operation| match operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
        Operation::Connect => "connect",
    };
    operations.iter().map(name).collect()
}

/// The resources of a rule as kubectl names them.
fn names(rule: &Rule) -> Vec<String> {
    let mut names = Vec::new();
    for group in &rule.api_groups {
        for resource in &rule.resources {
            let mut name = full_name(group, resource);
            if rule.scope == Scope::Cluster && resource.contains('*') {
                name.push_str(" (cluster-scoped)");
            } else if rule.scope == Scope::Namespaced && resource.contains('*') {
                name.push_str(" (in namespaces)");
            }
            if !rule.resource_names.is_empty() {
                name.push_str(&format!(" named {}", rule.resource_names.join(" or ")));
            }
            names.push(name);
        }
    }
    names
}

fn full_name(group: &str, resource: &str) -> String {
    let (plural, subresource) = match resource.split_once('/') {
        Some((plural, subresource)) => (plural, Some(subresource)),
        None => (resource, None),
    };
    let mut name = plural.to_owned();
    if !group.is_empty() {
        name.push('.');
        name.push_str(group);
    }
    if let Some(subresource) = subresource {
        name.push('/');
        name.push_str(subresource);
    }
    name
}

/// A selector as kubectl's `--selector` has it.
fn written(selector: &Selector) -> String {
    let requirement = |requirement: &Requirement| {
        let key = &requirement.key;
        match &requirement.operator {
            Operator::In(values) => match values.as_slice() {
                [value] => format!("{key}={value}"),
                values => format!("{key} in ({})", values.join(",")),
            },
            Operator::NotIn(values) => match values.as_slice() {
                [value] => format!("{key}!={value}"),
                values => format!("{key} notin ({})", values.join(",")),
            },
            Operator::Exists => key.clone(),
            Operator::DoesNotExist => format!("!{key}"),
        }
    };
    let requirements: Vec<String> = selector.requirements.iter().map(requirement).collect();
    requirements.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_named_as_kubectl_names_them() {
        for (group, resource, expected) in [
            ("", "pods", "pods"),
            ("", "pods/exec", "pods/exec"),
            ("batch", "jobs", "jobs.batch"),
            ("apps", "deployments/scale", "deployments.apps/scale"),
            ("*", "*/*", "*.*/*"),
        ] {
            assert_eq!(full_name(group, resource), expected);
        }
    }

    #[test]
    fn selectors_are_written_as_for_kubectl() {
        let requirement = |key: &str, operator| Requirement {
            key: key.to_owned(),
            operator,
        };
        let values = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect();
        let selector = Selector {
            requirements: vec![
                requirement("a", Operator::In(values(&["1"]))),
                requirement("b", Operator::NotIn(values(&["1", "2"]))),
                requirement("c", Operator::Exists),
                requirement("d", Operator::DoesNotExist),
            ],
        };
        assert_eq!(written(&selector), "a=1,b notin (1,2),c,!d");
    }
}

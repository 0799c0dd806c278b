//! `matchConstraints` and `matchResources`.

use std::collections::HashSet;

use admission_cel::json::Path;

use super::decode::{Faults, Fields, choose};
use super::names;
use super::selectors::selector;
use crate::matching::MatchResources;
use crate::matching::rule::{MatchPolicy, Operations, Rule, Scope, split_resource};
use crate::request::Operation;

const MATCH_POLICIES: &[(&str, MatchPolicy)] = &[
    ("Equivalent", MatchPolicy::Equivalent),
    ("Exact", MatchPolicy::Exact),
];

const SCOPES: &[(&str, Scope)] = &[
    ("*", Scope::All),
    ("Cluster", Scope::Cluster),
    ("Namespaced", Scope::Namespaced),
];

const OPERATIONS: &[(&str, Option<Operation>)] = &[
    ("*", None),
    ("CONNECT", Some(Operation::Connect)),
    ("CREATE", Some(Operation::Create)),
    ("DELETE", Some(Operation::Delete)),
    ("UPDATE", Some(Operation::Update)),
];

/// Nothing is left to mutate when an object is deleted.
const MUTATED_OPERATIONS: &[(&str, Option<Operation>)] = &[
    ("*", None),
    ("CONNECT", Some(Operation::Connect)),
    ("CREATE", Some(Operation::Create)),
    ("UPDATE", Some(Operation::Update)),
];

/// Reads match resources, as `validateMatchResources` of
/// `pkg/apis/admissionregistration/validation/validation.go` of Kubernetes demands them.
pub(super) fn match_resources(
    mut fields: Fields<'_>,
    mutating: bool,
    faults: &mut Faults<'_>,
) -> MatchResources {
    let operations = if mutating {
        MUTATED_OPERATIONS
    } else {
        OPERATIONS
    };
    let resources = MatchResources {
        rules: rules(&mut fields, "resourceRules", operations, faults),
        exclude_rules: rules(&mut fields, "excludeResourceRules", OPERATIONS, faults),
        namespace_selector: selector(&mut fields, "namespaceSelector", faults).unwrap_or_default(),
        object_selector: selector(&mut fields, "objectSelector", faults).unwrap_or_default(),
        match_policy: fields
            .choice("matchPolicy", MATCH_POLICIES, faults)
            .unwrap_or_default(),
    };
    fields.close(faults);
    resources
}

fn rules(
    fields: &mut Fields<'_>,
    key: &'static str,
    choices: &[(&str, Option<Operation>)],
    faults: &mut Faults<'_>,
) -> Vec<Rule> {
    fields
        .objects(key, faults)
        .into_iter()
        .map(|rule| one_rule(rule, choices, faults))
        .collect()
}

fn one_rule(
    mut fields: Fields<'_>,
    choices: &[(&str, Option<Operation>)],
    faults: &mut Faults<'_>,
) -> Rule {
    let rule = Rule {
        operations: operations(&mut fields, choices, faults),
        api_groups: required_list(&mut fields, "apiGroups", true, faults),
        api_versions: required_list(&mut fields, "apiVersions", false, faults),
        resources: resources(&mut fields, faults),
        resource_names: resource_names(&mut fields, faults),
        scope: fields.choice("scope", SCOPES, faults).unwrap_or_default(),
    };
    fields.close(faults);
    rule
}

fn operations(
    fields: &mut Fields<'_>,
    choices: &[(&str, Option<Operation>)],
    faults: &mut Faults<'_>,
) -> Operations {
    let entries = fields.strings("operations", faults);
    let path = fields.path("operations");
    check_list(&path, entries.iter().map(|(_, text)| *text), faults);
    entries
        .into_iter()
        .filter_map(|(path, text)| choose(text, path, choices, faults))
        .fold(Operations::default(), |set, operation| match operation {
            Some(operation) => set.with(operation),
            None => choices
                .iter()
                .filter_map(|(_, operation)| *operation)
                .fold(set, Operations::with),
        })
}

/// A list that must have items, and none besides a `*`.
fn required_list(
    fields: &mut Fields<'_>,
    key: &'static str,
    empty_allowed: bool,
    faults: &mut Faults<'_>,
) -> Vec<String> {
    let entries = fields.strings(key, faults);
    check_list(
        &fields.path(key),
        entries.iter().map(|(_, text)| *text),
        faults,
    );
    let mut list = Vec::with_capacity(entries.len());
    for (path, text) in entries {
        if text.is_empty() && !empty_allowed {
            faults.add(path, "must not be empty");
        }
        list.push(text.to_owned());
    }
    list
}

fn check_list<'t>(path: &Path, entries: impl Iterator<Item = &'t str>, faults: &mut Faults<'_>) {
    let (mut count, mut wildcard) = (0, false);
    for entry in entries {
        count += 1;
        wildcard |= entry == "*";
    }
    if count == 0 {
        faults.add(path.clone(), "is required");
    } else if count > 1 && wildcard {
        faults.add(path.clone(), "nothing else may stand beside `*`");
    }
}

fn resources(fields: &mut Fields<'_>, faults: &mut Faults<'_>) -> Vec<String> {
    let entries = fields.strings("resources", faults);
    let list_path = fields.path("resources");
    if entries.is_empty() {
        faults.add(list_path.clone(), "is required");
    }
    let mut any_subresource_of: HashSet<&str> = HashSet::new();
    let mut of_any_resource: HashSet<&str> = HashSet::new();
    // Of the entries without subresource the API server looks at the last one only; what it accepts
    // must be accepted here.
    let mut last_is_named = false;
    for (path, entry) in &entries {
        if entry.is_empty() {
            faults.add(path.clone(), "must not be empty");
            continue;
        }
        if !entry.contains('/') {
            last_is_named = *entry != "*";
            continue;
        }
        let (resource, subresource) = split_resource(entry);
        if any_subresource_of.contains(resource) {
            let reason = format!("`{resource}/*` is there already and covers `{entry}`");
            faults.add(path.clone(), reason);
        }
        if of_any_resource.contains(subresource) {
            let reason = format!("`*/{subresource}` is there already and covers `{entry}`");
            faults.add(path.clone(), reason);
        }
        if subresource == "*" {
            any_subresource_of.insert(resource);
        }
        if resource == "*" {
            of_any_resource.insert(subresource);
        }
    }
    let has = |wanted: &str| entries.iter().any(|(_, entry)| *entry == wanted);
    if entries.len() > 1 && has("*/*") {
        faults.add(list_path, "nothing else may stand beside `*/*`");
    } else if has("*") && last_is_named {
        faults.add(list_path, "no other resource may stand beside `*`");
    }
    entries
        .into_iter()
        .map(|(_, entry)| entry.to_owned())
        .collect()
}

fn resource_names(fields: &mut Fields<'_>, faults: &mut Faults<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (path, name) in fields.strings("resourceNames", faults) {
        if let Some(reason) = names::path_segment(name) {
            faults.add(path, format!("`{name}` {reason}"));
        } else if names.iter().any(|earlier| earlier == name) {
            faults.add(path, format!("`{name}` is there already"));
        } else {
            names.push(name.to_owned());
        }
    }
    names
}

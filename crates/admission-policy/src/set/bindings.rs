//! `ValidatingAdmissionPolicyBinding` and `MutatingAdmissionPolicyBinding`.

use std::sync::Arc;

use admission_cel::json::Path;

use super::compiled::{Binding, ParamRef, ParamTarget};
use super::decode::{Faults, Fields, choose};
use super::metadata::Metadata;
use super::names;
use super::resources::match_resources;
use super::selectors::selector;
use crate::finding::Actions;

/// A binding that is not yet connected with its policy.
pub(super) struct Unbound {
    pub(super) binding: Binding,
    /// The policy's name; empty when it is missing.
    pub(super) policy_name: String,
    pub(super) policy_name_path: Path,
    pub(super) param_ref_path: Path,
}

#[derive(Clone, Copy, PartialEq)]
enum Action {
    Deny,
    Warn,
    Audit,
}

const ACTIONS: &[(&str, Action)] = &[
    ("Deny", Action::Deny),
    ("Warn", Action::Warn),
    ("Audit", Action::Audit),
];

const NOT_FOUND_ACTIONS: &[(&str, bool)] = &[("Allow", false), ("Deny", true)];

/// Reads `spec` of a binding. `must_exist_by_default`: API versions that give
/// `parameterNotFoundAction` a default.
pub(super) fn binding(
    mut spec: Fields<'_>,
    metadata: &Metadata,
    mutating: bool,
    must_exist_by_default: bool,
    faults: &mut Faults<'_>,
) -> Unbound {
    let policy_name_path = spec.path("policyName");
    let policy_name = spec.required("policyName", faults);
    if let Some(name) = policy_name
        && let Some(reason) = names::dns_subdomain(name)
    {
        faults.add(policy_name_path.clone(), format!("`{name}` {reason}"));
    }
    let param_ref_path = spec.path("paramRef");
    let param_ref = spec
        .child("paramRef", faults)
        .and_then(|fields| param_ref(fields, must_exist_by_default, faults));
    let resources = spec
        .child("matchResources", faults)
        .map(|fields| Arc::new(match_resources(fields, mutating, faults)));
    let actions = if mutating {
        Actions {
            deny: true,
            ..Actions::default()
        }
    } else {
        actions(&mut spec, faults)
    };
    spec.close(faults);
    Unbound {
        binding: Binding {
            name: metadata.name.as_str().into(),
            resources,
            param_ref,
            actions,
        },
        policy_name: policy_name.unwrap_or_default().to_owned(),
        policy_name_path,
        param_ref_path,
    }
}

fn actions(spec: &mut Fields<'_>, faults: &mut Faults<'_>) -> Actions {
    let entries = spec.strings("validationActions", faults);
    let list_path = spec.path("validationActions");
    if entries.is_empty() {
        faults.add(list_path.clone(), "at least one action is required");
    }
    let mut seen: Vec<Action> = Vec::new();
    for (path, text) in entries {
        if let Some(action) = choose(text, path.clone(), ACTIONS, faults) {
            if seen.contains(&action) {
                faults.add(path, format!("`{text}` is there already"));
            } else {
                seen.push(action);
            }
        }
    }
    let actions = Actions {
        deny: seen.contains(&Action::Deny),
        warn: seen.contains(&Action::Warn),
        audit: seen.contains(&Action::Audit),
    };
    if actions.deny && actions.warn {
        faults.add(
            list_path,
            "Deny and Warn exclude each other: a refusal says everything that a warning would",
        );
    }
    actions
}

fn param_ref(
    mut fields: Fields<'_>,
    must_exist_by_default: bool,
    faults: &mut Faults<'_>,
) -> Option<ParamRef> {
    let path = fields.at().clone();
    let name = fields
        .string("name", faults)
        .filter(|name| !name.is_empty());
    if let Some(name) = name
        && let Some(reason) = names::path_segment(name)
    {
        faults.add(fields.path("name"), format!("`{name}` {reason}"));
    }
    let namespace = fields
        .string("namespace", faults)
        .filter(|namespace| !namespace.is_empty());
    let selector = selector(&mut fields, "selector", faults);
    let action_path = fields.path("parameterNotFoundAction");
    let must_exist = match fields.string("parameterNotFoundAction", faults) {
        Some(text) if !text.is_empty() => choose(text, action_path, NOT_FOUND_ACTIONS, faults),
        _ if must_exist_by_default => Some(true),
        _ => {
            faults.add(action_path, "is required: `Allow` or `Deny`");
            None
        }
    };
    fields.close(faults);
    let target = match (name, selector) {
        (Some(name), None) => ParamTarget::Name(name.to_owned()),
        (None, Some(selector)) => ParamTarget::Selector(selector),
        (Some(_), Some(_)) => {
            faults.add(path, "name and selector exclude each other");
            return None;
        }
        (None, None) => {
            faults.add(path, "one of name and selector is required");
            return None;
        }
    };
    Some(ParamRef {
        target,
        namespace: namespace.map(str::to_owned),
        must_exist: must_exist?,
    })
}

//! The baseline's actions, as `validationActions` of bindings.

use admission_policy::decide::PolicyAction;
use serde_json::{Value, json};

use super::objects::Bound;
use super::remarks::Remarks;
use crate::baseline::Baseline;

/// Caps the actions of all bindings; policies that are off are left out.
pub fn apply(bound: &mut Vec<Bound>, baseline: &Baseline, remarks: &mut Remarks) {
    let action = |bound: &Bound| baseline.actions().get(bound.name()).copied();
    for off in bound
        .iter()
        .filter(|b| action(b) == Some(PolicyAction::Off))
    {
        remarks.add(format!(
            "{} is off in the baseline and left out.",
            off.name()
        ));
    }
    bound.retain(|bound| action(bound) != Some(PolicyAction::Off));
    for policy in bound.iter_mut().filter(|bound| !bound.mutates()) {
        let Some(cap) = action(policy) else { continue };
        for binding in &mut policy.bindings {
            if let Some(actions) = binding.pointer_mut("/spec/validationActions") {
                *actions = capped(actions, cap);
            }
        }
    }
}

fn capped(actions: &Value, cap: PolicyAction) -> Value {
    let has = |name: &str| {
        actions
            .as_array()
            .is_some_and(|all| all.iter().any(|a| a == name))
    };
    match cap {
        PolicyAction::Warn if has("Deny") => json!(["Warn", "Audit"]),
        PolicyAction::Audit | PolicyAction::Off => json!(["Audit"]),
        PolicyAction::Deny | PolicyAction::Warn => actions.clone(),
    }
}

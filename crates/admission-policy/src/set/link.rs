//! Connecting policies with their bindings.

use std::collections::HashMap;

use admission_cel::json::Path;

use super::bindings::Unbound;
use super::compiled::{Binding, MutatingPolicy, ValidatingPolicy};
use super::digest::digest;
use super::index::Index;
use super::load::{Content, Kind, Loaded};
use super::sharing::Sharing;
use super::{LoadError, PolicySet};

/// Makes a policy set of what was loaded.
///
/// # Errors
/// Everything that is wrong, in the order of the documents.
pub(super) fn link(mut loaded: Vec<Loaded<'_>>) -> Result<PolicySet, Vec<LoadError>> {
    let first = refuse_duplicates(&mut loaded);
    let mut warnings = Vec::new();
    refuse_unbound(&mut loaded, &first, &mut warnings);
    let digest = set_digest(&loaded);
    let mut set = Parts::default();
    let mut errors = Vec::new();
    for item in loaded {
        let kind = item.kind;
        errors.extend(item.faults.into_errors());
        match item.content {
            Content::Validating(policy) => set.validating.push(*policy),
            Content::Mutating(policy) => set.mutating.push(*policy),
            Content::Binding(unbound) => set.bindings.push((kind.policy(), *unbound)),
            Content::Nothing => {}
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let (mut validating, mut mutating) = set.connect();
    let mut of_validating = Sharing::default();
    let mut of_mutating = Sharing::default();
    for policy in &mut validating {
        of_validating.unite(&mut policy.definition, &mut policy.bindings);
    }
    for policy in &mut mutating {
        of_mutating.unite(&mut policy.definition, &mut policy.bindings);
    }
    Ok(PolicySet {
        validating_index: Index::new(validating.iter().map(|policy| &policy.definition)),
        mutating_index: Index::new(mutating.iter().map(|policy| &policy.definition)),
        validating_shared: of_validating.counts(),
        mutating_shared: of_mutating.counts(),
        validating,
        mutating,
        warnings,
        digest,
    })
}

/// Where each policy and binding is, by kind and name; of several with one name the first.
type First = HashMap<(Kind, String), usize>;

fn refuse_duplicates(loaded: &mut [Loaded<'_>]) -> First {
    let mut first = First::new();
    let mut duplicates = Vec::new();
    for (position, item) in loaded.iter().enumerate() {
        if item.name.is_empty() {
            continue;
        }
        let earlier = *first
            .entry((item.kind, item.name.clone()))
            .or_insert(position);
        if earlier != position
            && let Some(earlier) = loaded.get(earlier)
        {
            let reason = format!(
                "there is already a {} `{}`, in {}, document {}",
                item.kind.name(),
                item.name,
                earlier.document.source,
                earlier.document.index + 1
            );
            duplicates.push((position, reason));
        }
    }
    for (position, reason) in duplicates {
        if let Some(item) = loaded.get_mut(position) {
            let path = item.path(&["metadata", "name"]);
            item.faults.add(path, reason);
        }
    }
    first
}

/// Refuses bindings without policy, and warns of policies without binding and of parameters that
/// do not reach their policy.
fn refuse_unbound(loaded: &mut [Loaded<'_>], first: &First, warnings: &mut Vec<LoadError>) {
    let mut is_bound = vec![false; loaded.len()];
    let mut orphans = Vec::new();
    for (position, item) in loaded.iter().enumerate() {
        let Content::Binding(unbound) = &item.content else {
            continue;
        };
        if unbound.policy_name.is_empty() {
            continue;
        }
        match first.get(&(item.kind.policy(), unbound.policy_name.clone())) {
            Some(policy) => {
                if let Some(flag) = is_bound.get_mut(*policy) {
                    *flag = true;
                }
                if let Some(policy) = loaded.get(*policy) {
                    warnings.extend(param_warning(item, unbound, policy));
                }
            }
            None => orphans.push((
                position,
                unbound.policy_name_path.clone(),
                orphan(item, unbound),
            )),
        }
    }
    for (position, path, reason) in orphans {
        if let Some(item) = loaded.get_mut(position) {
            item.faults.add(path, reason);
        }
    }
    for (item, is_bound) in loaded.iter().zip(is_bound) {
        let is_policy = item.kind == item.kind.policy();
        if is_policy && !is_bound && !item.name.is_empty() {
            let reason = "no binding names this policy, so it has no effect; add one";
            warnings.push(warning(item, item.path(&["metadata", "name"]), reason));
        }
    }
}

fn orphan(item: &Loaded<'_>, unbound: &Unbound) -> String {
    format!(
        "there is no {} `{}` among the given files, so the binding has no effect; add the policy \
         or remove the binding",
        item.kind.policy().name(),
        unbound.policy_name
    )
}

fn param_warning(item: &Loaded<'_>, unbound: &Unbound, policy: &Loaded<'_>) -> Option<LoadError> {
    let definition = match &policy.content {
        Content::Validating(policy) => &policy.definition,
        Content::Mutating(policy) => &policy.definition,
        Content::Binding(_) | Content::Nothing => return None,
    };
    let reason = match (&definition.param_kind, &unbound.binding.param_ref) {
        (None, Some(_)) => "is ignored, since the policy has no paramKind",
        (Some(_), None) => "is absent although the policy has a paramKind: `params` will be null",
        _ => return None,
    };
    Some(warning(item, unbound.param_ref_path.clone(), reason))
}

fn warning(item: &Loaded<'_>, path: Path, reason: &str) -> LoadError {
    LoadError {
        source_name: item.document.source.to_owned(),
        index: item.document.index,
        path,
        offset: None,
        reason: reason.to_owned(),
    }
}

fn set_digest(loaded: &[Loaded<'_>]) -> String {
    let mut ordered: Vec<_> = loaded
        .iter()
        .map(|item| (item.kind, &item.name, item.canonical.as_str()))
        .collect();
    ordered.sort_unstable();
    digest(ordered.into_iter().map(|(_, _, canonical)| canonical))
}

#[derive(Default)]
struct Parts {
    validating: Vec<ValidatingPolicy>,
    mutating: Vec<MutatingPolicy>,
    bindings: Vec<(Kind, Unbound)>,
}

impl Parts {
    fn connect(self) -> (Vec<ValidatingPolicy>, Vec<MutatingPolicy>) {
        let mut bindings: HashMap<(Kind, String), Vec<Binding>> = HashMap::new();
        for (kind, unbound) in self.bindings {
            bindings
                .entry((kind, unbound.policy_name))
                .or_default()
                .push(unbound.binding);
        }
        let mut of = |kind, name: &str| {
            let mut own = bindings
                .remove(&(kind, name.to_owned()))
                .unwrap_or_default();
            own.sort_by(|a, b| a.name.cmp(&b.name));
            own
        };
        let mut validating = self.validating;
        for policy in &mut validating {
            policy.bindings = of(Kind::ValidatingPolicy, &policy.definition.name);
            drop_unused_params(policy.definition.param_kind.is_some(), &mut policy.bindings);
        }
        let mut mutating = self.mutating;
        for policy in &mut mutating {
            policy.bindings = of(Kind::MutatingPolicy, &policy.definition.name);
            drop_unused_params(policy.definition.param_kind.is_some(), &mut policy.bindings);
        }
        validating.sort_by(|a, b| a.definition.name.cmp(&b.definition.name));
        mutating.sort_by(|a, b| a.definition.name.cmp(&b.definition.name));
        (validating, mutating)
    }
}

fn drop_unused_params(has_params: bool, bindings: &mut [Binding]) {
    if !has_params {
        for binding in bindings {
            binding.param_ref = None;
        }
    }
}

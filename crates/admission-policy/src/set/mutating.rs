//! `MutatingAdmissionPolicy`.

use super::compiled::{MutatingPolicy, Mutation};
use super::decode::{Faults, Fields, choose};
use super::definition::definition;
use super::expressions::Expressions;
use super::metadata::Metadata;

const REINVOCATION_POLICIES: &[(&str, bool)] = &[("Never", false), ("IfNeeded", true)];

#[derive(Clone, Copy, PartialEq)]
enum PatchType {
    ApplyConfiguration,
    JsonPatch,
}

const PATCH_TYPES: &[(&str, PatchType)] = &[
    ("ApplyConfiguration", PatchType::ApplyConfiguration),
    ("JSONPatch", PatchType::JsonPatch),
];

/// Reads and compiles `spec`. What is returned is complete only if no fault was found.
pub(super) fn policy(
    mut spec: Fields<'_>,
    metadata: &Metadata,
    faults: &mut Faults<'_>,
) -> MutatingPolicy {
    let (definition, mut expressions) = definition(&mut spec, metadata, true, faults);
    expressions.begin_mutations();
    let entries = spec.objects("mutations", faults);
    if entries.is_empty() {
        faults.add(spec.path("mutations"), "is required");
    }
    let mutations = entries
        .into_iter()
        .filter_map(|fields| mutation(fields, &expressions, faults))
        .collect();
    let path = spec.path("reinvocationPolicy");
    let reinvoke_if_needed = spec
        .required("reinvocationPolicy", faults)
        .and_then(|text| choose(text, path, REINVOCATION_POLICIES, faults))
        .unwrap_or_default();
    spec.close(faults);
    MutatingPolicy {
        definition,
        mutations,
        reinvoke_if_needed,
        bindings: Vec::new(),
    }
}

fn mutation(
    mut fields: Fields<'_>,
    expressions: &Expressions,
    faults: &mut Faults<'_>,
) -> Option<Mutation> {
    let path = fields.path("patchType");
    let patch_type = fields
        .required("patchType", faults)
        .and_then(|text| choose(text, path, PATCH_TYPES, faults));
    let apply = fields.child("applyConfiguration", faults);
    let patch = fields.child("jsonPatch", faults);
    let (wanted, other) = match patch_type? {
        PatchType::ApplyConfiguration => ("applyConfiguration", "jsonPatch"),
        PatchType::JsonPatch => ("jsonPatch", "applyConfiguration"),
    };
    let (body, excess) = match patch_type? {
        PatchType::ApplyConfiguration => (apply, patch),
        PatchType::JsonPatch => (patch, apply),
    };
    if excess.is_some() {
        let reason = format!("is not allowed beside a patchType that means `{wanted}`");
        faults.add(fields.path(other), reason);
    }
    if body.is_none() && fields.get(wanted).is_none() {
        faults.add(fields.path(wanted), "is required by this patchType");
    }
    fields.close(faults);
    let mut body = body?;
    let path = body.path("expression");
    let source = body.required("expression", faults);
    body.close(faults);
    let source = source?;
    match patch_type? {
        PatchType::ApplyConfiguration => expressions
            .apply_configuration(source, path, faults)
            .map(Mutation::ApplyConfiguration),
        PatchType::JsonPatch => expressions
            .json_patch(source, path, faults)
            .map(Mutation::JsonPatch),
    }
}

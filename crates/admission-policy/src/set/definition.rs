//! The parts of `spec` that validating and mutating policies share.

use std::collections::HashSet;
use std::sync::Arc;

use super::compiled::{Definition, MatchCondition, ParamKind, Variable};
use super::decode::{Faults, Fields};
use super::expressions::Expressions;
use super::metadata::Metadata;
use super::names;
use super::resources::match_resources;
use super::{CONFIDENTIAL, REMEDIATION};

const FAILURE_POLICIES: &[(&str, bool)] = &[("Fail", false), ("Ignore", true)];

/// How many match conditions a policy may have.
const MATCH_CONDITIONS_MAX: usize = 64;

/// How many variables a policy may have. The API server has no such limit; here a chain of variables
/// takes stack, and a policy must not be able to overflow it.
const VARIABLES_MAX: usize = 128;

/// Reads and compiles the shared parts, and gives the environments in which to compile the rest.
pub(super) fn definition(
    spec: &mut Fields<'_>,
    metadata: &Metadata,
    mutating: bool,
    faults: &mut Faults<'_>,
) -> (Definition, Expressions) {
    let has_params = spec.get("paramKind").is_some();
    let has_variables = spec
        .get("variables")
        .and_then(|variables| variables.as_array())
        .is_some_and(|variables| !variables.is_empty());
    let mut expressions = Expressions::new(faults.minor(), has_params, has_variables || mutating);
    let definition = Definition {
        name: metadata.name.as_str().into(),
        remediation: metadata
            .annotations
            .get(REMEDIATION)
            .map(|text| Arc::from(text.as_str())),
        is_confidential: metadata
            .annotations
            .get(CONFIDENTIAL)
            .is_some_and(|value| value == "true"),
        annotations: metadata.annotations.clone(),
        ignores_errors: spec
            .choice("failurePolicy", FAILURE_POLICIES, faults)
            .unwrap_or_default(),
        param_kind: param_kind(spec, faults),
        constraints: constraints(spec, mutating, faults).into(),
        conditions: conditions(spec, &expressions, faults),
        variables: variables(spec, &mut expressions, faults),
    };
    (definition, expressions)
}

fn constraints(
    spec: &mut Fields<'_>,
    mutating: bool,
    faults: &mut Faults<'_>,
) -> crate::matching::MatchResources {
    let path = spec.path("matchConstraints");
    if spec.get("matchConstraints").is_none() {
        faults.add(path, "is required");
        return Default::default();
    }
    let Some(fields) = spec.child("matchConstraints", faults) else {
        return Default::default();
    };
    let resources = match_resources(fields, mutating, faults);
    if resources.rules.is_empty() {
        faults.add(path.key("resourceRules"), "is required");
    }
    resources
}

fn param_kind(spec: &mut Fields<'_>, faults: &mut Faults<'_>) -> Option<ParamKind> {
    let mut fields = spec.child("paramKind", faults)?;
    let api_version = fields.required("apiVersion", faults);
    if let Some(text) = api_version {
        let (group, version) = text.split_once('/').unwrap_or(("", text));
        let reason = if version.is_empty() {
            Some("must name a version")
        } else if version.contains('/') {
            Some("must be `group/version` or `version`")
        } else if group.is_empty() {
            names::dns_1035_label(version)
        } else {
            names::dns_subdomain(group).or_else(|| names::dns_1035_label(version))
        };
        if let Some(reason) = reason {
            faults.add(fields.path("apiVersion"), format!("`{text}` {reason}"));
        }
    }
    let kind = fields.required("kind", faults);
    if let Some(kind) = kind
        && let Some(reason) = names::dns_1035_label(&kind.to_lowercase())
    {
        let reason = format!("`{kind}` may have capitals, and otherwise {reason}");
        faults.add(fields.path("kind"), reason);
    }
    fields.close(faults);
    Some(ParamKind {
        api_version: api_version?.to_owned(),
        kind: kind?.to_owned(),
    })
}

fn conditions(
    spec: &mut Fields<'_>,
    expressions: &Expressions,
    faults: &mut Faults<'_>,
) -> Vec<MatchCondition> {
    let entries = spec.objects("matchConditions", faults);
    if entries.len() > MATCH_CONDITIONS_MAX {
        let reason = format!("at most {MATCH_CONDITIONS_MAX} are allowed");
        faults.add(spec.path("matchConditions"), reason);
    }
    let mut seen = HashSet::new();
    let mut conditions = Vec::new();
    for mut fields in entries {
        let name = fields.required("name", faults);
        if let Some(name) = name {
            if let Some(reason) = names::qualified_name(name) {
                faults.add(fields.path("name"), format!("`{name}` {reason}"));
            }
            if !seen.insert(name) {
                faults.add(fields.path("name"), format!("`{name}` is there already"));
            }
        }
        let path = fields.path("expression");
        let program = fields
            .required("expression", faults)
            .and_then(|source| expressions.condition(source, path, faults));
        fields.close(faults);
        if let (Some(name), Some(program)) = (name, program) {
            conditions.push(MatchCondition {
                name: name.to_owned(),
                program,
                number: 0,
            });
        }
    }
    conditions
}

fn variables(
    spec: &mut Fields<'_>,
    expressions: &mut Expressions,
    faults: &mut Faults<'_>,
) -> Vec<Variable> {
    let entries = spec.objects("variables", faults);
    if entries.len() > VARIABLES_MAX {
        let reason = format!("at most {VARIABLES_MAX} are allowed");
        faults.add(spec.path("variables"), reason);
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut variables = Vec::new();
    for mut fields in entries {
        let name = fields.required("name", faults);
        if let Some(name) = name {
            if let Some(reason) = names::cel_identifier(name) {
                faults.add(fields.path("name"), format!("`{name}` {reason}"));
            }
            if !seen.insert(name) {
                faults.add(fields.path("name"), format!("`{name}` is there already"));
            }
        }
        let path = fields.path("expression");
        let source = fields.required("expression", faults);
        fields.close(faults);
        if let (Some(name), Some(source)) = (name, source)
            && let Some(program) = expressions.variable(name, source, path, faults)
        {
            variables.push(Variable {
                name: name.to_owned(),
                program,
                number: 0,
            });
        }
    }
    variables
}
